// SPDX-License-Identifier: GPL-2.0
/*
 * Address spaces: what is mapped, for which devices, and through which shell
 * domain.
 */
#define pr_fmt(fmt) "vfio-xen-iommu: " fmt

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "frames.h"
#include "iova_table.h"
#include "owner.h"
#include "runs.h"
#include "shell.h"
#include "space.h"
#include "stats.h"

/*
 * Page-table pages that a space may use beyond one for each page that it has
 * had mapped. Without a limit a user could have Xen allocate six pages for
 * every page of locked memory, one mapping at each 512 GiB; with too small a
 * one, programs that move through their address space would be refused.
 */
#define SPARE_TABLE_PAGES	4096UL

/**
 * struct space - an address space
 * @iommu_domain:	Linux's view of it
 * @lock:		protects what follows; under the group's mutex in an
 *			attach, innermost but for owner_lock
 * @table:		what is mapped; read without the lock by iova_to_phys
 * @nr_counted:	nodes of @table that the statistics have
 * @locked:		pages of RAM mapped: VFIO counts these as the user's locked
 *			memory, which it does not do with MMIO
 * @peak:		the most that @locked has ever been
 * @shell:		where Xen maps them, or NULL
 * @devices:		xen_dev.space_node of the devices attached
 * @broken:		Xen has refused an unmap or to let a device go: nothing
 *			can be mapped until all have left
 */
struct space {
	struct iommu_domain iommu_domain;
	struct mutex lock; /* see above */
	struct iova_table table;
	unsigned long nr_counted;
	unsigned long locked;
	unsigned long peak;
	struct shell *shell;
	struct list_head devices;
	bool broken;
};

static struct space *to_space(struct iommu_domain *dom)
{
	return container_of(dom, struct space, iommu_domain);
}

struct iommu_domain *space_domain(struct space *space)
{
	return &space->iommu_domain;
}

struct iommu_domain *space_alloc(unsigned int iova_bits,
				 const struct iommu_domain_ops *ops)
{
	struct space *space = kzalloc(sizeof(*space), GFP_KERNEL_ACCOUNT);

	if (!space)
		return NULL;
	mutex_init(&space->lock);
	INIT_LIST_HEAD(&space->devices);
	space->iommu_domain.ops = ops;
	/* One size: a run of any length then comes in one call. */
	space->iommu_domain.pgsize_bitmap = SZ_4K;
	space->iommu_domain.geometry = (struct iommu_domain_geometry) {
		.aperture_end = (1ULL << iova_bits) - 1,
		.force_aperture = true,
	};
	return &space->iommu_domain;
}

/* After whatever may have changed it */
static void count_nodes(struct space *space)
{
	stat_add(STAT_TABLE_PAGES,
		 (s64)space->table.nr_nodes - (s64)space->nr_counted);
	space->nr_counted = space->table.nr_nodes;
}

static void free_tables(struct space *space)
{
	iova_table_free(&space->table);
	count_nodes(space);
}

static void forget(struct space *space, u64 dfn, u64 nr)
{
	iova_table_erase(&space->table, dfn, nr);
	count_nodes(space);
}

void space_free(struct iommu_domain *dom)
{
	struct space *space = to_space(dom);

	/* Only if a device would not leave it. */
	if (space->shell)
		owner_abandon_shell(space->shell);
	free_tables(space);
	mutex_destroy(&space->lock);
	kfree(space);
}

/* Map a pfn range, a run of machine frames at a time. */
static int map_frames(struct shell *shell, u64 dfn, u64 pfn, u64 nr, u64 *done)
{
	int ret = 0;

	*done = 0;
	while (*done < nr && !ret) {
		u64 run_done, run, frame;

		run = run_length(pfn + *done, nr - *done, frame_of_pfn, &frame);
		ret = shell_map(shell, dfn + *done, frame, run, &run_done);
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
		u64 run = run_length(pfn + done, nr - done, frame_of_pfn,
				     &frame);

		ret = shell_unmap(shell, dfn + done, frame, run);
		done += run;
		cond_resched();
	}
	return ret;
}

