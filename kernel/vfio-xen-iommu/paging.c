// SPDX-License-Identifier: GPL-2.0
/*
 * Address spaces: their mappings, their devices and their shell domain.
 */
#define pr_fmt(fmt) "vfio-xen-iommu: " fmt

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "frame_set.h"
#include "frames.h"
#include "iova_table.h"
#include "owner.h"
#include "reserved.h"
#include "runs.h"
#include "shell.h"
#include "paging.h"
#include "stats.h"
#include "xen_dev.h"

/*
 * Page-table pages that a space may use beyond one for each page that it has had mapped
 * at the same time, at however many iovas. Without a limit a user could have Xen
 * allocate six pages for every page of locked memory, one mapping at each 512 GiB; with
 * too small a one, programs that move through their address space would be refused.
 */
#define SPARE_TABLE_PAGES 4096UL

/**
 * struct vxi_paging - an address space
 * @iommu_domain:	Linux's view of it
 * @lock:		protects what follows; under the group's mutex in an
 *			attach, innermost but for vxi_owner_lock
 * @table:		what is mapped; read without the lock by iova_to_phys
 * @nr_counted:	nodes of @table that the statistics have
 * @frames:		the RAM that is mapped: VFIO counts it as the user's locked
 *			memory, which it does not do with MMIO
 * @peak:		the most frames that @frames has ever had
 * @reserved_tables:	page tables for the reserved memory of @devices
 * @shell:		where Xen maps them, or NULL
 * @devices:		xen_dev.paging_node of the devices attached
 * @broken:		Xen has refused an unmap or to let a device go: nothing
 *			can be mapped until all have left
 */
struct vxi_paging {
	struct iommu_domain iommu_domain;
	struct mutex lock; /* see above */
	struct iova_table table;
	unsigned long nr_counted;
	struct frame_set frames;
	unsigned long peak;
	unsigned long reserved_tables;
	struct shell *shell;
	struct list_head devices;
	bool broken;
};

static struct vxi_paging *to_paging(struct iommu_domain *dom)
{
	return container_of(dom, struct vxi_paging, iommu_domain);
}

struct iommu_domain *vxi_paging_domain(struct vxi_paging *paging)
{
	return &paging->iommu_domain;
}

struct iommu_domain *vxi_paging_alloc(unsigned int iova_bits,
				      const struct iommu_domain_ops *ops)
{
	struct vxi_paging *paging =
		kzalloc(sizeof(*paging), GFP_KERNEL_ACCOUNT);

	if (!paging)
		return NULL;
	mutex_init(&paging->lock);
	INIT_LIST_HEAD(&paging->devices);
	vxi_frame_set_init(&paging->frames);
	paging->iommu_domain.ops = ops;
	/* With a single size, a run of any length comes in one call. */
	paging->iommu_domain.pgsize_bitmap = SZ_4K;
	paging->iommu_domain.geometry = (struct iommu_domain_geometry){
		.aperture_end = (1ULL << iova_bits) - 1,
		.force_aperture = true,
	};
	return &paging->iommu_domain;
}

/* Call it after every possible change. */
static void count_nodes(struct vxi_paging *paging)
{
	vxi_stat_add(STAT_TABLE_PAGES,
		     (s64)paging->table.nr_nodes - (s64)paging->nr_counted);
	paging->nr_counted = paging->table.nr_nodes;
}

static void free_tables(struct vxi_paging *paging)
{
	vxi_iova_table_free(&paging->table);
	vxi_frame_set_free(&paging->frames);
	count_nodes(paging);
}

static void forget(struct vxi_paging *paging, u64 dfn, u64 nr)
{
	vxi_iova_table_erase(&paging->table, dfn, nr);
	count_nodes(paging);
}

/*
 * Hold all frames that the shell domain, which outlives this space, still maps.
 */
