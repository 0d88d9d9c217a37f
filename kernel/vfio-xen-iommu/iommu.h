/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The IOMMU as the Linux core sees it.
 */
#ifndef XEN_IOMMU_IOMMU_H
#define XEN_IOMMU_IOMMU_H

/* Register with the core, which probes every device. Cannot be undone. */
int xen_iommu_register(void);

#endif
