// SPDX-License-Identifier: GPL-2.0
/*
 * Frame sets: an array of bitmaps, one page each.
 */
#include "frame_set.h"

#define WORD_BITS	64
#define PAGE_WORDS	512
#define PAGE_FRAMES	(WORD_BITS * PAGE_WORDS)

enum change {
	KEEP,
	ADD,
	REMOVE,
};

/* The bits of one word from @first on, at most @nr */
static u64 mask_of(unsigned int first, u64 nr)
{
	unsigned int count = min(nr, (u64)(WORD_BITS - first));

	return (~0ULL >> (WORD_BITS - count)) << first;
}

/* All frames belong to one bitmap. Return: how many of them were in the set. */
static unsigned long change_page(u64 *words, unsigned int first, u64 nr,
				 enum change change)
{
	u64 end = first + nr;
	unsigned long found = 0;
	u64 at = first;

	while (at < end) {
		u64 *word = &words[at / WORD_BITS];
		u64 mask = mask_of(at % WORD_BITS, end - at);

		found += hweight64(*word & mask);
		if (change == ADD)
			*word |= mask;
		else if (change == REMOVE)
			*word &= ~mask;
		at += WORD_BITS - at % WORD_BITS;
	}
	return found;
}

/* How many of the frames from @pfn on belong to its bitmap */
static u64 in_page(u64 pfn, u64 nr)
{
	return min(nr, PAGE_FRAMES - pfn % PAGE_FRAMES);
}

/* Return: the bitmap of a frame, or NULL. */
static u64 *bitmap_of(struct frame_set *set, u64 pfn)
{
	unsigned long index = pfn / PAGE_FRAMES;
	struct frame_bitmap *recent = &set->recent[index % FRAME_SET_RECENT];

	if (!recent->words || recent->index != index) {
		recent->words = xa_load(&set->pages, index);
		recent->index = index;
	}
	return recent->words;
}

/* The same as change_set() for one frame. */
static bool change_frame(struct frame_set *set, u64 pfn, enum change change)
{
	u64 *words = bitmap_of(set, pfn);
	u64 mask = 1ULL << pfn % WORD_BITS;
	u64 *word;
	bool found;

	if (!words)
		return false;
	word = &words[pfn % PAGE_FRAMES / WORD_BITS];
	found = *word & mask;
	if (change == ADD)
		*word |= mask;
	else if (change == REMOVE)
		*word &= ~mask;
	return found;
}

/* Return: how many of the frames were in the set. */
static u64 change_set(struct frame_set *set, u64 pfn, u64 nr,
		      enum change change)
{
	u64 found = 0;

	if (nr == 1)
		return change_frame(set, pfn, change);
	while (nr) {
		u64 *words = bitmap_of(set, pfn);
		u64 count = in_page(pfn, nr);

		if (words)
			found += change_page(words, pfn % PAGE_FRAMES, count,
					     change);
		pfn += count;
		nr -= count;
	}
	return found;
}

void vxi_frame_set_init(struct frame_set *set)
{
	xa_init(&set->pages);
	set->nr = 0;
	memset(set->recent, 0, sizeof(set->recent));
}

static int reserve_page(struct frame_set *set, u64 pfn)
{
	void *page;
	int ret;

	if (bitmap_of(set, pfn))
		return 0;
	page = pure_alloc_page();
	if (!page)
		return -ENOMEM;
	ret = xa_err(xa_store(&set->pages, pfn / PAGE_FRAMES, page, GFP_KERNEL));
	if (ret)
		pure_free_page(page);
	return ret;
}

int vxi_frame_set_reserve(struct frame_set *set, u64 pfn, u64 nr)
{
	int ret = 0;

	while (nr && !ret) {
		u64 count = in_page(pfn, nr);

		ret = reserve_page(set, pfn);
		pfn += count;
		nr -= count;
	}
	return ret;
}

u64 vxi_frame_set_missing(struct frame_set *set, u64 pfn, u64 nr)
{
	return nr - change_set(set, pfn, nr, KEEP);
}

void vxi_frame_set_add(struct frame_set *set, u64 pfn, u64 nr)
{
	set->nr += nr - change_set(set, pfn, nr, ADD);
}

void vxi_frame_set_remove(struct frame_set *set, u64 pfn, u64 nr)
{
	set->nr -= change_set(set, pfn, nr, REMOVE);
}

void vxi_frame_set_free(struct frame_set *set)
{
	unsigned long index;
	void *page;

	xa_for_each(&set->pages, index, page)
		pure_free_page(page);
	xa_destroy(&set->pages);
	set->nr = 0;
	memset(set->recent, 0, sizeof(set->recent));
}
