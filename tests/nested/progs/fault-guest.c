// SPDX-License-Identifier: GPL-2.0
/*
 * Makes each hypercall of giving a device to a guest fail in turn: it is in legal
 * hands, and the next use works. Needs vfio-xen-iommu with fault injection.
 *
 * usage: fault-guest SBDF DOMID UUID pv|hvm [ERRNO]
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "inject.h"
#include "irq.h"
#include "tap.h"
#include "target.h"
#include "util.h"

#define MSIX VFIO_PCI_MSIX_IRQ_INDEX
#define INTX VFIO_PCI_INTX_IRQ_INDEX
#define GUEST_ADDRESS GIB(3)
#define OTHER_BAR 1
#define OTHER_SIZE KIB(128)
#define OTHER_ADDRESS (GIB(3) + MIB(64))

static struct target guest;
static const char *sbdf;

static struct opened o;
static bool opened;
static void *bar;
static uint64_t bar_size;

static int give(void)
{
	int ret = target_give(&o, &guest, sbdf);

	opened = !ret;
	return ret;
}

/* A PV guest needs no map. */
static int map_bar(void)
{
	bar = device_map_bar(&o.device, 0, &bar_size);
	if (!bar)
		return -ENXIO;
	return guest.hvm ? container_map(&o.container, bar, GUEST_ADDRESS, bar_size, RW) : 0;
}

static int unmap_bar(void)
{
	return guest.hvm ? container_unmap(&o.container, GUEST_ADDRESS, bar_size, 0, NULL) : 0;
}

/* By the device, which needs no mapping here */
static int map_other_bar(void)
{
	return guest.hvm ? target_map_bar(&o.device, OTHER_BAR, 0, OTHER_SIZE, OTHER_ADDRESS) : 0;
}

static int unmap_other_bar(void)
{
	return guest.hvm ? target_unmap_bar(&o.device, OTHER_BAR, 0, OTHER_SIZE, OTHER_ADDRESS) :
			   0;
}

static int connect(unsigned int index, unsigned int count)
{
	struct target_irqs r = target_irqs(index, 0, count);

	r.entry[0].flags |= index == INTX ? VFIO_IRQ_XEN_GUEST_SHARED : 0;
	r.entry[0].slot = 5;
	return target_set_irqs(&o.device, &r);
}

static int connect_msix(void)
{
	return connect(MSIX, 2);
}

static int disconnect_msix(void)
{
	return irq_disable(&o.device, MSIX);
}

static int connect_intx(void)
{
	return connect(INTX, 1);
}

static int disconnect_intx(void)
{
	return irq_disable(&o.device, INTX);
}

static int close_device(void)
{
	if (bar)
		munmap(bar, bar_size);
	opened_close(&o);
	opened = false;
	bar = NULL;
	return 0;
}

static void close_opened(void)
{
	if (opened)
		close_device();
}

static int next_use(void)
{
	static int (*const whole[])(void) = { give, map_bar, map_other_bar, connect_msix,
					      disconnect_msix, connect_intx };
	int ret = 0;

	for (size_t i = 0; !ret && i < ARRAY_SIZE(whole); i++)
		ret = whole[i]();
	close_opened();
	return ret;
}

static bool legal(void)
{
	return inject_legal(sbdf, opened);
}

int main(int argc, char **argv)
{
	bool pv = argc > 4 && !strcmp(argv[4], "pv");
	const struct inject_step steps[] = {
		{ "give", give, false },
		{ "map a BAR", map_bar, pv },
		{ "map a BAR by the device", map_other_bar, pv },
		{ "connect MSI-X", connect_msix, false },
		{ "disconnect MSI-X", disconnect_msix, false },
		{ "connect INTx", connect_intx, false },
		{ "disconnect INTx", disconnect_intx, false },
		{ "unmap the BAR", unmap_bar, pv },
		{ "unmap the other", unmap_other_bar, pv },
		{ "close", close_device, false },
		{ "give again", give, true },
		{ "map it again", map_bar, true },
		{ "map the other again", map_other_bar, true },
		{ "connect again", connect_msix, true },
		{ "close with all", close_device, false },
	};
	const struct inject_use use = {
		.steps = steps,
		.nr_steps = ARRAY_SIZE(steps),
		.legal = legal,
		.close = close_opened,
		.next_use = next_use,
	};

	if (argc < 5)
		die("usage: fault-guest SBDF DOMID UUID pv|hvm [ERRNO]");
	sbdf = argv[1];
	guest = target_parse(argv[2], argv[3], argv[4]);
	inject_errno(argc > 5 ? atoi(argv[5]) : ENOMEM);
	inject_each(&use);
	return tap_status();
}
