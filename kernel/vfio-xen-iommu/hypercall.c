// SPDX-License-Identifier: GPL-2.0
/*
 * The hypercall layer: issues, counts and traces hypercalls.
 *
 * No policy here: callers decide which calls to make, and what a failure means.
 * domctl_abi.c knows the layout of the calls.
 */
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/timex.h>

#include <asm/e820/types.h>
#include <asm/xen/hypercall.h>
#include <xen/interface/event_channel.h>
#include <xen/interface/memory.h>
#include <xen/interface/physdev.h>
#include <xen/interface/version.h>
#include <xen/page.h>

#include "domctl_abi.h"
#include "fault.h"
#include "hypercall.h"
#include "sbdf.h"
#include "stats.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/* memory_op 27 and its structures, which Linux's headers lack */
#define XENMEM_reserved_device_memory_map	27

struct xen_reserved_device_memory {
	xen_pfn_t start_pfn;
	xen_ulong_t nr_pages;
};

struct xen_reserved_device_memory_map {
	u32 flags;
	unsigned int nr_entries;
	u64 buffer;
	struct {
		u16 seg;
		u8 bus;
		u8 devfn;
	} dev;
};

/* More ranges than the memory map of any machine, or any device, has */
#define MAX_RAM_ENTRIES		512
#define MAX_RESERVED_ENTRIES	64

/* How often Xen may request that destroydomain be repeated */
#define MAX_DESTROY_CALLS	10000

static const struct domctl_abi *abi;

/* The arguments of a call for its trace event */
struct call_args {
	u64 dfn;
	u64 mfn;
	u64 nr;
	u32 sbdf;
};

/*
 * For the short calls of interrupt handlers: reading the clock would take
 * longer.
 */
static long issue_untimed(const char *name, unsigned int call, unsigned long a1,
			  unsigned long a2, domid_t domid,
			  const struct call_args *args)
{
	long ret = vxi_fault_inject();

	if (!ret)
		ret = privcmd_call(call, a1, a2, 0, 0, 0);

	vxi_stat_add(STAT_HYPERCALLS, 1);
	if (ret < 0)
		vxi_stat_add(STAT_HYPERCALL_FAILURES, 1);
	trace_vxi_hypercall(name, domid, args->dfn, args->mfn, args->nr,
			    args->sbdf, ret);
	return ret;
}

static long issue(const char *name, unsigned int call, unsigned long a1,
		  unsigned long a2, domid_t domid, const struct call_args *args)
{
	/*
	 * Two readings of a PV guest's clock would cost more than everything
	 * else here.
	 */
	cycles_t start = get_cycles();
	long ret = issue_untimed(name, call, a1, a2, domid, args);

	vxi_stat_add(STAT_HYPERCALL_CYCLES, get_cycles() - start);
	return ret;
}

static long domctl(const char *name, struct domctl *op,
		   const struct call_args *args)
{
	return issue(name, __HYPERVISOR_domctl, (unsigned long)op, 0, op->domid,
		     args);
}

/*
 * Retry calls that release an interrupt: they fail at most for lack of memory,
 * and while Xen has the pirq mapped nobody else can use the device. Also retry
 * calls that restart a guest.
 */
static bool worth_another_try(long ret)
{
	return ret < 0 && ret != -ESRCH;
}

static long undo_domctl(const char *name, struct domctl *op,
			const struct call_args *args)
{
	long ret = domctl(name, op, args);

	return worth_another_try(ret) ? domctl(name, op, args) : ret;
}

static long memory_op(const char *name, unsigned int cmd, void *arg, u32 sbdf)
{
	const struct call_args args = { .sbdf = sbdf };

	return issue(name, __HYPERVISOR_memory_op, cmd, (unsigned long)arg,
		     DOMID_SELF, &args);
}

int vxi_hc_init(void)
{
	static const struct call_args args;
	struct domctl op;

	for (abi = vxi_domctl_abis; abi->releases; abi++) {
		vxi_domctl_encode_getdomaininfo(&op, abi, 0);
		if (!domctl("probe", &op, &args))
			return 0;
	}
	return -EOPNOTSUPP;
}

const char *vxi_hc_releases(void)
{
	return abi->releases;
}

int vxi_hc_create(u32 flags, const u8 *handle, domid_t *domid)
{
	static const struct call_args args;
	struct domctl op;
	long ret;

	vxi_domctl_encode_createdomain(&op, abi, flags, handle);
	ret = domctl("create", &op, &args);
	if (!ret)
		*domid = op.domid;
	return ret;
}

int vxi_hc_destroy(domid_t domid)
{
	static const struct call_args args;
	unsigned int calls = 0;
	struct domctl op;
	long ret;

	do {
		vxi_domctl_encode_destroydomain(&op, abi, domid);
		ret = domctl("destroy", &op, &args);
	} while (ret == -EAGAIN && ++calls < MAX_DESTROY_CALLS);
	return ret;
}

