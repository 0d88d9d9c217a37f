// SPDX-License-Identifier: GPL-2.0
/*
 * Held pages: references to pages that Xen may still map.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "frames.h"
#include "held.h"
#include "runs.h"
#include "stats.h"

struct held_run {
	struct list_head node;
	u64 pfn;
	u64 nr;
};

/*
 * Memory without a reference count, such as reserved pages of a driver, is
 * never freed.
 */
static bool hold_page(u64 pfn)
{
	if (vxi_frame_of_pfn(pfn) & FRAME_MMIO || !pfn_valid(pfn))
		return false;
	return folio_try_get(page_folio(pfn_to_page(pfn)));
}

static u64 hold_run(u64 pfn, u64 nr)
{
	u64 i = 0;

	while (i < nr && hold_page(pfn + i))
		i++;
	return i;
}

static void add_run(struct list_head *held, u64 pfn, u64 nr)
{
	struct held_run *run = kmalloc(sizeof(*run), GFP_KERNEL | __GFP_NOFAIL);

	run->pfn = pfn;
	run->nr = nr;
	list_add_tail(&run->node, held);
	vxi_stat_add(STAT_HELD_PAGES, nr);
}

void vxi_held_add(struct list_head *held, u64 pfn, u64 nr)
{
	while (nr) {
		u64 got = hold_run(pfn, nr);
		/* The page after the run has no reference count. */
		u64 passed = min(got + 1, nr);

		if (got)
			add_run(held, pfn, got);
		pfn += passed;
		nr -= passed;
	}
}

void vxi_held_release(struct list_head *held)
{
	struct held_run *run, *next;
	u64 i;

	list_for_each_entry_safe(run, next, held, node) {
		for (i = 0; i < run->nr; i++)
			folio_put(page_folio(pfn_to_page(run->pfn + i)));
		vxi_stat_add(STAT_HELD_PAGES, -(s64)run->nr);
		list_del(&run->node);
		kfree(run);
	}
}
