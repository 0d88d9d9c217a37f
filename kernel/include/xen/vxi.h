/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vfio-xen-iommu's interface for device drivers, in the symbol namespace
 * VFIO_XEN_IOMMU: guests, their access to a device, and interrupts.
 *
 * Units: ports and pages are counted; addresses and sizes are in bytes.
 * Functions may sleep unless stated otherwise.
 */
#ifndef _XEN_VXI_H
#define _XEN_VXI_H

#include <linux/ioport.h>
#include <linux/pci.h>
#include <linux/types.h>

#include <xen/interface/xen.h>

/**
 * struct vxi_guest - a guest
 * @domid:	its number, which another domain may have when it is gone
 * @handle:	its UUID, which no other domain has
 * @hvm:	it has a p2m of its own, in which things are mapped; PV otherwise.
 *		Known once vxi_guest_check() has found it.
 * @rdm_strict:	it gets a device with reserved memory only with all of that memory
 */
struct vxi_guest {
	domid_t domid;
	u8 handle[16];
	bool hvm;
	bool rdm_strict;
};

/**
 * vxi_guest_check() - see that the domain is still the guest that was meant
 *
 * Return: 0, or -ESRCH.
 */
int vxi_guest_check(struct vxi_guest *guest);

/**
 * vxi_guest_is_gone() - whether the domain is known to have ended
 *
 * After any other error the guest counts as alive.
 */
bool vxi_guest_is_gone(const struct vxi_guest *guest);

/**
 * vxi_guest_of() - the guest that owns a device
 *
 * The guest stays the owner while the device's VFIO driver keeps descriptors of
 * it from being closed or attached elsewhere.
 *
 * Return: 0, or -ENODEV if no guest does.
 */
int vxi_guest_of(struct pci_dev *pdev, struct vxi_guest *guest);

/* ---- what a guest reaches of a device ---- */

/**
 * vxi_guest_map_ports() - have an HVM guest reach a BAR in I/O space
 * @bar:	0 to PCI_STD_RESOURCE_END
 * @gport:	its first port for the guest
 *
 * Return: 0; -EINVAL for another BAR or another number of ports; Xen's error.
 */
int vxi_guest_map_ports(const struct vxi_guest *guest, struct pci_dev *pdev,
			unsigned int bar, u16 gport);
void vxi_guest_unmap_ports(const struct vxi_guest *guest, struct pci_dev *pdev,
			   unsigned int bar, u16 gport);

/**
 * vxi_guest_set_bar() - have the HVM guest that has a device reach its BAR
 * @bar:	0 to PCI_STD_NUM_BARS - 1
 * @offset:	in the BAR, in bytes
 * @size:	in bytes; both of whole pages
 * @gaddr:	guest-physical address
 * @map:	false to undo one call with the same arguments
 *
 * The caller must leave out the MSI-X table. May sleep.
 *
 * Return: 0; -EINVAL if these are not whole pages of a memory BAR; -ENODEV if the
 * device is in no guest domain; -EOPNOTSUPP for a PV guest; -ERANGE beyond the guest's
 * last address; -EEXIST if there is a mapping of the group's devices; -EPERM if
 * another device has a BAR in the same pages; -ESRCH if the guest is gone; -ENOMEM;
 * -ENOENT if there was no call to undo; Xen's error, and then it is as before.
 */
int vxi_guest_set_bar(struct pci_dev *pdev, unsigned int bar, u64 offset,
		      u64 size, u64 gaddr, bool map);

/*
 * Undo all mappings of a device. Calls that Xen refuses are repeated when the
 * device leaves.
 */
void vxi_guest_unmap_bars(struct pci_dev *pdev);

/* The bits of COMMAND that enable the kinds of BARs that a device has */
static inline u16 vxi_decode_bits(const struct pci_dev *pdev)
{
	u16 bits = 0;
	unsigned int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		const struct resource *bar = &pdev->resource[i];

		if (!bar->parent)
			continue;
		bits |= resource_type(bar) == IORESOURCE_IO ?
				PCI_COMMAND_IO : PCI_COMMAND_MEMORY;
	}
	return bits;
}

/*
 * Whether the power state keeps a device from decoding BARs: devices decode in
 * D0 only.
 */
static inline bool vxi_decode_is_asleep(const struct pci_dev *pdev)
{
	return pdev->current_state != PCI_D0 &&
	       pdev->current_state != PCI_UNKNOWN;
}

/**
 * enum vxi_reach - how a guest reaches a device's BARs
 * @VXI_REACH_NONE:	it does not
 * @VXI_REACH_MAPPED:	by mappings, which are taken from it where need be
 * @VXI_REACH_ALWAYS:	by what can't be taken from it: the device has to decode them
 */
