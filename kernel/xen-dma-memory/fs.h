/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The file system: mounts, directories and names.
 */
#ifndef XEN_DMA_MEMORY_FS_H
#define XEN_DMA_MEMORY_FS_H

int fs_init(void);
void fs_exit(void);

#endif
