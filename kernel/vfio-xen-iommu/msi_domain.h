/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The irq domain that devices in VFIO's hands get their MSIs from (msi_pool.h).
 * For a device that is dom0's it passes allocations to Xen's own.
 */
#ifndef VXI_MSI_DOMAIN_H
#define VXI_MSI_DOMAIN_H

struct xen_dev;

int vxi_msi_domain_init(void);
void vxi_msi_domain_exit(void);

/* Route a device's MSI allocations through this domain; undo that. */
void vxi_msi_domain_add_device(struct xen_dev *xdev);
void vxi_msi_domain_remove_device(struct xen_dev *xdev);

#endif
