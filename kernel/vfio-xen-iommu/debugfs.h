/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reports in debugfs: /sys/kernel/debug/vfio-xen-iommu/
 *   stats	a counter a line
 *   shells	a shell domain a line, with what it maps and its devices
 *   devices	a PCI device a line, with its owner
 */
#ifndef VXI_DEBUGFS_H
#define VXI_DEBUGFS_H

/* Make the files. They are a convenience: failing to is no error. */
void vxi_debugfs_init(void);

#endif
