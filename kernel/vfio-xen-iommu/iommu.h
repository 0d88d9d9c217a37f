/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The IOMMU as the Linux core sees it.
 */
#ifndef VXI_IOMMU_H
#define VXI_IOMMU_H

/* Register with the core, which probes every device. Cannot be undone. */
int vxi_iommu_register(void);

#endif
