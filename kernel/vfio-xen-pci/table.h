/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The MSI-X table's pages are not for the VFIO user.
 *
 * Xen lets dom0 map them read-only, while Linux thinks that the mapping is
 * writable: a program that writes to one would take the same fault for ever. So
 * they can't be mapped, as was the rule on all kernels before
 * VFIO_REGION_INFO_CAP_MSIX_MAPPABLE, and users are not told that they can be.
 */
#ifndef VXP_TABLE_H
#define VXP_TABLE_H

#include <linux/types.h>

struct vfio_device;
struct vfio_info_cap;
struct vfio_pci_core_device;
struct vfio_region_info;
struct vm_area_struct;

/* Whether part of region @index has a page of the table. */
bool vxp_table_overlaps(const struct vfio_pci_core_device *core,
			unsigned int index, u64 offset, u64 size);
bool vxp_table_overlaps_vma(const struct vfio_pci_core_device *core,
			    const struct vm_area_struct *vma);

/*
 * VFIO_DEVICE_GET_REGION_INFO without the capability for the table's BAR: as the
 * operation that VFIO calls for it, and as the ioctl of kernels that have none.
 */
int vxp_table_region_info(struct vfio_device *vdev,
			  struct vfio_region_info *info,
			  struct vfio_info_cap *caps);
long vxp_table_region_info_ioctl(struct vfio_device *vdev, unsigned long arg);

#endif
