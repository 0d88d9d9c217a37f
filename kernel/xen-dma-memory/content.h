/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The content of a file: blocks, allocated when they are mapped or requested,
 * and freed when the file is truncated or deleted. It can only be mapped, and
 * only shared.
 */
#ifndef XDM_CONTENT_H
#define XDM_CONTENT_H

#include <linux/fs.h>

struct content;

struct content *xdm_content_alloc(void);
/* When the inode is freed, and nobody has it mapped */
void xdm_content_free(struct inode *inode);

/* With the inode's lock held. The size must be a multiple of the block size. */
int xdm_content_resize(struct inode *inode, loff_t size);

extern const struct file_operations xdm_content_file_ops;

#endif
