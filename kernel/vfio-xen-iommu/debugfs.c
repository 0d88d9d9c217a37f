// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics and owners in debugfs.
 */
#include <linux/debugfs.h>
#include <linux/math64.h>
#include <linux/seq_file.h>
#include <linux/time64.h>

#include <asm/tsc.h>

#include "debugfs.h"
#include "fault.h"
#include "owner.h"
#include "stats.h"

static const char * const stat_names[] = {
	[STAT_SHELL_DOMAINS] = "shell_domains",
	[STAT_MAPPED_PAGES] = "mapped_pages",
	[STAT_TABLE_PAGES] = "table_pages",
	[STAT_POOL_PAGES] = "pool_pages",
	[STAT_HELD_PAGES] = "held_pages",
	[STAT_HYPERCALLS] = "hypercalls",
	[STAT_HYPERCALL_FAILURES] = "hypercall_failures",
	[STAT_HYPERCALL_CYCLES] = "hypercall_ns",
	[STAT_MAP_CALLS] = "map_calls",
	[STAT_MAP_PAGES] = "map_pages",
	[STAT_UNMAP_CALLS] = "unmap_calls",
	[STAT_UNMAP_PAGES] = "unmap_pages",
};

static s64 value_of(enum vxi_stat stat)
{
	s64 value = atomic64_read(&vxi_stats[stat]);

	if (stat == STAT_HYPERCALL_CYCLES)
		return mul_u64_u64_div_u64(value, NSEC_PER_MSEC, tsc_khz);
	return value;
}

static int stats_show(struct seq_file *s, void *unused)
{
	unsigned int i;

	static_assert(ARRAY_SIZE(stat_names) == NR_VXI_STATS);

	for (i = 0; i < NR_VXI_STATS; i++)
		seq_printf(s, "%s %lld\n", stat_names[i], value_of(i));
	seq_printf(s, "quarantined_devices %lu\n",
		   vxi_owner_count_quarantined());
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static int shells_show(struct seq_file *s, void *unused)
{
	vxi_owner_show_shells(s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(shells);

static int devices_show(struct seq_file *s, void *unused)
{
	vxi_owner_show_devices(s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(devices);

void vxi_debugfs_init(void)
{
	struct dentry *dir = debugfs_create_dir("vfio-xen-iommu", NULL);

	debugfs_create_file("stats", 0400, dir, NULL, &stats_fops);
	debugfs_create_file("shells", 0400, dir, NULL, &shells_fops);
	debugfs_create_file("devices", 0400, dir, NULL, &devices_fops);
	vxi_fault_debugfs_add(dir);
}
