// SPDX-License-Identifier: GPL-2.0
/*
 * Makes each hypercall of using MSI-X and MSI fail in turn: the device is in
 * legal hands, and the next use works and leaves no vector behind. Needs
 * vfio-xen-iommu with fault injection.
 *
 * usage: fault-msix e1000e SBDF [ERRNO]
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inject.h"
#include "irq.h"
#include "nic.h"
#include "open.h"
#include "owner.h"
#include "tap.h"
#include "util.h"

#define MSIX VFIO_PCI_MSIX_IRQ_INDEX
#define MSI VFIO_PCI_MSI_IRQ_INDEX

#define FORGET_NTH_MAX 200

static const char *kind, *sbdf;
static void *memory;

static struct opened o;
static struct nic n;
static int fds[NIC_VECTORS_MAX], msi_fd;
static bool opened, enabled, msi_enabled;

static int open_device(void)
{
	int ret = opened_open(&o, sbdf);

	if (ret)
		return ret;
	opened = true;
	ret = nic_init(&n, &o.device, kind);
	if (!ret)
		nic_arm(&n);
	return ret;
}

static int enable(void)
{
	int ret = irq_enable(&o.device, MSIX, 0, n.nr_vectors, fds);

	enabled = !ret;
	return ret;
}

/* The device moves to a shell domain, or back. */
static int map(void)
{
	return container_map(&o.container, memory, GIB(1), PAGE, RW);
}

static int unmap(void)
{
	return container_unmap(&o.container, GIB(1), PAGE, 0, NULL);
}

static int fire(void)
{
	return nic_all_fire(&n, fds) ? 0 : -EIO;
}

static int reset(void)
{
	int ret = device_reset(&o.device);

	nic_arm(&n);
	return ret;
}

static int disable(void)
{
	int ret = irq_disable(&o.device, MSIX);

	irq_close(fds, n.nr_vectors);
	enabled = false;
	return ret;
}

/* The other kind of interrupt, for which the device is dom0's for a moment. */
static int enable_msi(void)
{
	int ret = irq_enable(&o.device, MSI, 0, 1, &msi_fd);

	msi_enabled = !ret;
	if (!ret)
		nic_arm_single(&n);
	return ret;
}

static int fire_msi(void)
{
	nic_raise_single(&n);
	return irq_wait(msi_fd, NIC_WAIT_MS) ? 0 : -EIO;
}

static int disable_msi(void)
{
	int ret = irq_disable(&o.device, MSI);

	nic_ack_single(&n);
	irq_close(&msi_fd, 1);
	msi_enabled = false;
	nic_arm(&n);
	return ret;
}

static int close_device(void)
{
	if (enabled)
		irq_close(fds, n.nr_vectors);
	if (msi_enabled)
		irq_close(&msi_fd, 1);
	nic_fini(&n);
	opened_close(&o);
	opened = enabled = msi_enabled = false;
	return 0;
}

static const struct inject_step steps[] = {
	{ "open", open_device, false },
	{ "enable", enable, false },
	{ "first map while enabled", map, false },
	{ "fire", fire, true },
	{ "reset", reset, true },
	{ "disable", disable, true },
	{ "enable while mapped", enable, false },
	{ "fire again", fire, true },
	{ "disable again", disable, true },
	{ "MSI while mapped", enable_msi, false },
	{ "fire MSI", fire_msi, true },
	{ "disable MSI", disable_msi, true },
	{ "MSI-X after MSI", enable, false },
	{ "fire after MSI", fire, true },
	{ "last unmap while enabled", unmap, false },
	{ "fire without a map", fire, true },
	{ "disable without a map", disable, true },
	{ "MSI without a map", enable_msi, false },
	{ "fire MSI without a map", fire_msi, true },
	{ "close with MSI", close_device, false },
	{ "open again", open_device, true },
	{ "enable once more", enable, true },
	{ "close while enabled", close_device, false },
};

static void close_opened(void)
{
	if (opened)
		close_device();
}

static int next_use(void)
{
	static int (*const whole[])(void) = { open_device, enable, fire, map, fire };
	int ret = 0;

	for (size_t i = 0; !ret && i < ARRAY_SIZE(whole); i++)
		ret = whole[i]();
	close_opened();
	return ret ? ret : owner_has(sbdf, "msi=") ? -EBUSY : 0;
}

static bool legal(void)
{
	return inject_legal(sbdf, opened);
}

/*
 * Two more calls fail, so that Xen does not take the device back into quarantine and has
 * to forget it.
 */
static bool forgets(int nth, bool *fired)
{
	bool forgotten;

	if (open_device() || map())
		die("%s can't be used", sbdf);
	inject_nth(nth);
	inject_next(2);
	enable_msi();
	*fired = inject_fired();
	inject_nth(0);
	inject_next(0);
	forgotten = owner_has(sbdf, "forgotten=1");
	close_opened();
	return forgotten;
}

static void forgotten_comes_back(void)
{
	unsigned int nr = 0, unusable = 0;
	bool fired = true;

	for (int nth = 1; fired && nth <= FORGET_NTH_MAX; nth++) {
		if (!forgets(nth, &fired))
			continue;
		nr++;
		unusable += owner_has(sbdf, "forgotten=1") || next_use();
	}
	ok(!fired && nr, "Xen has forgotten the device %u times", nr);
	ok(!unusable, "the next use works after each of them");
}

int main(int argc, char **argv)
{
	const struct inject_use use = {
		.steps = steps,
		.nr_steps = ARRAY_SIZE(steps),
		.legal = legal,
		.close = close_opened,
		.next_use = next_use,
	};

	if (argc < 3)
		die("usage: fault-msix e1000e SBDF [ERRNO]");
	kind = argv[1];
	sbdf = argv[2];
	memory = pages_alloc(PAGE);
	inject_errno(argc > 3 ? atoi(argv[3]) : ENOMEM);
	inject_each(&use);
	forgotten_comes_back();
	return tap_status();
}
