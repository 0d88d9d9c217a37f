/* SPDX-License-Identifier: GPL-2.0 */
/*
 * File systems without a disk. The code is written for the newest kernel; this
 * file adapts it to older ones. DEFINE_x(name, arguments) begins a function
 * whose signature differs.
 */
#ifndef COMPAT_FS_H
#define COMPAT_FS_H

#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fs.h>

#ifdef HAVE_PERSISTENT_DENTRIES
#define kill_persistent_super kill_anon_super
#else
#define kill_persistent_super kill_litter_super

/* A reference that nobody holds is what keeps the name. */
static inline struct dentry *d_make_persistent(struct dentry *dentry,
					       struct inode *inode)
{
	d_instantiate(dentry, inode);
	return dget(dentry);
}
#endif

#ifndef HAVE_INODE_JUST_DROP
#define inode_just_drop generic_delete_inode
#endif

#ifdef HAVE_CREATE_EXCL
#define DEFINE_CREATE(name, dir, dentry, mode)				\
static int name(struct mnt_idmap *idmap, struct inode *dir,		\
		struct dentry *dentry, umode_t mode, bool excl)
#else
#define DEFINE_CREATE(name, dir, dentry, mode)				\
static int name(struct mnt_idmap *idmap, struct inode *dir,		\
		struct dentry *dentry, umode_t mode)
#endif

#ifdef HAVE_MKDIR_DENTRY
#define DEFINE_MKDIR(name, dir, dentry, mode)				\
static struct dentry *name(struct mnt_idmap *idmap, struct inode *dir,	\
			   struct dentry *dentry, umode_t mode)

/* NULL is the one that was passed in. */
#define mkdir_result(ret)	ERR_PTR(ret)
#else
#define DEFINE_MKDIR(name, dir, dentry, mode)				\
static int name(struct mnt_idmap *idmap, struct inode *dir,		\
		struct dentry *dentry, umode_t mode)

#define mkdir_result(ret)	(ret)
#endif

#endif
