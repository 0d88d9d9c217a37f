// SPDX-License-Identifier: GPL-2.0
/*
 * Shell domains: create them, provide page-table memory, map into them, destroy
 * them.
 */
#define pr_fmt(fmt) "vfio-xen-iommu: " fmt

#include <linux/err.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uuid.h>

#include "domctl_abi.h"
#include "frames.h"
#include "held.h"
#include "hypercall.h"
#include "runs.h"
#include "shell.h"
#include "stats.h"

#define SHELL_FLAGS	(DOMCTL_CDF_HVM | DOMCTL_CDF_HAP | DOMCTL_CDF_IOMMU)

/*
 * Pages of the pool beyond the known page tables, some for Xen's own mappings
 * and some to lend to it. Also the smallest growth of the pool, so that it is
 * set rarely. A page maps 2 MiB.
 */
#define POOL_SPARE	32UL
#define POOL_STEP	64UL

struct ram_range {
	u64 mfn;
	u64 nr;
};

/* The machine's RAM, read once: every shell domain may map all of it. */
static struct ram_range *ram_ranges;
static unsigned int nr_ram_ranges;

static int add_ram_range(void *ctx, u64 mfn, u64 nr)
{
	struct ram_range *grown;

	grown = krealloc_array(ram_ranges, nr_ram_ranges + 1, sizeof(*grown),
			       GFP_KERNEL);
	if (!grown)
		return -ENOMEM;
	ram_ranges = grown;
	ram_ranges[nr_ram_ranges++] = (struct ram_range){ mfn, nr };
	return 0;
}

/* Xen returns EINVAL in both cases, so try again with less. */
static const char *what_is_missing(void)
{
	domid_t domid;

	if (vxi_hc_create(DOMCTL_CDF_HVM | DOMCTL_CDF_HAP, guid_null.b, &domid))
		return "HVM with nested paging (enable VT-x or AMD-V; no hap=0 for Xen)";
	vxi_hc_destroy(domid);
	return "an IOMMU (enable VT-d or AMD-Vi; no iommu=off for Xen)";
}

void vxi_shell_exit(void)
{
	kfree(ram_ranges);
}

int vxi_shell_init(void)
{
	domid_t domid;
	int ret;

	ret = vxi_hc_create(SHELL_FLAGS, guid_null.b, &domid);
	if (ret) {
		pr_err("Xen has refused an address space (%d): it lacks %s\n",
		       ret, what_is_missing());
		return -ENODEV;
	}
	ret = vxi_hc_destroy(domid);
	if (!ret)
		ret = vxi_hc_ram_ranges(add_ram_range, NULL);
	if (ret) {
		pr_err("cannot learn what RAM the machine has: %d\n", ret);
		vxi_shell_exit();
	}
	return ret;
}

static int permit_ram(domid_t domid)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < nr_ram_ranges && !ret; i++)
		ret = vxi_hc_allow_frames(domid, ram_ranges[i].mfn,
					  ram_ranges[i].nr, true);
	return ret;
}

struct shell *vxi_shell_create(const char *name)
{
	struct shell *shell = kzalloc(sizeof(*shell), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!shell)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&shell->devices);
	INIT_LIST_HEAD(&shell->held);
	strscpy(shell->name, name);
	shell->pool_pages = XEN_POOL_INITIAL;

	generate_random_uuid(shell->handle);
	ret = vxi_hc_create(SHELL_FLAGS, shell->handle, &shell->domid);
	if (ret) {
		pr_err_ratelimited("%s: cannot create a shell domain: %d\n",
				   name, ret);
		goto free_shell;
	}
	ret = permit_ram(shell->domid);
	if (ret) {
		pr_err_ratelimited("%s: cannot permit d%u the machine's RAM: %d\n",
				   name, shell->domid, ret);
		goto destroy_domain;
	}

	vxi_name_set(shell->domid, shell->name);
	vxi_stat_add(STAT_SHELL_DOMAINS, 1);
	vxi_stat_add(STAT_POOL_PAGES, shell->pool_pages);
	return shell;

destroy_domain:
	if (vxi_hc_destroy(shell->domid))
		pr_err("%s: d%u is left behind: xl destroy %u\n", name,
		       shell->domid, shell->domid);
free_shell:
	kfree(shell);
	return ERR_PTR(ret);
}

int vxi_shell_check(const struct shell *shell)
{
	struct xen_domain_info info;
	int ret = vxi_hc_domain_info(shell->domid, &info);

	if (!ret && memcmp(info.handle, shell->handle, sizeof(info.handle)))
		ret = -ESRCH;
	return ret;
}

