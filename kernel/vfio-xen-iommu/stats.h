/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Statistics, and their view in debugfs: /sys/kernel/debug/vfio-xen-iommu/
 *   stats	a counter a line
 *   shells	a shell domain a line, with what it maps and its devices
 *   devices	a PCI device a line, with its owner
 */
#ifndef XEN_IOMMU_STATS_H
#define XEN_IOMMU_STATS_H

#include <linux/atomic.h>
#include <linux/types.h>

enum xen_iommu_stat {
	STAT_SHELL_DOMAINS,
	STAT_MAPPED_PAGES,
	STAT_TABLE_PAGES,
	STAT_POOL_PAGES,
	STAT_HYPERCALLS,
	STAT_HYPERCALL_FAILURES,
	STAT_HYPERCALL_CYCLES,
	STAT_MAP_CALLS,
	STAT_MAP_PAGES,
	STAT_UNMAP_CALLS,
	STAT_UNMAP_PAGES,
	NR_XEN_IOMMU_STATS
};

extern atomic64_t xen_iommu_stats[NR_XEN_IOMMU_STATS];

static inline void stat_add(enum xen_iommu_stat stat, s64 n)
{
	atomic64_add(n, &xen_iommu_stats[stat]);
}

/* Make the debugfs files. They are a convenience: failing to is no error. */
void stats_init(void);

#endif
