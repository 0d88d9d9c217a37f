/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guests: running domains that devices are given to.
 */
#ifndef XEN_IOMMU_GUEST_H
#define XEN_IOMMU_GUEST_H

#include <linux/types.h>

#include <xen/interface/xen.h>

struct pci_dev;

/**
 * struct guest - a guest
 * @domid:	its number, which another domain may have when it is gone
 * @handle:	its UUID, which no other domain has
 * @hvm:	it has a p2m of its own, in which things are mapped; PV otherwise.
 *		Known once guest_check() has found it.
 */
struct guest {
	domid_t domid;
	u8 handle[16];
	bool hvm;
};

/**
 * guest_init() - name a guest
 * @domid:	its number
 * @handle:	its UUID, 16 bytes
 *
 * Return: 0; -EINVAL for a domid that no guest has; -ESRCH if it is another's.
 */
int guest_init(struct guest *guest, u32 domid, const u8 *handle);

/**
 * guest_check() - see that the domain is still the guest that was meant
 *
 * Return: 0, or -ESRCH.
 */
int guest_check(struct guest *guest);

/**
 * guest_is_gone() - whether the domain is known to have ended
 *
 * Another error than that leaves it open: then it has to be treated as there.
 */
bool guest_is_gone(const struct guest *guest);

/* Whether both are the same guest. */
bool guest_is(const struct guest *a, const struct guest *b);

/**
 * guest_find_and_deassign() - take a device away from whichever domain has it
 * @guest:	receives which one it was
 *
 * Return: 0; -EBUSY if none would let go of it.
 */
int guest_find_and_deassign(u32 sbdf, struct guest *guest);

/**
 * guest_permit() - allow a guest the memory and ports of a device's BARs
 *
 * BARs that share a page with another device's are left out, with a message.
 *
 * Return: 0, or -errno, and then it is allowed none.
 */
int guest_permit(const struct guest *guest, struct pci_dev *pdev);

/* The reverse. Return: 0, or the last -errno; all have been logged. */
int guest_forbid(const struct guest *guest, struct pci_dev *pdev);

/**
 * guest_map_ports() - have an HVM guest reach a BAR in I/O space
 * @bar:	0 to PCI_STD_RESOURCE_END
 * @gport:	its first port for the guest
 *
 * Return: 0; -EINVAL for another BAR or another number of ports; Xen's error.
 */
int guest_map_ports(const struct guest *guest, struct pci_dev *pdev,
		    unsigned int bar, u16 gport);
void guest_unmap_ports(const struct guest *guest, struct pci_dev *pdev,
		       unsigned int bar, u16 gport);

/**
 * xen_guest_of() - the guest that owns a device
 *
 * It stays the owner for as long as the device's VFIO driver lets no descriptor
 * of it be closed or attached elsewhere.
 *
 * Return: 0, or -ENODEV if no guest does.
 */
int xen_guest_of(struct pci_dev *pdev, struct guest *guest);

#endif
