/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /sys/kernel/mm/hugepages/hugepages-2048kB: where programs look for how many
 * there are, and where the administrator sets how many there may be.
 */
#ifndef XEN_DMA_MEMORY_SYSFS_H
#define XEN_DMA_MEMORY_SYSFS_H

int sysfs_init(void);
void sysfs_exit(void);

#endif
