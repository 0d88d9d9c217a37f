/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A VFIO user cannot map pages with the MSI-X table or its pending bits.
 *
 * Xen maps these pages read-only for dom0, while Linux assumes a writable
 * mapping: a program that writes to one would fault for ever. So the region
 * lists its mappable areas (VFIO_REGION_INFO_CAP_SPARSE_MMAP) instead of
 * VFIO_REGION_INFO_CAP_MSIX_MAPPABLE. Programs that know neither capability
 * leave out the table.
 */
#ifndef VXP_TABLE_H
#define VXP_TABLE_H

#include <linux/types.h>

struct vfio_device;
struct vfio_info_cap;
struct vfio_pci_core_device;
struct vfio_region_info;
struct vm_area_struct;

/* Whether region @index contains such a page */
bool vxp_table_overlaps(const struct vfio_pci_core_device *core,
			unsigned int index, u64 offset, u64 size);
bool vxp_table_overlaps_vma(const struct vfio_pci_core_device *core,
			    const struct vm_area_struct *vma);

/*
 * VFIO_DEVICE_GET_REGION_INFO with that capability for BARs that have such pages: as
 * VFIO's operation, and as an ioctl for kernels that do not have the operation.
 */
int vxp_table_region_info(struct vfio_device *vdev,
			  struct vfio_region_info *info,
			  struct vfio_info_cap *caps);
long vxp_table_region_info_ioctl(struct vfio_device *vdev, unsigned long arg);

#endif