static int assign(domid_t domid, u32 sbdf, bool relaxed)
{
	const struct call_args args = { .sbdf = sbdf };
	struct domctl op;

	vxi_domctl_encode_assign_device(&op, abi, domid, sbdf, relaxed);
	return domctl("assign", &op, &args);
}

int vxi_hc_assign(domid_t domid, u32 sbdf)
{
	return assign(domid, sbdf, true);
}

int vxi_hc_assign_strict(domid_t domid, u32 sbdf)
{
	return assign(domid, sbdf, false);
}

int vxi_hc_deassign(domid_t domid, u32 sbdf)
{
	const struct call_args args = { .sbdf = sbdf };
	struct domctl op;

	vxi_domctl_encode_deassign_device(&op, abi, domid, sbdf);
	return domctl("deassign", &op, &args);
}

int vxi_hc_domain_info(domid_t domid, struct xen_domain_info *info)
{
	static const struct call_args args;
	struct domctl_getdomaininfo *got;
	struct domctl op;
	long ret;

	vxi_domctl_encode_getdomaininfo(&op, abi, domid);
	got = &op.u.getdomaininfo;
	ret = domctl("domain_info", &op, &args);
	if (ret)
		return ret;
	/* Xen 4.17 returns the next domain if this one does not exist. */
	if (got->domid != domid || (got->flags & DOMCTL_INFO_DYING))
		return -ESRCH;
	memcpy(info->handle, got->handle, sizeof(info->handle));
	info->hvm = got->flags & DOMCTL_INFO_HVM;
	return 0;
}

int vxi_hc_pause(domid_t domid, bool pause)
{
	static const struct call_args args;
	struct domctl op;

	vxi_domctl_encode_pausedomain(&op, abi, domid, pause);
	return pause ? domctl("pause", &op, &args) :
		       undo_domctl("unpause", &op, &args);
}

int vxi_hc_allow_frames(domid_t domid, u64 mfn, u64 nr, bool allow)
{
	const struct call_args args = { .mfn = mfn, .nr = nr };
	struct domctl op;

	vxi_domctl_encode_iomem_permission(&op, abi, domid, mfn, nr, allow);
	return domctl(allow ? "allow_frames" : "forbid_frames", &op, &args);
}

int vxi_hc_allow_ports(domid_t domid, u32 port, u32 nr, bool allow)
{
	const struct call_args args = { .mfn = port, .nr = nr };
	struct domctl op;

	vxi_domctl_encode_ioport_permission(&op, abi, domid, port, nr, allow);
	return domctl(allow ? "allow_ports" : "forbid_ports", &op, &args);
}

int vxi_hc_map_ports(domid_t domid, u32 gport, u32 mport, u32 nr, bool add)
{
	const struct call_args args = { .dfn = gport, .mfn = mport, .nr = nr };
	struct domctl op;

	vxi_domctl_encode_ioport_mapping(&op, abi, domid, gport, mport, nr,
					 add);
	return domctl(add ? "map_ports" : "unmap_ports", &op, &args);
}

static long memory_mapping(domid_t domid, u64 dfn, u64 mfn, u64 nr, bool add)
{
	const struct call_args args = { .dfn = dfn, .mfn = mfn, .nr = nr };
	struct domctl op;
	long ret;

	vxi_domctl_encode_memory_mapping(&op, abi, domid, dfn, mfn, nr, add);
	ret = domctl(add ? "map" : "unmap", &op, &args);
	vxi_stat_add(add ? STAT_MAP_CALLS : STAT_UNMAP_CALLS, 1);
	if (ret >= 0)
		vxi_stat_add(add ? STAT_MAP_PAGES : STAT_UNMAP_PAGES,
			     ret ?: nr);
	return ret;
}

long vxi_hc_map(domid_t domid, u64 dfn, u64 mfn, u64 nr)
{
	return memory_mapping(domid, dfn, mfn, nr, true);
}

long vxi_hc_unmap(domid_t domid, u64 dfn, u64 mfn, u64 nr)
{
	return memory_mapping(domid, dfn, mfn, nr, false);
}

int vxi_hc_set_pool(domid_t domid, unsigned long nr_pages)
{
	const struct call_args args = { .nr = nr_pages };
	struct domctl op;

	vxi_domctl_encode_paging_mempool(&op, abi, domid,
					 (u64)nr_pages << XEN_PAGE_SHIFT);
	return domctl("set_pool", &op, &args);
}

static long physdev_op(const char *name, unsigned int cmd, domid_t domid,
		       void *arg, const struct call_args *args)
{
	return issue(name, __HYPERVISOR_physdev_op, cmd, (unsigned long)arg,
		     domid, args);
}

