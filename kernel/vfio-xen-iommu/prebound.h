/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices that a driver had before this module: dom0's, until it lets go.
 *
 * The core warns of a device that it finds with a driver, and lets VFIO have what is
 * not isolated from it. So it does not get to see one. A prebound device is in a group
 * that has no IOMMU, named "prebound"; those that are not isolated from it, but free, are
 * in a group beside, which VFIO cannot have meanwhile. Bridges do no DMA of their own
 * and are in nobody's way.
 */
#ifndef VXI_HELD_H
#define VXI_HELD_H

#include <linux/types.h>

struct device;
struct iommu_group;
struct pci_dev;

/* Hold what has a driver, before the core looks for devices. */
int vxi_prebound_init(void);
void vxi_prebound_exit(void);

bool vxi_prebound_has(struct pci_dev *pdev);

/* A driver is about to let go: if it is the one, the core's IOMMU code is to skip it. */
void vxi_prebound_unbind(struct pci_dev *pdev);

/* It has: true if it was the one, and the core may see the device from now on. */
bool vxi_prebound_unbound(struct pci_dev *pdev);

/* The core's device_group(). */
struct iommu_group *vxi_prebound_device_group(struct device *dev);

/* Whether something is prebound that is not isolated from this device. */
bool vxi_prebound_beside(struct device *dev);

#endif
