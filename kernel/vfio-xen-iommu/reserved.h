/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that firmware reserves for a device: VT-d's RMRRs, AMD's unity mappings.
 *
 * Xen maps it, at the same addresses, in every domain that the device is given to.
 * As a rule VFIO cannot have such a device. The exceptions are those that native
 * Linux makes: USB controllers and graphics, which use it before the operating
 * system starts only. For these the range just stays out of the address space.
 */
#ifndef VXI_RESERVED_H
#define VXI_RESERVED_H

#include <linux/types.h>

struct xen_dev;

/**
 * struct vxi_reserved - a range of reserved memory
 * @mfn:	its first frame, and the dfn at which Xen maps it
 * @nr:		how many frames
 */
struct vxi_reserved {
	u64 mfn;
	u64 nr;
};

/* Ask Xen for the ranges of a device: once, since they never change. */
int vxi_reserved_find(struct xen_dev *xdev);
void vxi_reserved_forget(struct xen_dev *xdev);

/* Whether VFIO can have the device all the same. */
bool vxi_reserved_is_relaxable(const struct xen_dev *xdev);

/* The page tables that Xen may need to map the ranges of a device. */
unsigned long vxi_reserved_tables(const struct xen_dev *xdev);

/* Whether any of the @nr frames at @dfn is in a range of the device. */
bool vxi_reserved_has(const struct xen_dev *xdev, u64 dfn, u64 nr);

#endif
