/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory BARs that are mapped to an HVM guest, which accesses them without a VM exit.
 *
 * vfio-xen-iommu has the record of what is mapped, and undoes it when the device leaves
 * the guest.
 */
#ifndef VXP_BARS_H
#define VXP_BARS_H

struct vfio_device_feature_xen_bar;
struct vfio_pci_core_device;

/* VFIO_DEVICE_FEATURE_XEN_BAR: see linux/vfio_xen.h */
int vxp_bars_set(struct vfio_pci_core_device *core,
		 const struct vfio_device_feature_xen_bar *want);

void vxp_bars_unmap_all(struct vfio_pci_core_device *core);

#endif