/* Map all that the table has. */
static int replay(struct space *space, struct shell *shell)
{
	u64 dfn = 0, pfn, nr, done;
	int ret = shell_reserve(shell, space->table.nr_tables);

	while (!ret && (nr = iova_table_next(&space->table, &dfn, &pfn))) {
		ret = map_frames(shell, dfn, pfn, nr, &done);
		dfn += nr;
	}
	return ret;
}

/* Quarantine the devices and give the shell domain up. */
static int shut_down(struct space *space)
{
	struct xen_dev *xdev;
	int ret;

	/* What fails here is logged, and made up for by destroying the domain. */
	list_for_each_entry(xdev, &space->devices, space_node)
		owner_quarantine(xdev);
	ret = owner_destroy_shell(space->shell);
	if (ret)
		space->broken = true;
	else
		space->shell = NULL;
	return ret;
}

/* The devices see nothing before everything is mapped. */
static int start_up(struct space *space)
{
	struct xen_dev *xdev;
	struct shell *shell;
	int ret;

	xdev = list_first_entry(&space->devices, struct xen_dev, space_node);
	shell = owner_create_shell(xdev);
	if (IS_ERR(shell))
		return PTR_ERR(shell);

	space->shell = shell;
	ret = replay(space, shell);
	list_for_each_entry(xdev, &space->devices, space_node) {
		if (ret)
			break;
		ret = owner_give_to_shell(xdev, shell);
	}
	if (ret)
		shut_down(space);
	return ret;
}

/*
 * Xen has refused an unmap. The frames are about to be unpinned, so no device
 * may reach them: all are quarantined, and with the domain goes whatever it
 * still maps.
 */
static int break_down(struct space *space, u64 dfn, int error)
{
	struct shell *shell = space->shell;

	pr_err("%s: cannot unmap iova %#llx of d%u: %d; quarantining its devices\n",
	       shell->name, dfn << PAGE_SHIFT, shell->domid, error);
	space->broken = true;
	return shut_down(space);
}

int space_attach(struct iommu_domain *dom, struct xen_dev *xdev)
{
	struct space *space = to_space(dom);
	int ret;

	guard(mutex)(&space->lock);

	ret = owner_quarantine(xdev);
	if (ret)
		return ret;
	if (space->broken)
		return -EIO;

	list_add_tail(&xdev->space_node, &space->devices);
	if (space->shell)
		ret = owner_give_to_shell(xdev, space->shell);
	else if (space->table.nr_mapped)
		ret = start_up(space);
	if (ret) {
		list_del_init(&xdev->space_node);
		return ret;
	}
	xdev->space = space;
	return 0;
}

void space_detach(struct xen_dev *xdev)
{
	struct space *space = xdev->space;

	if (!space)
		return;

	guard(mutex)(&space->lock);

	owner_quarantine(xdev);
	list_del_init(&xdev->space_node);
	xdev->space = NULL;
	if (!list_empty(&space->devices))
		return;
	if (space->shell)
		shut_down(space);
	space->broken = space->shell;
}

/* A range of pfns that comes from the IOMMU core is of one kind. */
static u64 lockable(u64 pfn, u64 nr)
{
	return frame_of_pfn(pfn) & FRAME_MMIO ? 0 : nr;
}

/* Provide page tables, as many as pages that this user has been able to lock. */
static int reserve_tables(struct space *space, u64 dfn, u64 nr)
{
	unsigned long needed = space->table.nr_tables +
			       iova_table_missing(&space->table, dfn, nr);

	if (needed > SPARE_TABLE_PAGES + space->peak)
		return -ENOMEM;
	return space->shell ? shell_reserve(space->shell, needed) : 0;
}