static void hold_mapped(struct vxi_paging *paging)
{
	u64 dfn = 0, pfn, nr;

	while ((nr = vxi_iova_table_next(&paging->table, &dfn, &pfn))) {
		vxi_shell_hold(paging->shell, pfn, nr);
		dfn += nr;
	}
}

void vxi_paging_free(struct iommu_domain *dom)
{
	struct vxi_paging *paging = to_paging(dom);

	/* Only if a device did not leave it */
	if (paging->shell) {
		hold_mapped(paging);
		vxi_owner_abandon_shell(paging->shell);
	}
	free_tables(paging);
	mutex_destroy(&paging->lock);
	kfree(paging);
}

/* Map a pfn range, a run of machine frames at a time. */
static int map_frames(struct shell *shell, u64 dfn, u64 pfn, u64 nr, u64 *done)
{
	int ret = 0;

	*done = 0;
	while (*done < nr && !ret) {
		u64 run_done, run, frame;

		run = vxi_run_length(pfn + *done, nr - *done, vxi_frame_of_pfn,
				     &frame);
		ret = vxi_shell_map(shell, dfn + *done, frame, run, &run_done);
		*done += run_done;
		cond_resched();
	}
	return ret;
}

static int unmap_frames(struct shell *shell, u64 dfn, u64 pfn, u64 nr)
{
	u64 done = 0;
	int ret = 0;

	while (done < nr && !ret) {
		u64 frame;
		u64 run = vxi_run_length(pfn + done, nr - done,
					 vxi_frame_of_pfn, &frame);

		ret = vxi_shell_unmap(shell, dfn + done, frame, run);
		done += run;
		cond_resched();
	}
	return ret;
}

/* Page tables for reserved memory do not count against the user's limit. */
static int reserve_pool(struct vxi_paging *paging, struct shell *shell,
			unsigned long nr_tables)
{
	return vxi_shell_reserve(shell, nr_tables + paging->reserved_tables);
}

/* Map everything in the table. */
static int replay(struct vxi_paging *paging, struct shell *shell)
{
	u64 dfn = 0, pfn, nr, done;
	int ret = reserve_pool(paging, shell, paging->table.nr_tables);

	while (!ret && (nr = vxi_iova_table_next(&paging->table, &dfn, &pfn))) {
		ret = map_frames(shell, dfn, pfn, nr, &done);
		dfn += nr;
	}
	return ret;
}

/* Quarantine the devices and give up the shell domain. */
static int shut_down(struct vxi_paging *paging)
{
	struct xen_dev *xdev;
	int ret;

	/* Failures here are logged; destroying the domain makes up for them. */
	list_for_each_entry(xdev, &paging->devices, paging_node)
		vxi_owner_quarantine(xdev);
	ret = vxi_owner_destroy_shell(paging->shell);
	if (ret)
		paging->broken = true;
	else
		paging->shell = NULL;
	return ret;
}

/* No device is attached before everything is mapped. */
static int start_up(struct vxi_paging *paging)
{
	struct xen_dev *xdev;
	struct shell *shell;
	int ret;

	xdev = list_first_entry(&paging->devices, struct xen_dev, paging_node);
	shell = vxi_owner_create_shell(xdev);
	if (IS_ERR(shell))
		return PTR_ERR(shell);

	paging->shell = shell;
	ret = replay(paging, shell);
	list_for_each_entry(xdev, &paging->devices, paging_node) {
		if (ret)
			break;
		ret = vxi_owner_give_to_shell(xdev, shell);
	}
	if (ret)
		shut_down(paging);
	return ret;
}

/*
 * Xen has refused an unmap. The frames are about to be unpinned, so no device
 * may access them: quarantine all devices and destroy the domain with its
 * mappings. Hold the frames as long as the domain exists.
 */
static void break_down(struct vxi_paging *paging, u64 dfn, u64 pfn, u64 nr,
		       int error)
{
	struct shell *shell = paging->shell;

	pr_err("%s: cannot unmap iova %#llx of d%u: %d; quarantining its devices\n",
	       shell->name, dfn << PAGE_SHIFT, shell->domid, error);
	paging->broken = true;
	if (shut_down(paging))
		vxi_shell_hold(shell, pfn, nr);
}

