// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics, and their view in debugfs.
 */
#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "stats.h"

static struct dentry *dir;
static atomic_long_t blocks[NR_BLOCK_KINDS];
static atomic_long_t exchanges;

static const char * const kind_names[] = {
	[BLOCK_ALIGNED] = "aligned_blocks",
	[BLOCK_CONTIGUOUS] = "contiguous_blocks",
	[BLOCK_SCATTERED] = "scattered_blocks",
};

void xdm_stats_count_blocks(enum block_kind kind, int n)
{
	atomic_long_add(n, &blocks[kind]);
}

void xdm_stats_count_exchange(void)
{
	atomic_long_inc(&exchanges);
}

static int stats_show(struct seq_file *s, void *unused)
{
	unsigned int i;

	static_assert(ARRAY_SIZE(kind_names) == NR_BLOCK_KINDS);

	for (i = 0; i < NR_BLOCK_KINDS; i++)
		seq_printf(s, "%s %ld\n", kind_names[i],
			   atomic_long_read(&blocks[i]));
	seq_printf(s, "exchanges %ld\n", atomic_long_read(&exchanges));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

#ifdef XEN_IOMMU_FAULT_INJECTION
static u32 refused;

bool stats_refuse(enum refusal what)
{
	return READ_ONCE(refused) & what;
}

static void refuse_debugfs_add(void)
{
	debugfs_create_u32("refuse", 0600, dir, &refused);
}
#else
static void refuse_debugfs_add(void)
{
}
#endif

void xdm_stats_init(void)
{
	dir = debugfs_create_dir("xen-dma-memory", NULL);
	debugfs_create_file("stats", 0400, dir, NULL, &stats_fops);
	refuse_debugfs_add();
}

void xdm_stats_exit(void)
{
	debugfs_remove_recursive(dir);
}
