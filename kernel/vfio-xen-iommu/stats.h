/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters, which every file may add to. debugfs.h shows them.
 */
#ifndef VXI_STATS_H
#define VXI_STATS_H

#include <linux/atomic.h>
#include <linux/types.h>

enum vxi_stat {
	STAT_SHELL_DOMAINS,
	STAT_MAPPED_PAGES,
	STAT_TABLE_PAGES,
	STAT_POOL_PAGES,
	STAT_HELD_PAGES,
	STAT_HYPERCALLS,
	STAT_HYPERCALL_FAILURES,
	STAT_HYPERCALL_CYCLES,
	STAT_MAP_CALLS,
	STAT_MAP_PAGES,
	STAT_UNMAP_CALLS,
	STAT_UNMAP_PAGES,
	NR_VXI_STATS
};

extern atomic64_t vxi_stats[NR_VXI_STATS];

static inline void vxi_stat_add(enum vxi_stat stat, s64 n)
{
	atomic64_add(n, &vxi_stats[stat]);
}

#endif
