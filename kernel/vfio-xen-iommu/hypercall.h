/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hypercall layer: the one place that talks to Xen.
 *
 * Every function is one hypercall unless it says otherwise, may sleep, returns
 * 0 or Xen's -errno, and is counted, timed (but for those that interrupt
 * handlers make) and traced. None of them logs: whoever handles the error does.
 */
#ifndef VXI_HYPERCALL_H
#define VXI_HYPERCALL_H

#include <linux/types.h>
#include <xen/interface/xen.h>

struct pci_dev;

/* Xen's DOMID_IO: devices that it owns can reach no memory at all. */
#define DOMID_QUARANTINE	DOMID_IO

/* Pages in the paging pool of a new domain, before it is ever set. */
#define XEN_POOL_INITIAL	256UL

/**
 * vxi_hc_init() - find out which domctl interface Xen speaks
 *
 * Return: 0, or -EOPNOTSUPP when it is none that this module knows.
 */
int vxi_hc_init(void);

/* The releases that the interface found belongs to, and all that are known. */
const char *vxi_hc_releases(void);

/**
 * vxi_hc_create() - make a domain with @flags (DOMCTL_CDF_*) that never runs
 * @handle:	its UUID, 16 bytes
 * @domid:	receives its domid
 */
int vxi_hc_create(u32 flags, const u8 *handle, domid_t *domid);

/**
 * vxi_hc_destroy() - destroy a domain
 *
 * Xen returns the devices that it still has to quarantine first. -ESRCH means
 * that there is no such domain any more.
 */
int vxi_hc_destroy(domid_t domid);

/**
 * vxi_hc_assign() - give a device of dom0 or of quarantine to @domid
 *
 * With DOMID_QUARANTINE, also what makes Xen put the device back there when it
 * is deassigned from another domain, whatever Xen's command line says.
 *
 * Reserved memory of the device is mapped for @domid too, where it has nothing else.
 * Who has a device that needs its reserved memory is decided before (reserved.h).
 */
int vxi_hc_assign(domid_t domid, u32 sbdf);

/*
 * The same, but -EBUSY if @domid has something else where reserved memory is to be
 * mapped, and -EPERM if another device shares that memory.
 */
int vxi_hc_assign_strict(domid_t domid, u32 sbdf);

/**
 * vxi_hc_deassign() - take a device away from @domid
 *
 * It goes to quarantine; from DOMID_QUARANTINE, to dom0.
 */
int vxi_hc_deassign(domid_t domid, u32 sbdf);

/**
 * struct xen_domain_info - what there is to know of a domain
 * @handle:	its UUID
 * @hvm:	it has a p2m of its own; PV otherwise
 */
struct xen_domain_info {
	u8 handle[16];
	bool hvm;
};

/**
 * vxi_hc_domain_info() - look a domain up
 *
 * Return: 0; -ESRCH if there is none, or only what is left of one.
 */
int vxi_hc_domain_info(domid_t domid, struct xen_domain_info *info);

/**
 * vxi_hc_pause() - stop or restart a domain's vCPUs
 *
 * None of them runs when a pause returns. Pauses are counted, together with those of
 * toolstacks.
 */
int vxi_hc_pause(domid_t domid, bool pause);

/* Allow @domid to have frames, RAM or MMIO, or ports; or forbid it again. */
int vxi_hc_allow_frames(domid_t domid, u64 mfn, u64 nr, bool allow);
int vxi_hc_allow_ports(domid_t domid, u32 port, u32 nr, bool allow);

/**
 * vxi_hc_map_ports() - have @domid, an HVM guest, reach ports by other numbers
 * @gport:	the first as the guest knows it
 * @mport:	the first in the machine
 * @add:	or remove it: then @domid is forbidden the ports, too
 */
int vxi_hc_map_ports(domid_t domid, u32 gport, u32 mport, u32 nr, bool add);

/**
 * vxi_hc_map() - map frames at @dfn; read-write is the only kind there is
 *
 * Return: 0 when all are mapped, a positive count when only that many are and
 * Xen wants to be asked again, -ENOMEM when the paging pool or Xen's own memory
 * is used up, -EPERM for frames that dom0 or @domid may not have.
 */
long vxi_hc_map(domid_t domid, u64 dfn, u64 mfn, u64 nr);