int vxi_shell_destroy(struct shell *shell)
{
	int ret = vxi_shell_check(shell);

	if (!ret)
		ret = vxi_hc_destroy(shell->domid);
	/* An xl destroy by somebody else is as good. */
	if (ret && ret != -ESRCH)
		return ret;

	vxi_name_remove(shell->domid, shell->name);
	vxi_stat_add(STAT_SHELL_DOMAINS, -1);
	vxi_stat_add(STAT_POOL_PAGES, -(s64)shell->pool_pages);
	vxi_stat_add(STAT_MAPPED_PAGES, -(s64)shell->mapped_pages);
	vxi_held_release(&shell->held);
	kfree(shell);
	return 0;
}

void vxi_shell_hold(struct shell *shell, u64 pfn, u64 nr)
{
	vxi_held_add(&shell->held, pfn, nr);
}

int vxi_shell_reserve(struct shell *shell, unsigned long nr_tables)
{
	unsigned long needed = nr_tables + POOL_SPARE;
	unsigned long pages;
	int ret;

	if (needed <= shell->pool_pages)
		return 0;
	pages = max(needed, shell->pool_pages +
			    max(POOL_STEP, shell->pool_pages / 4));
	ret = vxi_hc_set_pool(shell->domid, pages);
	if (ret) {
		/* The pool has got the last of Xen's memory: give it back. */
		vxi_hc_set_pool(shell->domid, shell->pool_pages);
		return ret;
	}
	vxi_stat_add(STAT_POOL_PAGES, pages - shell->pool_pages);
	shell->pool_pages = pages;
	return 0;
}

int vxi_shell_lend_spare(struct shell *shell)
{
	int ret = vxi_hc_set_pool(shell->domid, shell->pool_pages - POOL_SPARE);

	if (!ret) {
		shell->pool_pages -= POOL_SPARE;
		vxi_stat_add(STAT_POOL_PAGES, -(s64)POOL_SPARE);
	}
	return ret;
}

static long map_call(void *ctx, u64 dfn, u64 mfn, u64 nr)
{
	struct shell *shell = ctx;

	return vxi_hc_map(shell->domid, dfn, mfn, nr);
}

static long unmap_call(void *ctx, u64 dfn, u64 mfn, u64 nr)
{
	struct shell *shell = ctx;

	return vxi_hc_unmap(shell->domid, dfn, mfn, nr);
}

static void count_mapped(struct shell *shell, s64 nr)
{
	shell->mapped_pages += nr;
	vxi_stat_add(STAT_MAPPED_PAGES, nr);
}

/*
 * If Xen runs out of memory in the middle of an entry, it can leave the entry
 * in the p2m but not in the IOMMU's tables. Remove it, because a later mapping
 * could collide with it. Usually there is nothing to remove, so ignore that
 * error.
 */
static void clear_failed_entry(struct shell *shell, u64 dfn, u64 mfn, u64 nr)
{
	vxi_hc_unmap(shell->domid, dfn, mfn, nr);
}

/*
 * Permit the whole range at once: Xen keeps a record for each permitted range.
 */
static int permit_bar(struct shell *shell, u64 mfn, u64 nr)
{
	u64 bar_mfn, bar_nr;

	if (!vxi_frames_find_bar(mfn, nr, &bar_mfn, &bar_nr)) {
		pr_warn_ratelimited("%s: refusing to map mfn %#llx, which is neither dom0's RAM nor a BAR\n",
				    shell->name, mfn);
		return -EPERM;
	}
	return vxi_hc_allow_frames(shell->domid, bar_mfn, bar_nr, true);
}

int vxi_shell_map(struct shell *shell, u64 dfn, u64 frame, u64 nr, u64 *done)
{
	u64 mfn = frame & ~FRAME_MMIO;
	int ret = 0;

	*done = 0;
	if (frame == FRAME_INVALID) {
		pr_warn_ratelimited("%s: refusing to map a page that is not dom0's own\n",
				    shell->name);
		return -EPERM;
	}
	if (frame & FRAME_MMIO)
		ret = permit_bar(shell, mfn, nr);
	if (!ret)
		ret = vxi_run_issue(map_call, shell, dfn, mfn, nr, done);
	count_mapped(shell, *done);
	if (ret == -ENOMEM)
		clear_failed_entry(shell, dfn + *done, mfn + *done, nr - *done);
	return ret;
}

int vxi_shell_unmap(struct shell *shell, u64 dfn, u64 frame, u64 nr)
{
	u64 mfn = frame & ~FRAME_MMIO;
	u64 done;
	int ret = vxi_run_issue(unmap_call, shell, dfn, mfn, nr, &done);

	count_mapped(shell, -(s64)done);
	return ret;
}
