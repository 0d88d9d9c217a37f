// SPDX-License-Identifier: GPL-2.0
/*
 * All that VFIO lets a program do with the MSI-X vectors of a device, on a
 * network card that raises any of them on demand.
 *
 * usage: msix-nic e1000e|igb|igbvf SBDF
 */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "irq.h"
#include "nic.h"
#include "open.h"
#include "tap.h"
#include "util.h"

#define MSIX VFIO_PCI_MSIX_IRQ_INDEX
#define MSI VFIO_PCI_MSI_IRQ_INDEX
#define INTX VFIO_PCI_INTX_IRQ_INDEX

static struct opened o;
static struct nic n;
static int fds[NIC_VECTORS_MAX];

static int reset(void)
{
	int ret = device_reset(&o.device);

	nic_arm(&n);
	return ret;
}

static void all_fire(const char *when)
{
	ok(nic_all_fire(&n, fds), "%s: %u vectors arrive, each once and alone", when, n.nr_vectors);
}

static bool enable_all(const char *when)
{
	return ok0(irq_enable(&o.device, MSIX, 0, n.nr_vectors, fds), "%s: enable", when);
}

/* A reset forgets what was raised meanwhile: that would be pending. */
static void disable_all(const char *when)
{
	ok0(irq_disable(&o.device, MSIX), "%s: disable", when);
	for (unsigned int i = 0; i < n.nr_vectors; i++)
		nic_raise(&n, i);
	ok(nic_quiet(fds, n.nr_vectors), "%s: nothing arrives after that", when);
	ok0(reset(), "%s: reset", when);
	irq_close(fds, n.nr_vectors);
}

static void use_all(const char *when)
{
	if (!enable_all(when))
		return;
	all_fire(when);
	disable_all(when);
}

static void reset_while_enabled(void)
{
	if (!enable_all("before a reset"))
		return;
	all_fire("before a reset");
	ok0(reset(), "reset while enabled");
	all_fire("after a reset while enabled");
	disable_all("after a reset while enabled");
}

/* Without dynamic MSI-X the kernel says so, and growing starts from nothing. */
static void grow(void)
{
	uint32_t flags = 0;
	int ret;

	irq_count(&o.device, MSIX, &flags);
	if (!ok0(irq_enable(&o.device, MSIX, 0, 1, fds), "grow: enable vector 0"))
		return;
	ok(nic_fires(&n, 0, fds[0]), "grow: it arrives");
	ret = irq_enable(&o.device, MSIX, 1, n.nr_vectors - 1, fds + 1);
	if (flags & VFIO_IRQ_INFO_NORESIZE) {
		ok(ret == -EINVAL, "grow: NORESIZE is set, and growing in place refused (%d)", ret);
		ok(nic_fires(&n, 0, fds[0]), "grow: vector 0 arrives as before");
		irq_disable(&o.device, MSIX);
		irq_close(fds, 1);
		use_all("grow, from nothing");
		return;
	}
	if (ok0(ret, "grow: enable the others")) {
		all_fire("grow");
		disable_all("grow");
	}
}

/* Another vector is on its way while one changes. */
static void change_one(void)
{
	const unsigned int v = n.nr_vectors / 2;
	unsigned int wrong = 0, failed = 0;
	int old = fds[v], new;

	for (unsigned int i = 0; i < 10; i++) {
		nic_raise(&n, 0);
		new = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		failed += irq_set_fd(&o.device, MSIX, v, new) != 0;
		wrong += irq_wait(fds[0], NIC_WAIT_MS) == 0;
		irq_wait(fds[0], 20);	/* see nic_fires() */
		fds[v] = new;
		wrong += !nic_all_fire(&n, fds);
		wrong += irq_wait(old, 0) != 0;
		close(old);
		old = new;
	}
	ok(!failed, "10 times another eventfd for vector %u", v);
	ok(!wrong, "it arrives at the new one, the others at theirs");
}

/* What a vector raised while it had no eventfd may arrive once it has one. */
static void drop_one(void)
{
	const unsigned int v = n.nr_vectors - 1;
	uint64_t late;

	ok0(irq_set_fd(&o.device, MSIX, v, -1), "take vector %u's eventfd away", v);
	nic_raise(&n, v);
	ok(nic_quiet(fds, n.nr_vectors), "it arrives nowhere");
	ok(nic_fires(&n, 0, fds[0]), "vector 0 does arrive");
	ok0(irq_set_fd(&o.device, MSIX, v, fds[v]), "give it back");
	late = irq_wait(fds[v], 100);
	irq_wait(fds[v], 20);
	ok(late <= 1, "what was raised meanwhile arrives at most once (%llu)", (unsigned long long)late);
	all_fire("after that");
}