enum vxi_reach {
	VXI_REACH_NONE,
	VXI_REACH_MAPPED,
	VXI_REACH_ALWAYS,
};

/* Includes a guest that is no longer the owner. */
enum vxi_reach vxi_guest_reach(struct pci_dev *pdev);

/**
 * vxi_guest_set_decoding() - say whether a device decodes its memory BARs
 * @decoding:	false before it stops, true when it decodes again
 *
 * Meanwhile Xen maps nothing of the device, and new mappings are only recorded.
 * Not for a device with VXI_REACH_ALWAYS.
 *
 * Return: 0, or Xen's error if something stays mapped: then the device must
 * keep decoding.
 */
int vxi_guest_set_decoding(struct pci_dev *pdev, bool decoding);

/**
 * vxi_guest_begin_reset() - keep guests from a device that is about to be reset
 *
 * Mappings are removed until vxi_guest_end_reset(), and a guest that can still
 * access the device is paused. Resets can be nested.
 */
void vxi_guest_begin_reset(struct pci_dev *pdev);
void vxi_guest_end_reset(struct pci_dev *pdev);

/* ---- interrupts ---- */

/**
 * vxi_guest_map_msi() - map an MSI of a device that the guest has
 * @msix:	one of MSI-X, not MSI
 * @vector:	index in the MSI-X table, 0 for MSI
 * @pirq:	the guest's number for it, or -1 for any; receives the number
 *
 * Return: 0; -ENODEV if the guest does not own the device; -ENXIO if the table is
 * not decoded; -EEXIST if it is mapped.
 */
int vxi_guest_map_msi(const struct vxi_guest *guest, struct pci_dev *pdev,
		      bool msix, unsigned int vector, int *pirq);

/* Map an interrupt line; @pirq as in vxi_guest_map_msi(). */
int vxi_guest_map_gsi(const struct vxi_guest *guest, int gsi, int *pirq);
int vxi_guest_unmap_pirq(const struct vxi_guest *guest, int pirq);

/**
 * vxi_guest_bind_msi() - deliver an MSI to an HVM guest as its own message
 * @pirq:	mapped in the guest
 * @address:	the message as the guest wrote it
 * @data:	the same
 * @table:	guest address of its MSI-X table, where Xen is to handle mask
 *		bits; 0 for none
 * @unmask:	let it fire; otherwise it stays as it is
 *
 * A further call changes the message.
 */
int vxi_guest_bind_msi(const struct vxi_guest *guest, int pirq, u64 address,
		       u32 data, u64 table, bool unmask);
int vxi_guest_unbind_msi(const struct vxi_guest *guest, int pirq);

/*
 * Deliver a line to an HVM guest as that of one of its slots, and the reverse
 */
int vxi_guest_bind_intx(const struct vxi_guest *guest, int pirq, u8 slot,
			u8 pin);
int vxi_guest_unbind_intx(const struct vxi_guest *guest, int pirq, u8 slot,
			  u8 pin);

/*
 * Undo the masking of all vectors of a guest's device, which Xen does if it unmaps
 * vectors while it cannot access their table. The device decodes memory, and no
 * vector is mapped.
 */
void vxi_guest_unmask_msix(struct pci_dev *pdev);

/*
 * Let Xen write a device's MSI and MSI-X registers again, for example after a
 * reset.
 */
int vxi_restore_msi(struct pci_dev *pdev);

/* Connect a new event channel of dom0 to an unbound one that waits for it. */
int vxi_evtchn_connect(domid_t domid, u32 remote_port, u32 *port);
int vxi_evtchn_close(u32 port);

/* Notify the other end of an event channel; from any context. */
int vxi_evtchn_send(u32 port);

/*
 * ---- the host's toolstack ----
 *
 * Devices that are left to the host's toolstack: libxl, or whatever else gives
 * devices to guests by its own hypercalls.
 *
 * For as long as a device is left to it, the toolstack moves it between quarantine
 * and guests, and this module only sees to it that it starts from quarantine and
 * comes back there. VFIO has to be kept from its group by the caller, a driver
 * that is not VFIO's: the IOMMU core does that for such drivers.
 */

/**
 * vxi_toolstack_take() - have a device quarantined and ready to be assigned
 *
 * It is enabled, and decodes its memory.
 *
 * Return: 0, or -errno after a message.
 */
int vxi_toolstack_take(struct pci_dev *pdev);

/* Prepare the device again, after a guest has had it. */
void vxi_toolstack_renew(struct pci_dev *pdev);

/*
 * Take the device back, also from a guest, and give it to dom0. A device that a
 * guest may still access stays quarantined until that guest has ended.
 */
void vxi_toolstack_return(struct pci_dev *pdev);

#endif
