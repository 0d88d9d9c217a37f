/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The MSI-X table's pages are not for the VFIO user.
 *
 * Xen lets dom0 map them read-only, while Linux thinks that the mapping is
 * writable: a program that writes to one would take the same fault for ever. So
 * they can't be mapped, as was the rule on all kernels before
 * VFIO_REGION_INFO_CAP_MSIX_MAPPABLE, and users are not told that they can be.
 */
#ifndef VFIO_XEN_PCI_TABLE_H
#define VFIO_XEN_PCI_TABLE_H

#include <linux/types.h>

struct vfio_pci_core_device;
struct vm_area_struct;

/* Whether a page of the table is among those of a part of a BAR. */
bool table_is_in(const struct vfio_pci_core_device *core, unsigned int bar,
		 u64 offset, u64 size);

/* Whether a mapping would have a page of the table. */
bool table_overlaps(const struct vfio_pci_core_device *core,
		    struct vm_area_struct *vma);

/* VFIO_DEVICE_GET_REGION_INFO, without the capability for the table's BAR. */
long table_region_info(struct vfio_pci_core_device *core, unsigned long arg);

#endif