static void add_device(struct vxi_paging *paging, struct xen_dev *xdev)
{
	list_add_tail(&xdev->paging_node, &paging->devices);
	paging->reserved_tables += vxi_reserved_tables(xdev);
}

static void remove_device(struct vxi_paging *paging, struct xen_dev *xdev)
{
	list_del_init(&xdev->paging_node);
	paging->reserved_tables -= vxi_reserved_tables(xdev);
}

static int give_to_shell(struct vxi_paging *paging, struct xen_dev *xdev)
{
	int ret = reserve_pool(paging, paging->shell, paging->table.nr_tables);

	return ret ?: vxi_owner_give_to_shell(xdev, paging->shell);
}

int vxi_paging_attach(struct iommu_domain *dom, struct xen_dev *xdev)
{
	struct vxi_paging *paging = to_paging(dom);
	int ret;

	guard(mutex)(&paging->lock);

	ret = vxi_owner_quarantine(xdev);
	if (ret)
		return ret;
	if (paging->broken)
		return -EIO;

	add_device(paging, xdev);
	if (paging->shell)
		ret = give_to_shell(paging, xdev);
	else if (paging->table.nr_mapped)
		ret = start_up(paging);
	if (ret) {
		remove_device(paging, xdev);
		return ret;
	}
	xdev->paging = paging;
	return 0;
}

void vxi_paging_detach(struct xen_dev *xdev)
{
	struct vxi_paging *paging = xdev->paging;

	if (!paging)
		return;

	guard(mutex)(&paging->lock);

	vxi_owner_quarantine(xdev);
	remove_device(paging, xdev);
	xdev->paging = NULL;
	if (!list_empty(&paging->devices))
		return;
	if (paging->shell)
		shut_down(paging);
	paging->broken = paging->shell;
}

/* All pfns of a range from the IOMMU core are of one kind. */
static bool is_ram(u64 pfn)
{
	return !(vxi_frame_of_pfn(pfn) & FRAME_MMIO);
}

/* Prepare to count frames of RAM, and raise the peak: they are pinned. */
static int expect_frames(struct vxi_paging *paging, u64 pfn, u64 nr)
{
	int ret = vxi_frame_set_reserve(&paging->frames, pfn, nr);

	if (!ret)
		paging->peak = max(paging->peak, paging->frames.nr +
				   vxi_frame_set_missing(&paging->frames, pfn, nr));
	return ret;
}

/*
 * Provide page tables, at most one for each page that this user has had locked.
 */
static int reserve_tables(struct vxi_paging *paging,
			  const struct iova_mapping *map)
{
	unsigned long needed = paging->table.nr_tables +
			       vxi_iova_table_missing(&paging->table, map);

	if (needed > SPARE_TABLE_PAGES + paging->peak)
		return -ENOMEM;
	return paging->shell ? reserve_pool(paging, paging->shell, needed) : 0;
}

/*
 * Tables are only freed with the shell domain. For devices an empty space
 * equals quarantine, so they do not notice if the shell domain goes. Destroy it
 * while half of the spare tables are left for the next mappings.
 */
static int reclaim_tables(struct vxi_paging *paging)
{
	if (paging->table.nr_mapped ||
	    paging->table.nr_tables <= SPARE_TABLE_PAGES / 2)
		return 0;
	if (paging->shell && shut_down(paging))
		return -EIO;
	free_tables(paging);
	return 0;
}

