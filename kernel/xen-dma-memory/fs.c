// SPDX-License-Identifier: GPL-2.0
/*
 * The file system: mounts, directories and names.
 *
 * Programs see it as a hugetlbfs. A PV dom0 lacks the kernel's own, because its
 * page tables cannot have 2 MiB entries; those of the IOMMU can.
 */
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/magic.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include <linux/string.h>

#include "block.h"
#include "compat/fs.h"
#include "content.h"
#include "fs.h"

/* Attributes of a mount's root directory, from its options */
struct fs_options {
	kuid_t uid;
	kgid_t gid;
	umode_t mode;
};

static const struct inode_operations dir_inode_ops;
static const struct inode_operations file_inode_ops;

/* ---- names ---- */

static int make_content(struct inode *inode)
{
	inode->i_private = xdm_content_alloc();
	if (!inode->i_private)
		return -ENOMEM;
	inode->i_op = &file_inode_ops;
	inode->i_fop = &xdm_content_file_ops;
	return 0;
}

static void make_dir(struct inode *inode)
{
	inode->i_op = &dir_inode_ops;
	inode->i_fop = &simple_dir_operations;
	/* For "." */
	inc_nlink(inode);
}

static struct inode *make_inode(struct super_block *sb, const struct inode *dir,
				umode_t mode)
{
	struct inode *inode = new_inode(sb);
	int ret = 0;

	if (!inode)
		return ERR_PTR(-ENOMEM);
	inode->i_ino = get_next_ino();
	inode_init_owner(&nop_mnt_idmap, inode, dir, mode);
	simple_inode_init_ts(inode);
	if (S_ISDIR(mode))
		make_dir(inode);
	else if (S_ISREG(mode))
		ret = make_content(inode);
	else
		init_special_inode(inode, mode, 0);
	if (ret) {
		iput(inode);
		return ERR_PTR(ret);
	}
	return inode;
}

static int add(struct inode *dir, struct dentry *dentry, umode_t mode)
{
	struct inode *inode = make_inode(dir->i_sb, dir, mode);

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	inode_set_mtime_to_ts(dir, inode_set_ctime_current(dir));
	d_make_persistent(dentry, inode);
	return 0;
}

DEFINE_CREATE(xdm_fs_create, dir, dentry, mode)
{
	return add(dir, dentry, mode | S_IFREG);
}

DEFINE_MKDIR(xdm_fs_mkdir, dir, dentry, mode)
{
	int ret = add(dir, dentry, mode | S_IFDIR);

	if (!ret)
		inc_nlink(dir);
	return mkdir_result(ret);
}

static int xdm_fs_mknod(struct mnt_idmap *idmap, struct inode *dir,
			struct dentry *dentry, umode_t mode, dev_t dev)
{
	/* Programs create sockets and pipes beside their memory. */
	if (S_ISCHR(mode) || S_ISBLK(mode))
		return -EPERM;
	return add(dir, dentry, mode);
}

static int xdm_fs_tmpfile(struct mnt_idmap *idmap, struct inode *dir,
			  struct file *file, umode_t mode)
{
	struct inode *inode = make_inode(dir->i_sb, dir, mode | S_IFREG);

	if (IS_ERR(inode))
		return finish_open_simple(file, PTR_ERR(inode));
	d_tmpfile(file, inode);
	return finish_open_simple(file, 0);
}

static const struct inode_operations dir_inode_ops = {
	.lookup = simple_lookup,
	.create = xdm_fs_create,
	.mkdir = xdm_fs_mkdir,
	.mknod = xdm_fs_mknod,
	.tmpfile = xdm_fs_tmpfile,
	.link = simple_link,
	.unlink = simple_unlink,
	.rmdir = simple_rmdir,
	.rename = simple_rename,
};

/* ---- files ---- */

static int xdm_fs_setattr(struct mnt_idmap *idmap, struct dentry *dentry,
			  struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	int ret = setattr_prepare(&nop_mnt_idmap, dentry, attr);

	if (!ret && (attr->ia_valid & ATTR_SIZE))
		ret = xdm_content_resize(inode, attr->ia_size);
	if (!ret)
		setattr_copy(&nop_mnt_idmap, inode, attr);
	return ret;
}

