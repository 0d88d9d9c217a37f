// SPDX-License-Identifier: GPL-2.0
/*
 * Targets: guests as address spaces.
 */
#define pr_fmt(fmt) "xen-iommu: " fmt

#include <linux/cleanup.h>
#include <linux/iommu.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "frames.h"
#include "guest.h"
#include "hypercall.h"
#include "iova_table.h"
#include "owner.h"
#include "runs.h"
#include "target.h"

static bool trust_pv_guests;
module_param(trust_pv_guests, bool, 0644);
MODULE_PARM_DESC(trust_pv_guests, "Give a device that a running PV guest has had to others: the guest may have kept a mapping of its BARs (default N)");

/**
 * struct target - a guest that a group's devices are given to
 * @iommu_domain:	Linux's view of it
 * @guest:		the guest; that it is still there is checked at each attach
 * @group:		the group whose devices may be attached
 * @lock:		protects what follows; under the group's mutex in an
 *			attach, innermost but for owner_lock
 * @table:		which frames of BARs are where, by gfn; read without the
 *			lock by iova_to_phys. Xen has those of attached devices.
 * @devices:		xen_dev.target_node of the devices attached
 */
struct target {
	struct iommu_domain iommu_domain;
	struct guest guest;
	struct iommu_group *group;
	struct mutex lock; /* see above */
	struct iova_table table;
	struct list_head devices;
};

static struct target *to_target(struct iommu_domain *dom)
{
	return container_of(dom, struct target, iommu_domain);
}

struct iommu_domain *target_alloc(const struct guest *guest,
				  struct iommu_group *group,
				  unsigned int iova_bits,
				  const struct iommu_domain_ops *ops)
{
	struct target *target = kzalloc(sizeof(*target), GFP_KERNEL_ACCOUNT);

	if (!target)
		return NULL;
	target->guest = *guest;
	target->group = group;
	mutex_init(&target->lock);
	INIT_LIST_HEAD(&target->devices);
	target->iommu_domain.ops = ops;
	target->iommu_domain.pgsize_bitmap = SZ_4K;
	target->iommu_domain.geometry = (struct iommu_domain_geometry) {
		.aperture_end = (1ULL << iova_bits) - 1,
		.force_aperture = true,
	};
	return &target->iommu_domain;
}

void target_free(struct iommu_domain *dom)
{
	struct target *target = to_target(dom);

	iova_table_free(&target->table);
	mutex_destroy(&target->lock);
	kfree(target);
}

static long map_call(void *ctx, u64 gfn, u64 mfn, u64 nr)
{
	const struct target *target = ctx;

	return xen_hc_map(target->guest.domid, gfn, mfn, nr);
}

static long unmap_call(void *ctx, u64 gfn, u64 mfn, u64 nr)
{
	const struct target *target = ctx;

	return xen_hc_unmap(target->guest.domid, gfn, mfn, nr);
}

/* A guest that is gone has nothing mapped; another may have its domid. */
static int unmap_from_guest(struct target *target, u64 gfn, u64 mfn, u64 nr)
{
	u64 done;
	int ret;

	if (guest_is_gone(&target->guest))
		return 0;
	ret = run_issue(unmap_call, target, gfn, mfn, nr, &done);
	if (ret == -ESRCH)
		return 0;
	if (ret)
		pr_err("d%u still has mfn %#llx at gfn %#llx: %d\n",
		       target->guest.domid, mfn + done, gfn + done, ret);
	return ret;
}

/*
 * The attached device that has the first of these frames in a BAR, or NULL.
 * @nr becomes the number of those that are in that BAR.
 */
static struct xen_dev *device_with(struct target *target, u64 mfn, u64 *nr)
{
	struct xen_dev *xdev;

	list_for_each_entry(xdev, &target->devices, target_node) {
		u64 in_bar = frames_in_bar_of(xdev->pdev, mfn, *nr);

		if (in_bar) {
			*nr = in_bar;
			return xdev;
		}
	}
	return NULL;
}

/* Take a device's BARs out of the guest; the table still has them. */
static int unmap_bars(struct target *target, struct xen_dev *xdev)
{
	u64 gfn = 0, pfn, nr;
	int last = 0;

	while ((nr = iova_table_next(&target->table, &gfn, &pfn))) {
		int ret = 0;

		if (device_with(target, pfn, &nr) == xdev)
			ret = unmap_from_guest(target, gfn, pfn, nr);
		last = ret ?: last;
		gfn += nr;
	}
	return last;
}

