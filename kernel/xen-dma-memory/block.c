// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks: allocate memory for them, and limit their number.
 */
#define pr_fmt(fmt) "xen-dma-memory: " fmt

#include <linux/atomic.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include <asm/xen/page.h>

#include "block.h"
#include "stats.h"

/*
 * Try reclaim and compaction, because the memory stays for long and is used a
 * lot, but kill no process for it: the caller gets -ENOMEM.
 */
#define BLOCK_GFP (GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

static struct platform_device *device;
static atomic_long_t used;
static atomic_long_t limit;

unsigned long xdm_blocks_limit(void)
{
	return atomic_long_read(&limit);
}

void xdm_blocks_set_limit(unsigned long new_limit)
{
	atomic_long_set(&limit, min_t(unsigned long, new_limit, LONG_MAX));
}

unsigned long xdm_blocks_used(void)
{
	return atomic_long_read(&used);
}

static bool take_from_limit(void)
{
	if (atomic_long_inc_return(&used) <= atomic_long_read(&limit))
		return true;
	atomic_long_dec(&used);
	return false;
}

static void own_pages(struct block *block, struct page *first)
{
	unsigned int i;

	/* From here on each page has its own life. */
	split_page(first, BLOCK_ORDER);
	for (i = 0; i < BLOCK_PAGES; i++)
		block->pages[i] = first + i;
}

/*
 * Xen's DMA operations exchange the frames of an allocation for aligned and
 * contiguous ones if necessary, and a module has no other way to request that.
 * The memory is never given back to them, which would exchange the frames
 * again. It is freed as single pages, whose frames need no exchange for the
 * next block. The operations are called directly, because the DMA core tracks
 * memory until it is given back (DMA_API_DEBUG).
 */
static int alloc_aligned(struct block *block)
{
	const struct dma_map_ops *ops = get_dma_ops(&device->dev);
	dma_addr_t machine;
	struct page *first;
	void *va;

	if (stats_refuse(REFUSE_ALIGNED))
		return -ENOMEM;
	if (!ops || !ops->alloc)
		return -ENOMEM;
	va = ops->alloc(&device->dev, BLOCK_BYTES, &machine, BLOCK_GFP, 0);
	if (!va)
		return -ENOMEM;
	first = virt_to_page(va);
	/*
	 * This flag would make the DMA operations exchange the frames when
	 * freeing them.
	 */
	if (PageXenRemapped(first)) {
		ClearPageXenRemapped(first);
		xdm_stats_count_exchange();
	}
	own_pages(block, first);
	return 0;
}

static int alloc_together(struct block *block)
{
	struct page *first;

	if (stats_refuse(REFUSE_TOGETHER))
		return -ENOMEM;
	first = alloc_pages(BLOCK_GFP | __GFP_ZERO, BLOCK_ORDER);
	if (!first)
		return -ENOMEM;
	own_pages(block, first);
	return 0;
}

static void put_pages(struct block *block, unsigned int nr)
{
	while (nr)
		put_page(block->pages[--nr]);
}

static int alloc_single(struct block *block)
{
	unsigned int i;

	for (i = 0; i < BLOCK_PAGES; i++) {
		block->pages[i] = alloc_page(BLOCK_GFP | __GFP_ZERO);
		if (!block->pages[i]) {
			put_pages(block, i);
			return -ENOMEM;
		}
	}
	return 0;
}

static enum block_kind kind_of(const struct block *block)
{
	unsigned long mfn = pfn_to_mfn(page_to_pfn(block->pages[0]));
	unsigned int i;

	for (i = 1; i < BLOCK_PAGES; i++)
		if (pfn_to_mfn(page_to_pfn(block->pages[i])) != mfn + i)
			return BLOCK_SCATTERED;
	return IS_ALIGNED(mfn, BLOCK_PAGES) ? BLOCK_ALIGNED : BLOCK_CONTIGUOUS;
}

/* Single pages may be contiguous by luck, which a test must exclude. */
static void scatter(struct block *block)
{
	if (block->kind == BLOCK_SCATTERED)
		return;
	swap(block->pages[0], block->pages[1]);
	block->kind = BLOCK_SCATTERED;
}

static int alloc_pages_of(struct block *block)
{
	int ret = alloc_aligned(block);

	if (ret)
		ret = alloc_together(block);
	if (ret)
		ret = alloc_single(block);
	if (ret)
		return ret;
	block->kind = kind_of(block);
	if (stats_refuse(REFUSE_TOGETHER))
		scatter(block);
	if (block->kind != BLOCK_ALIGNED)
		pr_notice_ratelimited("found no 2 MiB of aligned machine memory: some is mapped in smaller pieces\n");
	return 0;
}

struct block *xdm_block_alloc(void)
{
	struct block *block;
	int ret = -ENOSPC;

	if (!take_from_limit())
		return ERR_PTR(ret);
	ret = -ENOMEM;
	block = kzalloc(sizeof(*block), GFP_KERNEL_ACCOUNT);
	if (!block)
		goto give_back;
	block->pages = kmalloc_array(BLOCK_PAGES, sizeof(*block->pages),
				     GFP_KERNEL_ACCOUNT);
	if (!block->pages)
		goto free_block;
	ret = alloc_pages_of(block);
	if (ret)
		goto free_array;
	xdm_stats_count_blocks(block->kind, 1);
	return block;

free_array:
	kfree(block->pages);
free_block:
	kfree(block);
give_back:
	atomic_long_dec(&used);
	return ERR_PTR(ret);
}

void xdm_block_free(struct block *block)
{
	xdm_stats_count_blocks(block->kind, -1);
	put_pages(block, BLOCK_PAGES);
	kfree(block->pages);
	kfree(block);
	atomic_long_dec(&used);
}

int xdm_block_init(void)
{
	int ret;

	device = platform_device_register_simple("xen-dma-memory",
						 PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(device))
		return PTR_ERR(device);
	ret = dma_set_mask_and_coherent(&device->dev, DMA_BIT_MASK(64));
	if (ret)
		platform_device_unregister(device);
	/* As tmpfs has it */
	xdm_blocks_set_limit(totalram_pages() / BLOCK_PAGES / 2);
	return ret;
}

void xdm_block_exit(void)
{
	platform_device_unregister(device);
}