static const struct inode_operations file_inode_ops = {
	.setattr = xdm_fs_setattr,
	.getattr = simple_getattr,
};

/* ---- mounts ---- */

static void xdm_fs_evict(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	if (S_ISREG(inode->i_mode))
		xdm_content_free(inode);
}

static int xdm_fs_statfs(struct dentry *dentry, struct kstatfs *buf)
{
	unsigned long limit = xdm_blocks_limit(), used = xdm_blocks_used();

	simple_statfs(dentry, buf);
	buf->f_bsize = BLOCK_BYTES;
	buf->f_blocks = limit;
	buf->f_bfree = limit > used ? limit - used : 0;
	buf->f_bavail = buf->f_bfree;
	return 0;
}

/* Programs read the available page sizes from this. */
static int xdm_fs_show_options(struct seq_file *m, struct dentry *root)
{
	seq_puts(m, ",pagesize=2M");
	return 0;
}

static const struct super_operations super_ops = {
	.drop_inode = inode_just_drop,
	.evict_inode = xdm_fs_evict,
	.statfs = xdm_fs_statfs,
	.show_options = xdm_fs_show_options,
};

static int xdm_fs_fill_super(struct super_block *sb, struct fs_context *fc)
{
	const struct fs_options *options = fc->fs_private;
	struct inode *inode;

	sb->s_blocksize = BLOCK_BYTES;
	sb->s_blocksize_bits = BLOCK_SHIFT;
	sb->s_magic = HUGETLBFS_MAGIC;
	sb->s_maxbytes = MAX_LFS_FILESIZE;
	sb->s_op = &super_ops;
	sb->s_time_gran = 1;

	inode = make_inode(sb, NULL, S_IFDIR | options->mode);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	inode->i_uid = options->uid;
	inode->i_gid = options->gid;
	sb->s_root = d_make_root(inode);
	return sb->s_root ? 0 : -ENOMEM;
}

enum fs_param { PARAM_GID, PARAM_MODE, PARAM_PAGESIZE, PARAM_UID };

static const struct fs_parameter_spec fs_params[] = {
	fsparam_gid("gid", PARAM_GID),
	fsparam_u32oct("mode", PARAM_MODE),
	fsparam_string("pagesize", PARAM_PAGESIZE),
	fsparam_uid("uid", PARAM_UID),
	{}
};

static int xdm_fs_parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	struct fs_options *options = fc->fs_private;
	struct fs_parse_result result;
	int opt = fs_parse(fc, fs_params, param, &result);

	switch (opt) {
	case PARAM_GID:
		options->gid = result.gid;
		return 0;
	case PARAM_MODE:
		options->mode = result.uint_32 & 01777;
		return 0;
	case PARAM_PAGESIZE:
		if (memparse(param->string, NULL) != BLOCK_BYTES)
			return invalfc(fc, "pagesize is 2M here");
		return 0;
	case PARAM_UID:
		options->uid = result.uid;
		return 0;
	default:
		return opt;
	}
}

static int xdm_fs_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, xdm_fs_fill_super);
}

static void xdm_fs_free_context(struct fs_context *fc)
{
	kfree(fc->fs_private);
}

static const struct fs_context_operations context_ops = {
	.parse_param = xdm_fs_parse_param,
	.get_tree = xdm_fs_get_tree,
	.free = xdm_fs_free_context,
};

static int xdm_fs_init_context(struct fs_context *fc)
{
	struct fs_options *options = kzalloc(sizeof(*options), GFP_KERNEL);

	if (!options)
		return -ENOMEM;
	options->uid = current_fsuid();
	options->gid = current_fsgid();
	options->mode = 0755;
	fc->fs_private = options;
	fc->ops = &context_ops;
	return 0;
}

static struct file_system_type fs_type = {
	.owner = THIS_MODULE,
	.name = "hugetlbfs",
	.init_fs_context = xdm_fs_init_context,
	.parameters = fs_params,
	.kill_sb = kill_persistent_super,
};
MODULE_ALIAS_FS("hugetlbfs");

int xdm_fs_init(void)
{
	return register_filesystem(&fs_type);
}

void xdm_fs_exit(void)
{
	unregister_filesystem(&fs_type);
}