/*
 * Take back what lets the guest reach a device's BARs. From a PV guest that only
 * works for what it has not mapped: Xen looks at permissions when a page table
 * is changed, and not again.
 *
 * Return: whether the guest may still reach them.
 */
static bool take_bars(struct target *target, struct xen_dev *xdev)
{
	bool reachable = unmap_bars(target, xdev);

	if (guest_is_gone(&target->guest))
		return false;
	if (guest_forbid(&target->guest, xdev->pdev))
		reachable = true;
	return reachable || (!target->guest.hvm && !trust_pv_guests);
}

static void detach_locked(struct target *target, struct xen_dev *xdev)
{
	bool reachable;

	lockdep_assert_held(&target->lock);

	reachable = take_bars(target, xdev);
	list_del_init(&xdev->target_node);
	xdev->target = NULL;
	owner_take_from_guest(xdev, reachable);
}

int target_attach(struct iommu_domain *dom, struct xen_dev *xdev)
{
	struct target *target = to_target(dom);
	int ret;

	guard(mutex)(&target->lock);

	ret = owner_quarantine(xdev);
	if (ret)
		return ret;
	if (xdev->pdev->dev.iommu_group != target->group)
		return -EINVAL;
	ret = guest_check(&target->guest);
	if (ret)
		return ret;
	ret = owner_give_to_guest(xdev, &target->guest);
	if (ret)
		return ret;
	ret = guest_permit(&target->guest, xdev->pdev);
	if (ret) {
		owner_take_from_guest(xdev, take_bars(target, xdev));
		return ret;
	}
	list_add_tail(&xdev->target_node, &target->devices);
	xdev->target = target;
	return 0;
}

void target_detach(struct xen_dev *xdev)
{
	struct target *target = xdev->target;

	if (!target)
		return;
	guard(mutex)(&target->lock);
	detach_locked(target, xdev);
}

/* Frames of one BAR of a device that is attached, or an error. */
static int check_frames(struct target *target, u64 pfn, u64 nr)
{
	u64 in_bar = nr;
	u64 frame;

	if (!target->guest.hvm)
		return -EOPNOTSUPP;
	if (run_length(pfn, nr, frame_of_pfn, &frame) == nr &&
	    frame == (pfn | FRAME_MMIO) &&
	    device_with(target, pfn, &in_bar) && in_bar == nr)
		return 0;
	return -EPERM;
}

int target_map_pages(struct iommu_domain *dom, unsigned long iova,
		     phys_addr_t paddr, size_t pgsize, size_t pgcount, int prot,
		     gfp_t gfp, size_t *mapped)
{
	struct target *target = to_target(dom);
	u64 gfn = iova >> PAGE_SHIFT;
	u64 pfn = paddr >> PAGE_SHIFT;
	u64 done = 0;
	int ret;

	guard(mutex)(&target->lock);

	ret = check_frames(target, pfn, pgcount);
	if (ret)
		return ret;
	ret = guest_check(&target->guest);
	if (ret)
		return ret;
	ret = iova_table_insert(&target->table, gfn, pfn, pgcount);
	if (ret)
		return ret;
	ret = run_issue(map_call, target, gfn, pfn, pgcount, &done);
	iova_table_erase(&target->table, gfn + done, pgcount - done);
	*mapped = done << PAGE_SHIFT;
	return ret;
}

size_t target_unmap_pages(struct iommu_domain *dom, unsigned long iova,
			  size_t pgsize, size_t pgcount,
			  struct iommu_iotlb_gather *gather)
{
	struct target *target = to_target(dom);
	u64 gfn = iova >> PAGE_SHIFT;
	u64 done = 0;

	guard(mutex)(&target->lock);

	while (done < pgcount) {
		u64 pfn;
		u64 nr = iova_table_run(&target->table, gfn + done,
					pgcount - done, &pfn);

		if (!nr)
			break;
		/* Those of a device that has left have been unmapped then. */
		if (device_with(target, pfn, &nr) &&
		    unmap_from_guest(target, gfn + done, pfn, nr))
			break;
		iova_table_erase(&target->table, gfn + done, nr);
		done += nr;
	}
	return done << PAGE_SHIFT;
}

phys_addr_t target_iova_to_phys(struct iommu_domain *dom, dma_addr_t iova)
{
	struct target *target = to_target(dom);
	u64 pfn;

	if (!iova_table_find(&target->table, iova >> PAGE_SHIFT, &pfn))
		return 0;
	return (pfn << PAGE_SHIFT) | (iova & ~PAGE_MASK);
}
