/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Prebound devices: those bound to a driver of dom0 before this module was loaded.
 *
 * The IOMMU core warns about a device that it finds with a driver, and lets VFIO have
 * the devices that are not isolated from it. So prebound devices are hidden from the
 * core until their driver releases them. A prebound device is in a group without an
 * IOMMU, named "prebound". Unbound devices that are not isolated from it are in a second
 * group, which VFIO cannot have meanwhile. Bridges do no DMA of their own, so they are
 * ignored.
 */
#ifndef VXI_PREBOUND_H
#define VXI_PREBOUND_H

#include <linux/types.h>

struct device;
struct iommu_group;
struct pci_dev;

/* Record the devices that have a driver. Called before the core looks for devices. */
int vxi_prebound_init(void);
void vxi_prebound_exit(void);

bool vxi_prebound_has(struct pci_dev *pdev);

/* A driver is about to release @pdev: if it is prebound, the IOMMU core has to skip it. */
void vxi_prebound_unbind(struct pci_dev *pdev);

/* A driver has released @pdev. Returns true if it was prebound; the core may see it now. */
bool vxi_prebound_unbound(struct pci_dev *pdev);

/* The core's device_group(). */
struct iommu_group *vxi_prebound_device_group(struct device *dev);

/* Whether something is prebound that is not isolated from this device. */
bool vxi_prebound_beside(struct device *dev);

#endif
