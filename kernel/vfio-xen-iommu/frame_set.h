/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frame sets: which frames of dom0's RAM an address space maps.
 *
 * A frame can be mapped at any number of iovas, and is pinned once. A set has one bit
 * for each pfn, so a frame counts once, and a run of frames takes little time.
 *
 * A frame leaves the set when it is unmapped at any of its iovas. So the set never has
 * more frames than are pinned, which is what a limit needs; it can have fewer.
 */
#ifndef VXI_FRAME_SET_H
#define VXI_FRAME_SET_H

#include "pure.h"

#define FRAME_SET_RECENT	4

struct frame_bitmap {
	unsigned long index;
	u64 *words;
};

/**
 * struct frame_set - a set of pfns
 * @pages:	bitmaps of 4096 bytes, each for as many pfns as it has bits
 * @nr:		number of frames in the set
 * @recent:	bitmaps that were used lately, by the low bits of their index: most
 *		calls are about single frames from a few parts of memory
 *
 * Locking: the caller serialises everything.
 */
struct frame_set {
	struct xarray pages;
	unsigned long nr;
	struct frame_bitmap recent[FRAME_SET_RECENT];
};

void vxi_frame_set_init(struct frame_set *set);

/**
 * vxi_frame_set_reserve() - allocate what adding these frames takes
 *
 * Return: 0 or -ENOMEM.
 */
int vxi_frame_set_reserve(struct frame_set *set, u64 pfn, u64 nr);

/* How many of these frames are not in the set. */
u64 vxi_frame_set_missing(struct frame_set *set, u64 pfn, u64 nr);

/* Add frames for which vxi_frame_set_reserve() has succeeded. */
void vxi_frame_set_add(struct frame_set *set, u64 pfn, u64 nr);

/* Remove those of the frames that are in the set. */
void vxi_frame_set_remove(struct frame_set *set, u64 pfn, u64 nr);

/* Free all memory; the set is empty after that. */
void vxi_frame_set_free(struct frame_set *set);

#endif
