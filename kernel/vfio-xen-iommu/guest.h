/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guests: running domains that devices are given to.
 */
#ifndef VXI_GUEST_H
#define VXI_GUEST_H

#include <linux/types.h>

#include <xen/vxi.h>

struct pci_dev;

/**
 * vxi_guest_init() - name a guest
 * @domid:	its number
 * @handle:	its UUID, 16 bytes
 * @flags:	VFIO_XEN_GUEST_*
 *
 * Return: 0; -EINVAL for unknown flags or a domid that no guest has; -ESRCH if it is
 * another's.
 */
int vxi_guest_init(struct vxi_guest *guest, u32 domid, const u8 *handle,
		   u32 flags);

/* Whether both are the same guest. */
bool vxi_guest_is(const struct vxi_guest *a, const struct vxi_guest *b);

/**
 * vxi_guest_find_and_deassign() - take a device away from whichever domain has it
 * @guest:	receives which one it was
 *
 * Return: 0; -EBUSY if none would let go of it.
 */
int vxi_guest_find_and_deassign(u32 sbdf, struct vxi_guest *guest);

/**
 * vxi_guest_permit() - allow a guest the memory and ports of a device's BARs
 *
 * BARs that share a page with another device's are left out, with a message. The ROM is
 * left out as well: VFIO never has the device decode it.
 *
 * Return: 0, or -errno, and then it is allowed none.
 */
int vxi_guest_permit(const struct vxi_guest *guest, struct pci_dev *pdev);

/* The reverse. Return: 0, or the last -errno; all have been logged. */
int vxi_guest_forbid(const struct vxi_guest *guest, struct pci_dev *pdev);

#endif
