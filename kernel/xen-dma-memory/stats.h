/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Statistics, and their view in debugfs: /sys/kernel/debug/xen-dma-memory/
 *   stats	a counter a line
 *   refuse	in a build for tests: which ways to allocate fail, a bit each; with
 *		REFUSE_TOGETHER no block is contiguous by luck either
 */
#ifndef XDM_STATS_H
#define XDM_STATS_H

#include <linux/types.h>

#include "block.h"

enum refusal {
	REFUSE_ALIGNED = 1,
	REFUSE_TOGETHER = 2,
};

void xdm_stats_count_blocks(enum block_kind kind, int n);
void xdm_stats_count_exchange(void);

#ifdef XEN_IOMMU_FAULT_INJECTION
bool stats_refuse(enum refusal what);
#else
static inline bool stats_refuse(enum refusal what)
{
	return false;
}
#endif

/* Make the debugfs files. They are a convenience: failing to is no error. */
void xdm_stats_init(void);
void xdm_stats_exit(void);

#endif
