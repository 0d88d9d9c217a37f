/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is in a file: blocks, made when they are mapped or asked for, and freed
 * when the file is cut short or is no more. It can only be mapped, shared.
 */
#ifndef XDM_CONTENT_H
#define XDM_CONTENT_H

#include <linux/fs.h>

struct content;

struct content *xdm_content_alloc(void);
/* When the inode goes, and nobody has it mapped. */
void xdm_content_free(struct inode *inode);

/* With the inode's lock held. The size must be a number of whole blocks. */
int xdm_content_resize(struct inode *inode, loff_t size);

extern const struct file_operations xdm_content_file_ops;

#endif