int vxi_hc_map_msi(domid_t domid, u32 sbdf, unsigned int entry, u64 table_base,
		   int *pirq)
{
	const struct call_args args = { .sbdf = sbdf, .nr = entry };
	struct physdev_map_pirq op = {
		.domid = domid,
		.type = MAP_PIRQ_TYPE_MSI_SEG,
		.index = -1,
		.pirq = *pirq,
		.bus = sbdf_msi_bus(sbdf),
		.devfn = sbdf_devfn(sbdf),
		.entry_nr = entry,
		.table_base = table_base,
	};
	long ret = physdev_op("map_msi", PHYSDEVOP_map_pirq, domid, &op, &args);

	if (!ret)
		*pirq = op.pirq;
	return ret;
}

int vxi_hc_map_gsi(domid_t domid, int gsi, int *pirq)
{
	const struct call_args args = { .nr = gsi };
	struct physdev_map_pirq op = {
		.domid = domid,
		.type = MAP_PIRQ_TYPE_GSI,
		.index = gsi,
		.pirq = *pirq,
	};
	long ret = physdev_op("map_gsi", PHYSDEVOP_map_pirq, domid, &op, &args);

	if (!ret)
		*pirq = op.pirq;
	return ret;
}

int vxi_hc_unmap_pirq(domid_t domid, int pirq)
{
	const struct call_args args = { .nr = pirq };
	struct physdev_unmap_pirq op = { .domid = domid, .pirq = pirq };
	long ret = physdev_op("unmap_pirq", PHYSDEVOP_unmap_pirq, domid, &op,
			      &args);

	return worth_another_try(ret) ?
		       physdev_op("unmap_pirq", PHYSDEVOP_unmap_pirq, domid,
				  &op, &args) : ret;
}

int vxi_hc_bind_guest_msi(domid_t domid, int pirq, u64 address, u32 data,
			  u64 table, bool unmask)
{
	const struct call_args args = { .nr = pirq };
	u32 gflags = vxi_domctl_gflags(address, data);
	struct domctl op;

	vxi_domctl_encode_bind_pt_msi(&op, abi, domid, pirq, data & 0xff,
				      gflags | (unmask ? DOMCTL_GFLAGS_UNMASKED : 0), table);
	return domctl("bind_guest_msi", &op, &args);
}

int vxi_hc_unbind_guest_msi(domid_t domid, int pirq)
{
	const struct call_args args = { .nr = pirq };
	struct domctl op;

	vxi_domctl_encode_unbind_pt_msi(&op, abi, domid, pirq);
	return undo_domctl("unbind_guest_msi", &op, &args);
}

int vxi_hc_bind_guest_intx(domid_t domid, int pirq, u8 slot, u8 pin)
{
	const struct call_args args = { .nr = pirq };
	struct domctl op;

	vxi_domctl_encode_bind_pt_intx(&op, abi, domid, pirq, slot, pin);
	return domctl("bind_guest_intx", &op, &args);
}

int vxi_hc_unbind_guest_intx(domid_t domid, int pirq, u8 slot, u8 pin)
{
	const struct call_args args = { .nr = pirq };
	struct domctl op;

	vxi_domctl_encode_unbind_pt_intx(&op, abi, domid, pirq, slot, pin);
	return undo_domctl("unbind_guest_intx", &op, &args);
}

static int device_op(const char *name, unsigned int cmd, u32 sbdf)
{
	const struct call_args args = { .sbdf = sbdf };
	struct physdev_pci_device op = {
		.seg = sbdf_segment(sbdf),
		.bus = sbdf_bus(sbdf),
		.devfn = sbdf_devfn(sbdf),
	};

	return physdev_op(name, cmd, DOMID_SELF, &op, &args);
}

void vxi_hc_version(u32 *major, u32 *minor)
{
	int version = HYPERVISOR_xen_version(XENVER_version, NULL);

	*major = version >> 16;
	*minor = version & 0xffff;
}

int vxi_hc_prepare_msix(u32 sbdf)
{
	return device_op("prepare_msix", PHYSDEVOP_prepare_msix, sbdf);
}

int vxi_hc_release_msix(u32 sbdf)
{
	return device_op("release_msix", PHYSDEVOP_release_msix, sbdf);
}

int vxi_hc_forget(u32 sbdf)
{
	return device_op("forget", PHYSDEVOP_pci_device_remove, sbdf);
}

/*
 * As Linux did when it found the device, except for the NUMA node, which only
 * decides where Xen allocates memory.
 */
