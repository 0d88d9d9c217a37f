// SPDX-License-Identifier: GPL-2.0
/*
 * Targets: guests as address spaces.
 */
#define pr_fmt(fmt) "vfio-xen-iommu: " fmt

#include <linux/cleanup.h>
#include <linux/export.h>
#include <linux/iommu.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/pfn.h>
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
 *			attach, and the device's target_lock; innermost but for
 *			owner_lock
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

/**
 * struct bar_map - what one call of xen_target_set_bar() has mapped
 * @node:	on xen_dev.bar_maps
 * @gfn:	where in the guest
 * @mfn:	the first frame of the BAR
 * @nr:		how many frames
 *
 * The target's table has it too. This tells it from what is the core's to unmap.
 */
struct bar_map {
	struct list_head node;
	u64 gfn;
	u64 mfn;
	u64 nr;
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

static void forget_bar_map(struct target *target, struct bar_map *map)
{
	iova_table_erase(&target->table, map->gfn, map->nr);
	list_del(&map->node);
	kfree(map);
}

static void detach_locked(struct target *target, struct xen_dev *xdev)
{
	struct bar_map *map, *next;
	bool reachable;

	lockdep_assert_held(&target->lock);

	reachable = take_bars(target, xdev);
	list_for_each_entry_safe(map, next, &xdev->bar_maps, node)
		forget_bar_map(target, map);
	list_del_init(&xdev->target_node);
	xdev->target = NULL;
	owner_take_from_guest(xdev, reachable);
}

int target_attach(struct iommu_domain *dom, struct xen_dev *xdev)
{
	struct target *target = to_target(dom);
	int ret;

	guard(mutex)(&xdev->target_lock);
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
	guard(mutex)(&xdev->target_lock);
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

/* After an error the first @done are mapped, and in the table. */
static int map_frames(struct target *target, u64 gfn, u64 pfn, u64 nr,
		      u64 *done)
{
	int ret;

	lockdep_assert_held(&target->lock);

	*done = 0;
	ret = check_frames(target, pfn, nr);
	if (ret)
		return ret;
	ret = guest_check(&target->guest);
	if (ret)
		return ret;
	ret = iova_table_insert(&target->table, gfn, pfn, nr);
	if (ret)
		return ret;
	ret = run_issue(map_call, target, gfn, pfn, nr, done);
	iova_table_erase(&target->table, gfn + *done, nr - *done);
	return ret;
}

int target_map_pages(struct iommu_domain *dom, unsigned long iova,
		     phys_addr_t paddr, size_t pgsize, size_t pgcount, int prot,
		     gfp_t gfp, size_t *mapped)
{
	struct target *target = to_target(dom);
	u64 done;
	int ret;

	guard(mutex)(&target->lock);

	ret = map_frames(target, iova >> PAGE_SHIFT, paddr >> PAGE_SHIFT,
			 pgcount, &done);
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

static int unmap_bar(struct target *target, struct bar_map *map)
{
	int ret = unmap_from_guest(target, map->gfn, map->mfn, map->nr);

	if (!ret)
		forget_bar_map(target, map);
	return ret;
}

/* What is mapped of a call that fails half way, and stays, is kept on record. */
static int map_bar(struct target *target, struct xen_dev *xdev,
		   const struct bar_map *want)
{
	struct bar_map *map = kmemdup(want, sizeof(*map), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!map)
		return -ENOMEM;
	ret = map_frames(target, want->gfn, want->mfn, want->nr, &map->nr);
	list_add(&map->node, &xdev->bar_maps);
	if (ret)
		unmap_bar(target, map);
	return ret;
}

static struct bar_map *find_bar_map(struct xen_dev *xdev,
				    const struct bar_map *want)
{
	struct bar_map *map;

	list_for_each_entry(map, &xdev->bar_maps, node)
		if (map->gfn == want->gfn && map->mfn == want->mfn &&
		    map->nr == want->nr)
			return map;
	return NULL;
}

/* The frames that are meant, if they are whole ones of a memory BAR. */
static int find_frames(struct pci_dev *pdev, unsigned int bar, u64 offset,
		       u64 size, u64 gaddr, struct bar_map *want)
{
	const struct resource *res;

	if (bar >= PCI_STD_NUM_BARS)
		return -EINVAL;
	res = &pdev->resource[bar];
	if (resource_type(res) != IORESOURCE_MEM || !res->parent || !size ||
	    !PAGE_ALIGNED(offset | size | gaddr) ||
	    !PAGE_ALIGNED(res->start) || offset >= resource_size(res) ||
	    size > resource_size(res) - offset)
		return -EINVAL;
	want->gfn = PHYS_PFN(gaddr);
	want->mfn = PHYS_PFN(res->start + offset);
	want->nr = PHYS_PFN(size);
	return 0;
}

int xen_target_set_bar(struct pci_dev *pdev, unsigned int bar, u64 offset,
		       u64 size, u64 gaddr, bool map)
{
	struct xen_dev *xdev = dev_iommu_priv_get(&pdev->dev);
	struct bar_map want, *mapped;
	int ret;

	ret = find_frames(pdev, bar, offset, size, gaddr, &want);
	if (ret)
		return ret;
	if (!xdev)
		return -ENODEV;
	guard(mutex)(&xdev->target_lock);
	if (!xdev->target)
		return -ENODEV;
	guard(mutex)(&xdev->target->lock);
	if (map)
		return map_bar(xdev->target, xdev, &want);
	mapped = find_bar_map(xdev, &want);
	return mapped ? unmap_bar(xdev->target, mapped) : -ENOENT;
}
EXPORT_SYMBOL_GPL(xen_target_set_bar);

void xen_target_unmap_bars(struct pci_dev *pdev)
{
	struct xen_dev *xdev = dev_iommu_priv_get(&pdev->dev);
	struct bar_map *map, *next;

	if (!xdev)
		return;
	guard(mutex)(&xdev->target_lock);
	if (!xdev->target)
		return;
	guard(mutex)(&xdev->target->lock);
	list_for_each_entry_safe(map, next, &xdev->bar_maps, node)
		unmap_bar(xdev->target, map);
}
EXPORT_SYMBOL_GPL(xen_target_unmap_bars);
