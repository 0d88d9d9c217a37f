/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Held pages: pages of dom0 that Xen may still map after their user has released them.
 *
 * A reference to each page keeps Linux from using it for anything else.
 */
#ifndef VXI_HELD_H
#define VXI_HELD_H

#include <linux/list.h>
#include <linux/types.h>

/**
 * vxi_held_add() - take a reference to each page of a run
 * @held:	a list that the caller keeps; empty before the first run
 * @pfn:	the first page; the caller's user still has them pinned
 * @nr:		how many
 *
 * Memory of devices is passed over. This does not fail.
 */
void vxi_held_add(struct list_head *held, u64 pfn, u64 nr);

/* Drop the references to all pages of the list, which is empty after that. */
void vxi_held_release(struct list_head *held);

#endif