/*
 * Tables are only freed with the shell domain. But an empty space looks to its
 * devices as quarantine does, so they won't notice if it goes. That is done in
 * time for half of the spare tables to be there for what is mapped next.
 */
static int reclaim_tables(struct space *space)
{
	if (space->table.nr_mapped ||
	    space->table.nr_tables <= SPARE_TABLE_PAGES / 2)
		return 0;
	if (space->shell && shut_down(space))
		return -EIO;
	free_tables(space);
	return 0;
}

static int record(struct space *space, u64 dfn, u64 pfn, u64 nr)
{
	int ret;

	ret = reclaim_tables(space);
	if (ret)
		return ret;
	space->peak = max(space->peak, space->locked + lockable(pfn, nr));
	ret = reserve_tables(space, dfn, nr);
	if (ret) {
		pr_warn_ratelimited("refusing a mapping at iova %#llx: no page tables for it beside %lu for %lu pages\n",
				    dfn << PAGE_SHIFT, space->table.nr_tables,
				    space->table.nr_mapped);
		return ret;
	}

	ret = iova_table_insert(&space->table, dfn, pfn, nr);
	count_nodes(space);
	return ret;
}

int space_map_pages(struct iommu_domain *dom, unsigned long iova,
		    phys_addr_t paddr, size_t pgsize, size_t pgcount, int prot,
		    gfp_t gfp, size_t *mapped)
{
	struct space *space = to_space(dom);
	u64 dfn = iova >> PAGE_SHIFT;
	u64 pfn = paddr >> PAGE_SHIFT;
	u64 nr = pgcount;
	u64 done = 0;
	int ret;

	/*
	 * Xen can make no read-only entries, and what is pinned for one (page
	 * cache, the zero page) must not be written to.
	 */
	if (!(prot & IOMMU_WRITE)) {
		pr_warn_ratelimited("refusing a read-only mapping at iova %#lx: Xen can only make writable ones\n",
				    iova);
		return -EOPNOTSUPP;
	}

	guard(mutex)(&space->lock);

	if (space->broken)
		return -EIO;
	ret = record(space, dfn, pfn, nr);
	if (ret)
		return ret;

	if (space->shell)
		ret = map_frames(space->shell, dfn, pfn, nr, &done);
	else if (!list_empty(&space->devices))
		ret = start_up(space);
	if (!ret)
		done = nr;

	/* The caller undoes what *mapped says, this the rest. */
	forget(space, dfn + done, nr - done);
	space->locked += lockable(pfn, done);
	*mapped = done << PAGE_SHIFT;
	return ret;
}

size_t space_unmap_pages(struct iommu_domain *dom, unsigned long iova,
			 size_t pgsize, size_t pgcount,
			 struct iommu_iotlb_gather *gather)
{
	struct space *space = to_space(dom);
	u64 dfn = iova >> PAGE_SHIFT;
	u64 done = 0;

	guard(mutex)(&space->lock);

	while (done < pgcount) {
		u64 pfn;
		u64 nr = iova_table_run(&space->table, dfn + done,
					pgcount - done, &pfn);
		int ret = 0;

		if (!nr)
			break;
		if (space->shell)
			ret = unmap_frames(space->shell, dfn + done, pfn, nr);
		/* Reported as mapped it stays pinned: better lost than reused. */
		if (ret && break_down(space, dfn + done, ret))
			break;
		forget(space, dfn + done, nr);
		space->locked -= lockable(pfn, nr);
		done += nr;
	}
	return done << PAGE_SHIFT;
}

phys_addr_t space_iova_to_phys(struct iommu_domain *dom, dma_addr_t iova)
{
	struct space *space = to_space(dom);
	u64 pfn;

	if (!iova_table_find(&space->table, iova >> PAGE_SHIFT, &pfn))
		return 0;
	return (pfn << PAGE_SHIFT) | (iova & ~PAGE_MASK);
}