/**
 * vxi_hc_unmap() - the reverse; the IOTLB is flushed when it returns
 *
 * Return: as for vxi_hc_map().
 */
long vxi_hc_unmap(domid_t domid, u64 dfn, u64 mfn, u64 nr);

/**
 * vxi_hc_map_msi() - map an MSI of a device
 * @domid:	the owner of the device, DOMID_SELF for dom0
 * @entry:	index in the MSI-X table, 0 for MSI
 * @table_base:	where the BAR with that table is; 0 for MSI
 * @pirq:	the number to have in @domid, or -1 for any; receives the number
 *
 * Return: 0; -ENODEV if @domid does not own the device; -ENXIO if the table is
 * not decoded; -EEXIST if it is mapped.
 */
int vxi_hc_map_msi(domid_t domid, u32 sbdf, unsigned int entry, u64 table_base,
		   int *pirq);

/* Map a line of the machine's; @pirq as in vxi_hc_map_msi(). */
int vxi_hc_map_gsi(domid_t domid, int gsi, int *pirq);
int vxi_hc_unmap_pirq(domid_t domid, int pirq);

/**
 * vxi_hc_bind_guest_msi() - deliver an MSI to an HVM guest as its own message
 * @pirq:	mapped in @domid
 * @address:	the message as the guest wrote it
 * @data:	the same
 * @table:	guest address of its MSI-X table, where Xen is to handle mask
 *		bits; 0 for none
 * @unmask:	let it fire; otherwise it stays as it is
 *
 * Repeated, it changes the message.
 */
int vxi_hc_bind_guest_msi(domid_t domid, int pirq, u64 address, u32 data,
			  u64 table, bool unmask);
int vxi_hc_unbind_guest_msi(domid_t domid, int pirq);

/* Deliver a line to an HVM guest as that of one of its slots; the reverse. */
int vxi_hc_bind_guest_intx(domid_t domid, int pirq, u8 slot, u8 pin);
int vxi_hc_unbind_guest_intx(domid_t domid, int pirq, u8 slot, u8 pin);

/* The hypervisor's release. */
void vxi_hc_version(u32 *major, u32 *minor);

/**
 * vxi_hc_prepare_msix() - have Xen take charge of a device's MSI-X table
 *
 * The table becomes read-only for dom0, also while no vector is mapped, and
 * vectors can be mapped for a guest. The table has to be decoded. Not for a
 * device without MSI-X.
 *
 * Return: 0; -EBUSY if any vector of it is mapped.
 */
int vxi_hc_prepare_msix(u32 sbdf);

/* The reverse, when no vector is mapped. */
int vxi_hc_release_msix(u32 sbdf);

/* Have Xen write a device's MSI and MSI-X registers again, as after a reset. */
int vxi_hc_restore_msi(u32 sbdf);

/* Have Xen remove a device, as if it were unplugged: no IOMMU context has it. */
int vxi_hc_forget(u32 sbdf);

/* Tell Xen of a device that it has been made to forget: dom0 owns it then. */
int vxi_hc_add(struct pci_dev *pdev);

/* Bind a pirq to a new event channel of dom0's. */
int vxi_hc_bind_pirq(int pirq, u32 *port);
int vxi_hc_close_port(u32 port);

/* Connect a new event channel of dom0's to an unbound one that waits for it. */
int vxi_hc_bind_interdomain(domid_t domid, u32 remote_port, u32 *port);

/* Notify the other end of an event channel; from any context. */
int vxi_hc_send(u32 port);

/* End an interrupt; from any context. */
int vxi_hc_eoi(int pirq);

/* Set the size of the pool that the page tables of @domid come from. */
int vxi_hc_set_pool(domid_t domid, unsigned long nr_pages);

/**
 * typedef xen_range_fn - receives one range of frames; a non-zero return ends
 * the iteration and is what the iteration returns
 */
typedef int xen_range_fn(void *ctx, u64 mfn, u64 nr);

/* Call @fn for each range of the machine's RAM. */
int vxi_hc_ram_ranges(xen_range_fn *fn, void *ctx);

/* Call @fn for each range that firmware wants the device to go on reaching. */
int vxi_hc_reserved_ranges(u32 sbdf, xen_range_fn *fn, void *ctx);

#endif