static void loopback(void)
{
	uint8_t which[NIC_VECTORS_MAX] = { 0 };
	unsigned int wrong = 0;

	for (unsigned int i = 0; i < n.nr_vectors; i++) {
		wrong += irq_loopback(&o.device, MSIX, i) != 0;
		wrong += irq_wait(fds[i], NIC_WAIT_MS) != 1;
	}
	ok(!wrong && nic_quiet(fds, n.nr_vectors), "loopback of each vector");
	for (unsigned int i = 0; i < n.nr_vectors; i += 2)
		which[i] = 1;
	ok0(irq_loopback_some(&o.device, MSIX, n.nr_vectors, which), "loopback of every other vector");
	for (unsigned int i = 0; i < n.nr_vectors; i++)
		wrong += irq_wait(fds[i], which[i] ? NIC_WAIT_MS : 0) != which[i];
	ok(!wrong, "they arrive, the others don't");
}

/* Under Xen the device moves to another domain with the first map. */
static void across_maps(void)
{
	void *va = pages_alloc(PAGE);

	for (unsigned int i = 0; i < 2; i++) {
		ok0(container_map(&o.container, va, GIB(1), PAGE, RW), "map a page while enabled");
		all_fire("after the map");
		ok0(container_unmap(&o.container, GIB(1), PAGE, 0, NULL), "unmap it");
		all_fire("after the unmap");
	}
	pages_free(va, PAGE);
}

static void too_many(void)
{
	int more[NIC_VECTORS_MAX + 1], ret;

	ret = irq_enable(&o.device, MSIX, 0, n.nr_vectors + 1, more);
	ok(ret == -EINVAL, "%u vectors are refused (%d)", n.nr_vectors + 1, ret);
	ret = irq_enable(&o.device, MSIX, n.nr_vectors, 1, more);
	ok(ret == -EINVAL, "so is vector %u (%d)", n.nr_vectors, ret);
}

/* The card may repeat these as well: see nic.c. */
static bool single_fires(unsigned int index, int fd)
{
	unsigned int got = 0;
	uint64_t last;

	nic_raise_single(&n);
	for (int ms = NIC_WAIT_MS; (last = irq_wait(fd, ms)); ms = 10) {
		got += (unsigned int)last;
		nic_ack_single(&n);
		if (index == INTX)
			irq_unmask(&o.device, index, 0);
	}
	if (got < 1 || got > 2)
		comment("it arrives %u times", got);
	return got == 1 || got == 2;
}

static void single(unsigned int index, const char *name)
{
	unsigned int got = 0;
	int fd, ret = irq_enable(&o.device, index, 0, 1, &fd), busy[NIC_VECTORS_MAX];

	if (!ok0(ret, "%s: enable", name))
		return;
	nic_arm_single(&n);
	for (unsigned int i = 0; i < 20; i++)
		got += single_fires(index, fd);
	ok(got == 20, "%s: %u of 20 arrive", name, got);
	ret = irq_enable(&o.device, MSIX, 0, n.nr_vectors, busy);
	ok(ret == -EINVAL, "%s: MSI-X is refused meanwhile (%d)", name, ret);
	ok0(irq_disable(&o.device, index), "%s: disable", name);
	nic_raise_single(&n);
	ok(irq_wait(fd, 50) == 0, "%s: nothing arrives after that", name);
	nic_ack_single(&n);
	irq_close(&fd, 1);
	nic_arm(&n);
}

static void switch_kinds(void)
{
	single(INTX, "INTx");
	use_all("MSI-X after INTx");
	single(INTX, "INTx again");
	single(MSI, "MSI");
	use_all("MSI-X after MSI");
	single(MSI, "MSI again");
	use_all("MSI-X after MSI again");
}

int main(int argc, char **argv)
{
	if (argc != 3)
		die("usage: msix-nic e1000e|igb|igbvf SBDF");
	opened_must_open(&o, argv[2]);
	if (nic_init(&n, &o.device, argv[1]))
		die("%s has no registers", argv[2]);
	ok(irq_count(&o.device, MSIX, NULL) == (int)n.nr_vectors, "%s: there are %u vectors",
	   argv[1], n.nr_vectors);
	ok0(reset(), "reset");
	use_all("first use");
	use_all("second use");
	reset_while_enabled();
	grow();
	if (enable_all("changes")) {
		change_one();
		drop_one();
		loopback();
		across_maps();
		disable_all("changes");
	}
	too_many();
	if (!strcmp(argv[1], "e1000e"))
		switch_kinds();
	use_all("last use");
	nic_fini(&n);
	opened_close(&o);
	return tap_status();
}
