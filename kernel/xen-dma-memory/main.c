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

static int __init xdm_init(void)
{
	int ret;

	if (!xen_initial_domain() || !xen_pv_domain()) {
		pr_err("not a PV dom0: the kernel has huge pages of its own here\n");
		return -ENODEV;
	}
	ret = xdm_block_init();
	if (ret)
		return ret;
	ret = xdm_sysfs_init();
	if (ret) {
		pr_err("cannot make /sys/kernel/mm/hugepages: %d\n", ret);
		goto exit_block;
	}
	xdm_stats_init();
	ret = xdm_fs_init();
	if (ret) {
		pr_err("cannot be a hugetlbfs: %d\n", ret);
		goto exit_sysfs;
	}
	return 0;

exit_sysfs:
	xdm_stats_exit();
	xdm_sysfs_exit();
exit_block:
	xdm_block_exit();
	return ret;
}
module_init(xdm_init);

static void __exit xdm_exit(void)
{
	xdm_fs_exit();
	xdm_stats_exit();
	xdm_sysfs_exit();
	xdm_block_exit();
}
module_exit(xdm_exit);

MODULE_DESCRIPTION("Memory for DMA that Xen maps in 2 MiB pieces");
MODULE_LICENSE("GPL");
