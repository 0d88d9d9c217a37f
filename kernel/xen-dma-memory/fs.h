/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The file system: mounts, directories and names.
 */
#ifndef XDM_FS_H
#define XDM_FS_H

int xdm_fs_init(void);
void xdm_fs_exit(void);

#endif
