/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/xen/iommu: where a process names the guest that a group is for.
 *
 * type1 has no place for that in its own interface, and a VFIO device has no
 * descriptor before its group is attached. So it is asked for beforehand, and
 * the next address space that the process makes for the group answers to it.
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
 * Return: whether there is one; it is not there any more for the next time.
 */
bool vxi_chardev_take_guest(unsigned int group, struct vxi_guest *guest);

#endif