int vxi_hc_add(struct pci_dev *pdev)
{
	struct pci_dev *physfn = pci_physfn(pdev);
	struct pci_dev *bridge = pdev->bus->self;
	struct physdev_pci_device_add op = {
		.seg = pci_domain_nr(pdev->bus),
		.bus = pdev->bus->number,
		.devfn = pdev->devfn,
	};
	const struct call_args args = {
		.sbdf = sbdf_make(op.seg, pci_dev_id(pdev)),
	};

	if (pdev->is_virtfn) {
		op.flags = XEN_PCI_DEV_VIRTFN;
		op.physfn.bus = physfn->bus->number;
		op.physfn.devfn = physfn->devfn;
	} else if (bridge && bridge->ari_enabled && PCI_SLOT(pdev->devfn)) {
		op.flags = XEN_PCI_DEV_EXTFN;
	}
	return physdev_op("add", PHYSDEVOP_pci_device_add, DOMID_SELF, &op,
			  &args);
}

int vxi_hc_restore_msi(u32 sbdf)
{
	return device_op("restore_msi", PHYSDEVOP_restore_msi_ext, sbdf);
}

int vxi_hc_eoi(int pirq)
{
	const struct call_args args = { .nr = pirq };
	struct physdev_eoi op = { .irq = pirq };

	return issue_untimed("eoi", __HYPERVISOR_physdev_op, PHYSDEVOP_eoi,
			     (unsigned long)&op, DOMID_SELF, &args);
}

static long evtchn_op(const char *name, unsigned int cmd, void *arg,
		      const struct call_args *args)
{
	return issue(name, __HYPERVISOR_event_channel_op, cmd,
		     (unsigned long)arg, DOMID_SELF, args);
}

int vxi_hc_bind_pirq(int pirq, u32 *port)
{
	const struct call_args args = { .nr = pirq };
	struct evtchn_bind_pirq op = { .pirq = pirq };
	long ret = evtchn_op("bind_pirq", EVTCHNOP_bind_pirq, &op, &args);

	if (!ret)
		*port = op.port;
	return ret;
}

int vxi_hc_close_port(u32 port)
{
	const struct call_args args = { .nr = port };
	struct evtchn_close op = { .port = port };

	return evtchn_op("close_port", EVTCHNOP_close, &op, &args);
}

int vxi_hc_bind_interdomain(domid_t domid, u32 remote_port, u32 *port)
{
	const struct call_args args = { .nr = remote_port };
	struct evtchn_bind_interdomain op = {
		.remote_dom = domid,
		.remote_port = remote_port,
	};
	long ret = evtchn_op("bind_interdomain", EVTCHNOP_bind_interdomain, &op,
			     &args);

	if (!ret)
		*port = op.local_port;
	return ret;
}

int vxi_hc_send(u32 port)
{
	const struct call_args args = { .nr = port };
	struct evtchn_send op = { .port = port };

	return issue_untimed("send", __HYPERVISOR_event_channel_op,
			     EVTCHNOP_send, (unsigned long)&op, DOMID_SELF,
			     &args);
}

int vxi_hc_ram_ranges(xen_range_fn *fn, void *ctx)
{
	struct boot_e820_entry *entries __free(kvfree) =
		kvcalloc(MAX_RAM_ENTRIES, sizeof(*entries), GFP_KERNEL);
	struct xen_memory_map map = { .nr_entries = MAX_RAM_ENTRIES };
	unsigned int i;
	long ret;

	if (!entries)
		return -ENOMEM;
	set_xen_guest_handle(map.buffer, entries);
	ret = memory_op("memory_map", XENMEM_machine_memory_map, &map, 0);
	for (i = 0; !ret && i < map.nr_entries; i++) {
		u64 first = PFN_UP(entries[i].addr);
		u64 end = PFN_DOWN(entries[i].addr + entries[i].size);

		if (entries[i].type == E820_TYPE_RAM && first < end)
			ret = fn(ctx, first, end - first);
	}
	return ret;
}

int vxi_hc_reserved_ranges(u32 sbdf, xen_range_fn *fn, void *ctx)
{
	struct xen_reserved_device_memory *entries __free(kvfree) =
		kvcalloc(MAX_RESERVED_ENTRIES, sizeof(*entries), GFP_KERNEL);
	struct xen_reserved_device_memory_map map = {
		.nr_entries = MAX_RESERVED_ENTRIES,
		.dev.seg = sbdf_segment(sbdf),
		.dev.bus = sbdf_bus(sbdf),
		.dev.devfn = sbdf_devfn(sbdf),
	};
	unsigned int i;
	long ret;

	if (!entries)
		return -ENOMEM;
	map.buffer = (unsigned long)entries;
	ret = memory_op("reserved_map", XENMEM_reserved_device_memory_map, &map,
			sbdf);
	for (i = 0; !ret && i < map.nr_entries; i++)
		ret = fn(ctx, entries[i].start_pfn, entries[i].nr_pages);
	return ret;
}
