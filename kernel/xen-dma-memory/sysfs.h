/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /sys/kernel/mm/hugepages/hugepages-2048kB: programs read the number of pages
 * here, and the administrator sets the limit.
 */
#ifndef XDM_SYSFS_H
#define XDM_SYSFS_H

int xdm_sysfs_init(void);
void xdm_sysfs_exit(void);

#endif
