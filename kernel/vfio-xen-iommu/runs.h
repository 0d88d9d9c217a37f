/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs: what a hypercall can map at once.
 *
 * XEN_DOMCTL_memory_mapping takes one run of machine-contiguous frames, while
 * Linux hands us pfn-contiguous ones, and in a PV dom0 these are not the same.
 * Each call has a fixed cost in Xen beside that of its entries, so runs are
 * made as long as the frames allow.
 */
#ifndef VXI_RUNS_H
#define VXI_RUNS_H

#include "pure.h"

/*
 * A frame as Xen is to map it: an mfn, FRAME_MMIO set for a device's memory.
 * RAM and MMIO are never in one run, as they differ in that bit.
 */
#define FRAME_MMIO	BIT_ULL(62)
#define FRAME_INVALID	(~0ULL)

/**
 * typedef frame_fn - the frame behind a pfn, FRAME_INVALID if it has none that
 * may be mapped
 */
typedef u64 frame_fn(u64 pfn);

/**
 * typedef mapping_fn - one XEN_DOMCTL_memory_mapping
 *
 * Return: 0 if all @nr frames are done, a positive number if that many are
 * and the rest is to be asked for again, or -errno if none is.
 */
typedef long mapping_fn(void *ctx, u64 dfn, u64 mfn, u64 nr);

/**
 * vxi_run_length() - the machine-contiguous run at the start of a pfn range
 * @pfn:	its first pfn
 * @nr:		its length, at least 1
 * @lookup:	finds the frame of a pfn
 * @frame:	receives the frame of @pfn
 *
 * Return: the length of the run, 1 to @nr; of frames that may not be mapped if
 * @frame is FRAME_INVALID.
 */
u64 vxi_run_length(u64 pfn, u64 nr, frame_fn *lookup, u64 *frame);

/**
 * vxi_run_issue() - make hypercalls until a run is done
 * @done:	receives how many frames are, all of them or those before an
 *		error
 *
 * Other tasks may run between two calls, so the caller must be able to sleep.
 *
 * Return: 0, or what @call failed with; -EIO for an answer that no Xen gives.
 */
int vxi_run_issue(mapping_fn *call, void *ctx, u64 dfn, u64 mfn, u64 nr,
		  u64 *done);

#endif
