/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The IOMMU as the Linux core sees it.
 */
#ifndef VXI_IOMMU_H
#define VXI_IOMMU_H

struct pci_dev;

/**
 * vxi_iommu_other() - a device that another IOMMU driver has
 * @iommu:	receives that driver's name for the IOMMU
 *
 * Return: the device, with a reference, or NULL.
 */
struct pci_dev *vxi_iommu_other(const char **iommu);

/* Register with the core, which probes every device. Cannot be undone. */
int vxi_iommu_register(void);

#endif
