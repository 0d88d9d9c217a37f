/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pages of the MSI-X table and of its pending bits are not for the VFIO user.
 *
 * Xen lets dom0 map them read-only, while Linux thinks that the mapping is
 * writable: a program that writes to one would take the same fault for ever. So
 * they can't be mapped, and users are told what can
 * (VFIO_REGION_INFO_CAP_SPARSE_MMAP) in the place of
 * VFIO_REGION_INFO_CAP_MSIX_MAPPABLE. Programs that know neither leave out the table.
 */
#ifndef VXP_TABLE_H
#define VXP_TABLE_H

#include <linux/types.h>

struct vfio_device;
struct vfio_info_cap;
struct vfio_pci_core_device;
struct vfio_region_info;
struct vm_area_struct;

/* Whether part of region @index has such a page. */
bool vxp_table_overlaps(const struct vfio_pci_core_device *core,
			unsigned int index, u64 offset, u64 size);
bool vxp_table_overlaps_vma(const struct vfio_pci_core_device *core,
			    const struct vm_area_struct *vma);

/*
 * VFIO_DEVICE_GET_REGION_INFO with that for BARs that have such pages: as the
 * operation that VFIO calls for it, and as the ioctl of kernels that have none.
 */
int vxp_table_region_info(struct vfio_device *vdev,
			  struct vfio_region_info *info,
			  struct vfio_info_cap *caps);
long vxp_table_region_info_ioctl(struct vfio_device *vdev, unsigned long arg);

#endif
