// SPDX-License-Identifier: GPL-2.0
/*
 * xen-dma-memory: memory for DMA in a PV dom0, in 2 MiB pieces that Xen's IOMMU
 * page tables can map with one entry each.
 */
#define pr_fmt(fmt) "xen-dma-memory: " fmt

#include <linux/errno.h>
#include <linux/module.h>
#include <linux/printk.h>

#include <xen/xen.h>

#include "block.h"
#include "fs.h"
#include "stats.h"
#include "sysfs.h"

static int __init xen_dma_memory_init(void)
{
	int ret;

	if (!xen_initial_domain() || !xen_pv_domain()) {
		pr_err("not a PV dom0: the kernel has huge pages of its own here\n");
		return -ENODEV;
	}
	ret = block_init();
	if (ret)
		return ret;
	ret = sysfs_init();
	if (ret) {
		pr_err("cannot make /sys/kernel/mm/hugepages: %d\n", ret);
		goto exit_block;
	}
	stats_init();
	ret = fs_init();
	if (ret) {
		pr_err("cannot be a hugetlbfs: %d\n", ret);
		goto exit_sysfs;
	}
	return 0;

exit_sysfs:
	stats_exit();
	sysfs_exit();
exit_block:
	block_exit();
	return ret;
}
module_init(xen_dma_memory_init);

static void __exit xen_dma_memory_exit(void)
{
	fs_exit();
	stats_exit();
	sysfs_exit();
	block_exit();
}
module_exit(xen_dma_memory_exit);

MODULE_DESCRIPTION("Memory for DMA that Xen maps in 2 MiB pieces");
MODULE_LICENSE("GPL");
