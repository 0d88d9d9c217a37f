/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory BARs that an HVM guest reaches without leaving the guest.
 *
 * vfio-xen-iommu has the record of what is mapped, and undoes it when the device leaves
 * the guest.
 */
#ifndef VFIO_XEN_PCI_BARS_H
#define VFIO_XEN_PCI_BARS_H

struct vfio_device_feature_xen_bar;
struct vfio_pci_core_device;

/* VFIO_DEVICE_FEATURE_XEN_BAR: see linux/vfio_xen.h */
int guest_bars_set(struct vfio_pci_core_device *core,
		   const struct vfio_device_feature_xen_bar *want);

void guest_bars_unmap_all(struct vfio_pci_core_device *core);

#endif
