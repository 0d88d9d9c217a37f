/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Blocks: 2 MiB of zeroed memory, with its machine frames in one aligned run if
 * possible. They consist of ordinary pages, each with its own reference count:
 * a page that is pinned when its block is freed stays until it is unpinned.
 */
#ifndef XDM_BLOCK_H
#define XDM_BLOCK_H

#include <linux/mm_types.h>
#include <linux/sizes.h>

#define BLOCK_SHIFT		21
#define BLOCK_BYTES		SZ_2M
#define BLOCK_PAGES		(BLOCK_BYTES / PAGE_SIZE)
#define BLOCK_ORDER		(BLOCK_SHIFT - PAGE_SHIFT)

/**
 * enum block_kind - what Xen's IOMMU page tables can do with a block
 * @BLOCK_ALIGNED:	one entry of 2 MiB
 * @BLOCK_CONTIGUOUS:	one run, but of 4 KiB entries
 * @BLOCK_SCATTERED:	several runs
 */
enum block_kind {
	BLOCK_ALIGNED,
	BLOCK_CONTIGUOUS,
	BLOCK_SCATTERED,
	NR_BLOCK_KINDS
};

struct block {
	struct page **pages;
	enum block_kind kind;
};

/* The limit on the number of blocks, and their current number */
unsigned long xdm_blocks_limit(void);
void xdm_blocks_set_limit(unsigned long limit);
unsigned long xdm_blocks_used(void);

/**
 * xdm_block_alloc() - make a block, charged to the cgroup of the calling process
 *
 * Return: the block, or ERR_PTR: -ENOSPC at the limit, -ENOMEM.
 */
struct block *xdm_block_alloc(void);
void xdm_block_free(struct block *block);

int xdm_block_init(void);
void xdm_block_exit(void);

#endif
