/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/xen/iommu: where a process names the guest that a group is for.
 *
 * type1's interface cannot name a guest, and a VFIO device has no descriptor before
 * its group is attached. So a process names the guest beforehand, and the next
 * iommu_domain that this process allocates for the group is the guest's.
 */
#ifndef VXI_CHARDEV_H
#define VXI_CHARDEV_H

#include <linux/types.h>

struct vxi_guest;

int vxi_chardev_init(void);
void vxi_chardev_exit(void);

/**
 * vxi_chardev_take_guest() - the guest that this process has named for a group
 *
 * Return: whether it has named one. The name is used up: a second call returns false.
 */
bool vxi_chardev_take_guest(unsigned int group, struct vxi_guest *guest);

#endif
