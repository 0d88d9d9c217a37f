// SPDX-License-Identifier: GPL-2.0
/*
 * Makes each hypercall of using MSI-X fail in turn: the device is in legal
 * hands, and the next use works and leaves no vector behind. Needs xen-iommu
 * with fault injection.
 *
 * usage: fault-msix e1000e|igb|igbvf SBDF [ERRNO]
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inject.h"
#include "irq.h"
#include "nic.h"
#include "open.h"
#include "tap.h"
#include "util.h"

#define MSIX VFIO_PCI_MSIX_IRQ_INDEX
#define NTH_MAX 100

static const char *kind, *sbdf;
static void *memory;

struct use {
	struct opened o;
	struct nic n;
	int fds[NIC_VECTORS_MAX];
	bool opened, enabled;
};

static int open_device(struct use *u)
{
	int ret = opened_open(&u->o, sbdf);

	if (ret)
		return ret;
	u->opened = true;
	ret = nic_init(&u->n, &u->o.device, kind);
	if (!ret)
		nic_arm(&u->n);
	return ret;
}

static int enable(struct use *u)
{
	int ret = irq_enable(&u->o.device, MSIX, 0, u->n.nr_vectors, u->fds);

	u->enabled = !ret;
	return ret;
}

/* The device moves to a shell domain, or back. */
static int map(struct use *u)
{
	return container_map(&u->o.container, memory, GIB(1), PAGE, RW);
}

static int unmap(struct use *u)
{
	return container_unmap(&u->o.container, GIB(1), PAGE, 0, NULL);
}

static int fire(struct use *u)
{
	return nic_all_fire(&u->n, u->fds) ? 0 : -EIO;
}

static int reset(struct use *u)
{
	int ret = device_reset(&u->o.device);

	nic_arm(&u->n);
	return ret;
}

static int disable(struct use *u)
{
	int ret = irq_disable(&u->o.device, MSIX);

	irq_close(u->fds, u->n.nr_vectors);
	u->enabled = false;
	return ret;
}

static int close_device(struct use *u)
{
	if (u->enabled)
		irq_close(u->fds, u->n.nr_vectors);
	nic_fini(&u->n);
	opened_close(&u->o);
	u->opened = false;
	return 0;
}

/* Those that have hypercalls of xen-iommu are the ones to fail. */
static const struct step {
	const char *name;
	int (*run)(struct use *u);
	bool fails;
} steps[] = {
	{ "open", open_device, true },
	{ "enable", enable, true },
	{ "first map while enabled", map, true },
	{ "fire", fire, false },
	{ "reset", reset, false },
	{ "disable", disable, false },
	{ "enable while mapped", enable, true },
	{ "fire again", fire, false },
	{ "last unmap while enabled", unmap, true },
	{ "fire without a map", fire, false },
	{ "close while enabled", close_device, true },
};

/* Vectors of a device that nobody uses: "msi=" in its line. */
static bool vectors_left(void)
{
	FILE *f = fopen("/sys/kernel/debug/xen-iommu/devices", "r");
	size_t n = strlen(sbdf);
	char line[256];
	bool left = false;

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, sbdf, n) && strstr(line, "msi="))
			left = true;
	if (f)
		fclose(f);
	return left;
}

static int whole_use(void)
{
	struct use u = { .opened = false };
	int ret = open_device(&u);

	if (!ret)
		ret = enable(&u);
	if (!ret)
		ret = fire(&u);
	if (!ret)
		ret = map(&u);
	if (!ret)
		ret = fire(&u);
	if (u.opened)
		close_device(&u);
	return ret ? ret : vectors_left() ? -EBUSY : 0;
}

/* True if the nth hypercall of the step was reached, and failed. */
static bool fail_one(const struct step *step, int nth, unsigned int *bad)
{
	struct use u = { .opened = false };
	bool fired = false;
	int ret = 0;

	for (const struct step *at = steps; !ret && at <= step; at++) {
		if (at == step)
			inject_nth(nth);
		ret = at->run(&u);
		if (at != step && ret) {
			comment("%s fails uninvited: %s", at->name, strerror(-ret));
			++*bad;
		}
	}
	fired = inject_fired();
	inject_nth(0);
	*bad += !inject_legal(sbdf, u.opened);
	if (u.opened)
		close_device(&u);
	*bad += !inject_legal(sbdf, false);
	return fired;
}

static void fail_each(const struct step *step)
{
	unsigned int bad = 0, failed = 0;
	int nth, ret;

	for (nth = 1; nth <= NTH_MAX; nth++) {
		if (!fail_one(step, nth, &bad))
			break;
		ret = whole_use();
		if (ret) {
			comment("the use after hypercall %d of \"%s\" fails: %s", nth, step->name,
				strerror(-ret));
			failed++;
		}
	}
	ok(!bad, "%s: the device is in legal hands after each of %d failures", step->name, nth - 1);
	ok(!failed, "%s: the next use works after each, and leaves nothing", step->name);
	ok(nth > 1 && nth <= NTH_MAX, "%s: there were calls to fail, and in the end none does",
	   step->name);
}

int main(int argc, char **argv)
{
	if (argc < 3)
		die("usage: fault-msix e1000e|igb|igbvf SBDF [ERRNO]");
	kind = argv[1];
	sbdf = argv[2];
	memory = pages_alloc(PAGE);
	inject_errno(argc > 3 ? atoi(argv[3]) : ENOMEM);
	ok0(whole_use(), "a whole use works");
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (steps[i].fails)
			fail_each(&steps[i]);
	return tap_status();
}
