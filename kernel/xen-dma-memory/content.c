// SPDX-License-Identifier: GPL-2.0
/*
 * The content of a file: a map from block numbers to blocks.
 *
 * Mappings are VM_MIXEDMAP, that is, of pages with reference counts, which can
 * be pinned for any time. Nothing tracks dirty pages, because they are never
 * written back; otherwise long-term pinning would be refused.
 *
 * Locks: mmap_lock or the inode's > content->lock > those of unmap_mapping_range()
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/falloc.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "block.h"
#include "content.h"

/**
 * struct content - the blocks of a file
 * @lock:	protects @blocks, and the inode's size as far as blocks depend on it
 * @blocks:	struct block by number
 */
struct content {
	struct mutex lock; /* see above */
	struct xarray blocks;
};

static struct content *content_of(struct inode *inode)
{
	return inode->i_private;
}

struct content *xdm_content_alloc(void)
{
	struct content *content = kzalloc(sizeof(*content), GFP_KERNEL_ACCOUNT);

	if (!content)
		return NULL;
	mutex_init(&content->lock);
	xa_init(&content->blocks);
	return content;
}

static struct block *get_block(struct inode *inode, unsigned long nr)
{
	struct content *content = content_of(inode);
	struct block *block = xa_load(&content->blocks, nr);
	int ret;

	if (block)
		return block;
	block = xdm_block_alloc();
	if (IS_ERR(block))
		return block;
	ret = xa_err(xa_store(&content->blocks, nr, block, GFP_KERNEL_ACCOUNT));
	if (ret) {
		xdm_block_free(block);
		return ERR_PTR(ret);
	}
	inode_add_bytes(inode, BLOCK_BYTES);
	return block;
}

static int get_blocks(struct inode *inode, unsigned long nr, unsigned long end)
{
	for (; nr < end; nr++) {
		struct block *block = get_block(inode, nr);

		if (IS_ERR(block))
			return PTR_ERR(block);
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/* For blocks that nobody can have mapped any more */
static void drop_blocks(struct inode *inode, unsigned long first,
			unsigned long last)
{
	struct content *content = content_of(inode);
	struct block *block;
	unsigned long nr;

	xa_for_each_range(&content->blocks, nr, block, first, last) {
		xa_erase(&content->blocks, nr);
		xdm_block_free(block);
		inode_sub_bytes(inode, BLOCK_BYTES);
		cond_resched();
	}
}

static unsigned long blocks_in(loff_t size)
{
	return size >> BLOCK_SHIFT;
}

void xdm_content_free(struct inode *inode)
{
	struct content *content = content_of(inode);

	if (!content)
		return;
	drop_blocks(inode, 0, ULONG_MAX);
	xa_destroy(&content->blocks);
	mutex_destroy(&content->lock);
	kfree(content);
}

int xdm_content_resize(struct inode *inode, loff_t size)
{
	struct content *content = content_of(inode);

	if (!IS_ALIGNED(size, BLOCK_BYTES))
		return -EINVAL;

	guard(mutex)(&content->lock);

	i_size_write(inode, size);
	unmap_mapping_range(inode->i_mapping, size, 0, 1);
	drop_blocks(inode, blocks_in(size), ULONG_MAX);
	return 0;
}

static void punch(struct inode *inode, loff_t start, loff_t end)
{
	start = round_up(start, BLOCK_BYTES);
	end = round_down(end, BLOCK_BYTES);
	if (start >= end)
		return;
	unmap_mapping_range(inode->i_mapping, start, end - start, 1);
	drop_blocks(inode, blocks_in(start), blocks_in(end) - 1);
}

static int extend(struct inode *inode, loff_t start, loff_t end, bool keep_size)
{
	int ret;

	end = round_up(end, BLOCK_BYTES);
	if (!keep_size && end > i_size_read(inode)) {
		ret = inode_newsize_ok(inode, end);
		if (ret)
			return ret;
	}
	ret = get_blocks(inode, blocks_in(start), blocks_in(end));
	if (!ret && !keep_size && end > i_size_read(inode))
		i_size_write(inode, end);
	return ret;
}

static long xdm_content_fallocate(struct file *file, int mode, loff_t offset,
				  loff_t len)
{
	struct inode *inode = file_inode(file);
	struct content *content = content_of(inode);
	int ret = 0;

	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;

	inode_lock(inode);
	mutex_lock(&content->lock);
	if (mode & FALLOC_FL_PUNCH_HOLE)
		punch(inode, offset, offset + len);
	else
		ret = extend(inode, offset, offset + len,
			     mode & FALLOC_FL_KEEP_SIZE);
	mutex_unlock(&content->lock);
	inode_unlock(inode);
	return ret;
}

/*
 * Map all pages of the block from here on. Pages before this one are mapped
 * when they are accessed: some may be mapped already, and the call stops at
 * those.
 */
static int insert(struct vm_fault *vmf, struct block *block)
{
	struct vm_area_struct *vma = vmf->vma;
	unsigned long in_block = vmf->pgoff % BLOCK_PAGES;
	unsigned long nr = min(BLOCK_PAGES - in_block,
			       (vma->vm_end - vmf->address) >> PAGE_SHIFT);
	int ret = vm_insert_pages(vma, vmf->address & PAGE_MASK,
				  block->pages + in_block, &nr);

	return ret == -EBUSY ? 0 : ret;
}

static vm_fault_t xdm_content_fault(struct vm_fault *vmf)
{
	struct inode *inode = file_inode(vmf->vma->vm_file);
	struct content *content = content_of(inode);
	struct block *block;
	int ret;

	guard(mutex)(&content->lock);

	if (vmf->pgoff >= i_size_read(inode) >> PAGE_SHIFT)
		return VM_FAULT_SIGBUS;
	block = get_block(inode, vmf->pgoff / BLOCK_PAGES);
	if (IS_ERR(block))
		return VM_FAULT_SIGBUS;
	ret = insert(vmf, block);
	return ret ? vmf_error(ret) : VM_FAULT_NOPAGE;
}

static const struct vm_operations_struct content_vm_ops = {
	.fault = xdm_content_fault,
};

/*
 * Allocate the mapped range, so that a lack of memory is an error here and not
 * a signal later. A file grows to the mapped range.
 */
static int xdm_content_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct inode *inode = file_inode(file);
	struct content *content = content_of(inode);
	loff_t start = (loff_t)vma->vm_pgoff << PAGE_SHIFT;
	loff_t end = start + (vma->vm_end - vma->vm_start);
	int ret;

	/* A private mapping would copy to other memory. */
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;

	guard(mutex)(&content->lock);

	if (!(vma->vm_flags & VM_WRITE))
		end = min(end, i_size_read(inode));
	ret = end > start ? extend(inode, start, end, false) : 0;
	if (ret) {
		drop_blocks(inode, blocks_in(i_size_read(inode)), ULONG_MAX);
		return ret == -ENOSPC ? -ENOMEM : ret;
	}
	vm_flags_set(vma, VM_MIXEDMAP | VM_DONTEXPAND);
	vma->vm_ops = &content_vm_ops;
	file_accessed(file);
	return 0;
}

const struct file_operations xdm_content_file_ops = {
	.mmap = xdm_content_mmap,
	/*
	 * Choose addresses with aligned blocks, so that iovas can be aligned,
	 * too.
	 */
	.get_unmapped_area = thp_get_unmapped_area,
	.fallocate = xdm_content_fallocate,
	.fsync = noop_fsync,
	.llseek = generic_file_llseek,
};