static int record(struct vxi_paging *paging, u64 dfn, u64 pfn, u64 nr)
{
	const struct iova_mapping map = {
		.dfn = dfn,
		.pfn = pfn,
		.nr = nr,
		.large = !is_ram(pfn),
	};
	int ret;

	ret = reclaim_tables(paging);
	if (!ret && is_ram(pfn))
		ret = expect_frames(paging, pfn, nr);
	if (ret)
		return ret;
	ret = reserve_tables(paging, &map);
	if (ret) {
		pr_warn_ratelimited("refusing a mapping at iova %#llx: no page tables for it beside %lu for %lu pages\n",
				    dfn << PAGE_SHIFT, paging->table.nr_tables,
				    paging->table.nr_mapped);
		return ret;
	}

	ret = vxi_iova_table_insert(&paging->table, &map);
	count_nodes(paging);
	return ret;
}

/* If this fails and cannot be undone, Xen may still map the new frames. */
static int start_up_for(struct vxi_paging *paging, u64 pfn, u64 nr)
{
	int ret = start_up(paging);

	if (ret && paging->shell)
		vxi_shell_hold(paging->shell, pfn, nr);
	return ret;
}

int vxi_paging_map_pages(struct iommu_domain *dom, unsigned long iova,
			 phys_addr_t paddr, size_t pgsize, size_t pgcount,
			 int prot, gfp_t gfp, size_t *mapped)
{
	struct vxi_paging *paging = to_paging(dom);
	u64 dfn = iova >> PAGE_SHIFT;
	u64 pfn = paddr >> PAGE_SHIFT;
	u64 nr = pgcount;
	u64 done = 0;
	int ret;

	/*
	 * Xen cannot create read-only entries, and pages pinned for reading
	 * (page cache, the zero page) must not be written.
	 */
	if (!(prot & IOMMU_WRITE)) {
		pr_warn_ratelimited("refusing a read-only mapping at iova %#lx: Xen can only make writable ones\n",
				    iova);
		return -EOPNOTSUPP;
	}

	guard(mutex)(&paging->lock);

	if (paging->broken)
		return -EIO;
	ret = record(paging, dfn, pfn, nr);
	if (ret)
		return ret;

	if (paging->shell)
		ret = map_frames(paging->shell, dfn, pfn, nr, &done);
	else if (!list_empty(&paging->devices))
		ret = start_up_for(paging, pfn, nr);
	if (!ret)
		done = nr;

	/* The caller undoes the first *mapped bytes, this function the rest. */
	forget(paging, dfn + done, nr - done);
	if (is_ram(pfn))
		vxi_frame_set_add(&paging->frames, pfn, done);
	*mapped = done << PAGE_SHIFT;
	return ret;
}

size_t vxi_paging_unmap_pages(struct iommu_domain *dom, unsigned long iova,
			      size_t pgsize, size_t pgcount,
			      struct iommu_iotlb_gather *gather)
{
	struct vxi_paging *paging = to_paging(dom);
	u64 dfn = iova >> PAGE_SHIFT;
	u64 done = 0;

	guard(mutex)(&paging->lock);

	while (done < pgcount) {
		u64 pfn;
		u64 nr = vxi_iova_table_run(&paging->table, dfn + done,
					    pgcount - done, &pfn);
		int ret = 0;

		if (!nr)
			break;
		if (paging->shell)
			ret = unmap_frames(paging->shell, dfn + done, pfn, nr);
		/*
		 * iommufd unpins the frames in any case, so report success and
		 * avoid its warning.
		 */
		if (ret)
			break_down(paging, dfn + done, pfn, nr, ret);
		forget(paging, dfn + done, nr);
		vxi_frame_set_remove(&paging->frames, pfn, nr);
		done += nr;
	}
	return done << PAGE_SHIFT;
}

phys_addr_t vxi_paging_iova_to_phys(struct iommu_domain *dom, dma_addr_t iova)
{
	struct vxi_paging *paging = to_paging(dom);
	u64 pfn;

	if (!vxi_iova_table_find(&paging->table, iova >> PAGE_SHIFT, &pfn))
		return 0;
	return (pfn << PAGE_SHIFT) | (iova & ~PAGE_MASK);
}
