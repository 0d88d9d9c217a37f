/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /sys/kernel/mm/hugepages/hugepages-2048kB: where programs look for how many
 * there are, and where the administrator sets how many there may be.
 */
#ifndef XDM_SYSFS_H
#define XDM_SYSFS_H

int xdm_sysfs_init(void);
void xdm_sysfs_exit(void);

#endif
