// SPDX-License-Identifier: GPL-2.0
/*
 * Guest domains: guests as address spaces.
 */
#define pr_fmt(fmt) "vfio-xen-iommu: " fmt

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/iommu.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/pfn.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include <xen/vxi.h>

#include "compat/export.h"
#include "frames.h"
#include "guest.h"
#include "hypercall.h"
#include "iova_table.h"
#include "owner.h"
#include "reserved.h"
#include "runs.h"
#include "guest_domain.h"
#include "xen_dev.h"

static bool trust_pv_guests;
module_param(trust_pv_guests, bool, 0644);
MODULE_PARM_DESC(trust_pv_guests,
		 "Give a device that a running PV guest has had to others: the guest may have kept a mapping of its BARs (default N)");

/**
 * struct vxi_guest_domain - a guest that a group's devices are given to
 * @iommu_domain:	Linux's view of it
 * @guest:		the guest; that it is still there is checked at each attach
 * @group:		the group whose devices may be attached
 * @lock:		protects what follows; under the group's mutex in an
 *			attach, and the device's guest_domain_lock; innermost but for
 *			vxi_owner_lock
 * @table:		which frames of BARs are where, by gfn; read without the
 *			lock by iova_to_phys. Xen has those of attached devices.
 * @devices:		xen_dev.guest_domain_node of the devices attached
 */
struct vxi_guest_domain {
	struct iommu_domain iommu_domain;
	struct vxi_guest guest;
	struct iommu_group *group;
	struct mutex lock; /* see above */
	struct iova_table table;
	struct list_head devices;
};

/**
 * struct bar_map - what one call of vxi_guest_set_bar() has mapped
 * @node:	on xen_dev.bar_maps
 * @gfn:	where in the guest
 * @mfn:	the first frame of the BAR
 * @nr:		how many frames
 *
 * The guest domain's table contains it, too. This list distinguishes it from
 * mappings of the core.
 */
struct bar_map {
	struct list_head node;
	u64 gfn;
	u64 mfn;
	u64 nr;
};

static struct vxi_guest_domain *to_guest_domain(struct iommu_domain *dom)
{
	return container_of(dom, struct vxi_guest_domain, iommu_domain);
}

struct iommu_domain *vxi_guest_domain_alloc(const struct vxi_guest *guest,
					    struct iommu_group *group,
					    unsigned int iova_bits,
					    const struct iommu_domain_ops *ops)
{
	struct vxi_guest_domain *guest_domain =
		kzalloc(sizeof(*guest_domain), GFP_KERNEL_ACCOUNT);

	if (!guest_domain)
		return NULL;
	guest_domain->guest = *guest;
	guest_domain->group = group;
	mutex_init(&guest_domain->lock);
	INIT_LIST_HEAD(&guest_domain->devices);
	guest_domain->iommu_domain.ops = ops;
	guest_domain->iommu_domain.pgsize_bitmap = SZ_4K;
	guest_domain->iommu_domain.geometry = (struct iommu_domain_geometry){
		.aperture_end = (1ULL << iova_bits) - 1,
		.force_aperture = true,
	};
	return &guest_domain->iommu_domain;
}

void vxi_guest_domain_free(struct iommu_domain *dom)
{
	struct vxi_guest_domain *guest_domain = to_guest_domain(dom);

	vxi_iova_table_free(&guest_domain->table);
	mutex_destroy(&guest_domain->lock);
	kfree(guest_domain);
}

static long map_call(void *ctx, u64 gfn, u64 mfn, u64 nr)
{
	const struct vxi_guest_domain *guest_domain = ctx;

	return vxi_hc_map(guest_domain->guest.domid, gfn, mfn, nr);
}

static long unmap_call(void *ctx, u64 gfn, u64 mfn, u64 nr)
{
	const struct vxi_guest_domain *guest_domain = ctx;

	return vxi_hc_unmap(guest_domain->guest.domid, gfn, mfn, nr);
}

/* A destroyed guest has no mappings, and another guest may have its domid. */
static int unmap_from_guest(struct vxi_guest_domain *guest_domain, u64 gfn,
			    u64 mfn, u64 nr)
{
	u64 done;
	int ret;

	if (vxi_guest_is_gone(&guest_domain->guest))
		return 0;
	ret = vxi_run_issue(unmap_call, guest_domain, gfn, mfn, nr, &done);
	if (ret == -ESRCH)
		return 0;
	if (ret)
		pr_err("d%u still has mfn %#llx at gfn %#llx: %d\n",
		       guest_domain->guest.domid, mfn + done, gfn + done, ret);
	return ret;
}

/*
 * Return: the attached device with the first of these frames in a BAR, or NULL.
 * @nr is reduced to the frames in that BAR.
 */
static struct xen_dev *device_with(struct vxi_guest_domain *guest_domain,
				   u64 mfn, u64 *nr)
{
	struct xen_dev *xdev;

	list_for_each_entry(xdev, &guest_domain->devices, guest_domain_node) {
		u64 in_bar = vxi_frames_in_bar_of(xdev->pdev, mfn, *nr);

		if (in_bar) {
			*nr = in_bar;
			return xdev;
		}
	}
	return NULL;
}

/* Unmap the old contents first, because Xen refuses to replace them. */
static int map_again(struct vxi_guest_domain *guest_domain, u64 gfn, u64 mfn,
		     u64 nr)
{
	u64 done;
	int ret;

	if (vxi_guest_is_gone(&guest_domain->guest))
		return 0;
	ret = vxi_run_issue(map_call, guest_domain, gfn, mfn, nr, &done);
	if (ret && ret != -ESRCH)
		pr_err_ratelimited("d%u has lost mfn %#llx at gfn %#llx: %d\n",
				   guest_domain->guest.domid, mfn + done,
				   gfn + done, ret);
	return ret;
}

typedef int run_fn(struct vxi_guest_domain *guest_domain, u64 gfn, u64 mfn,
		   u64 nr);

static int visit_runs(struct vxi_guest_domain *guest_domain,
		      struct xen_dev *xdev, run_fn *fn)
{
	u64 gfn = 0, pfn, nr;
	int last = 0;

	while ((nr = vxi_iova_table_next(&guest_domain->table, &gfn, &pfn))) {
		int ret = 0;

		if (device_with(guest_domain, pfn, &nr) == xdev)
			ret = fn(guest_domain, gfn, pfn, nr);
		last = ret ?: last;
		gfn += nr;
	}
	return last;
}

/*
 * The table describes what the guest should have of a device. Xen maps it only
 * while this is false.
 */
static bool is_out(const struct xen_dev *xdev)
{
	return xdev->undecoded || xdev->resets;
}

/* Unmap a device's BARs from the guest; the table keeps them. */
static int unmap_bars(struct vxi_guest_domain *guest_domain,
		      struct xen_dev *xdev)
{
	return is_out(xdev) ? 0 :
			      visit_runs(guest_domain, xdev, unmap_from_guest);
}

static int unmap_of(struct vxi_guest_domain *guest_domain,
		    const struct xen_dev *xdev, u64 gfn, u64 mfn, u64 nr)
{
	return is_out(xdev) ? 0 : unmap_from_guest(guest_domain, gfn, mfn, nr);
}

/*
 * Revoke the guest's access to a device's BARs. This has no effect on what a PV
 * guest has mapped already: Xen checks permissions only when a page table
 * changes.
 *
 * Return: whether the guest may still access them.
 */
static bool take_bars(struct vxi_guest_domain *guest_domain,
		      struct xen_dev *xdev)
{
	bool bars_exposed = unmap_bars(guest_domain, xdev);

	if (vxi_guest_is_gone(&guest_domain->guest))
		return false;
	if (vxi_guest_forbid(&guest_domain->guest, xdev->pdev))
		bars_exposed = true;
	return bars_exposed || (!guest_domain->guest.hvm && !trust_pv_guests);
}

static void forget_bar_map(struct vxi_guest_domain *guest_domain,
			   struct bar_map *map)
{
	vxi_iova_table_erase(&guest_domain->table, map->gfn, map->nr);
	list_del(&map->node);
	kfree(map);
}

static void detach_locked(struct vxi_guest_domain *guest_domain,
			  struct xen_dev *xdev)
{
	struct bar_map *map, *next;
	bool bars_exposed;

	lockdep_assert_held(&guest_domain->lock);

	bars_exposed = take_bars(guest_domain, xdev);
	list_for_each_entry_safe(map, next, &xdev->bar_maps, node)
		forget_bar_map(guest_domain, map);
	list_del_init(&xdev->guest_domain_node);
	xdev->guest_domain = NULL;
	vxi_owner_take_from_guest(xdev, bars_exposed);
}

/*
 * Let a device decode its BARs before a PV guest gets permission for them: from
 * then on nothing can keep the guest from accessing them.
 */
static int decode(struct xen_dev *xdev)
{
	struct pci_dev *pdev = xdev->pdev;
	u16 bits = vxi_decode_bits(pdev);
	u16 command;

	if (xdev->resets)
		return -EBUSY;
	if (vxi_decode_is_asleep(pdev))
		return -EIO;
	pci_read_config_word(pdev, PCI_COMMAND, &command);
	if (bits & ~command)
		pci_write_config_word(pdev, PCI_COMMAND, command | bits);
	return 0;
}

int vxi_guest_domain_attach(struct iommu_domain *dom, struct xen_dev *xdev)
{
	struct vxi_guest_domain *guest_domain = to_guest_domain(dom);
	int ret;

	guard(mutex)(&xdev->guest_domain_lock);
	guard(mutex)(&guest_domain->lock);

	ret = vxi_owner_quarantine(xdev);
	if (ret)
		return ret;
	if (xdev->pdev->dev.iommu_group != guest_domain->group)
		return -EINVAL;
	ret = vxi_guest_check(&guest_domain->guest);
	if (ret)
		return ret;
	if (!guest_domain->guest.hvm)
		ret = decode(xdev);
	if (ret)
		return ret;
	ret = vxi_owner_give_to_guest(xdev, &guest_domain->guest);
	if (ret)
		return ret;
	ret = vxi_guest_permit(&guest_domain->guest, xdev->pdev);
	if (ret) {
		vxi_owner_take_from_guest(xdev, take_bars(guest_domain, xdev));
		return ret;
	}
	list_add_tail(&xdev->guest_domain_node, &guest_domain->devices);
	/*
	 * Mappings that the core made before the device left, and will unmap
	 * later
	 */
	ret = is_out(xdev) ? 0 : visit_runs(guest_domain, xdev, map_again);
	if (ret) {
		detach_locked(guest_domain, xdev);
		return ret;
	}
	xdev->guest_domain = guest_domain;
	return 0;
}

void vxi_guest_domain_detach(struct xen_dev *xdev)
{
	struct vxi_guest_domain *guest_domain = xdev->guest_domain;

	if (!guest_domain)
		return;
	guard(mutex)(&xdev->guest_domain_lock);
	guard(mutex)(&guest_domain->lock);
	detach_locked(guest_domain, xdev);
}

/* Xen has its own mappings there, and crashes a guest that has others. */
static bool is_reserved(struct vxi_guest_domain *guest_domain, u64 gfn, u64 nr)
{
	struct xen_dev *xdev;

	list_for_each_entry(xdev, &guest_domain->devices, guest_domain_node)
		if (vxi_reserved_has(xdev, gfn, nr))
			return true;
	return false;
}

/*
 * Return: the attached device with all of these frames in one BAR, or an error.
 */
static struct xen_dev *check_frames(struct vxi_guest_domain *guest_domain,
				    u64 gfn, u64 pfn, u64 nr)
{
	struct xen_dev *xdev;
	u64 in_bar = nr;
	u64 frame;

	if (!guest_domain->guest.hvm)
		return ERR_PTR(-EOPNOTSUPP);
	if (is_reserved(guest_domain, gfn, nr))
		return ERR_PTR(-EBUSY);
	if (vxi_run_length(pfn, nr, vxi_frame_of_pfn, &frame) != nr ||
	    frame != (pfn | FRAME_MMIO))
		return ERR_PTR(-EPERM);
	xdev = device_with(guest_domain, pfn, &in_bar);
	return xdev && in_bar == nr ? xdev : ERR_PTR(-EPERM);
}

/* After an error, the first @done frames are mapped and in the table. */
static int map_frames(struct vxi_guest_domain *guest_domain, u64 gfn, u64 pfn,
		      u64 nr, u64 *done)
{
	const struct iova_mapping map = { .dfn = gfn, .pfn = pfn, .nr = nr };
	struct xen_dev *xdev;
	int ret;

	lockdep_assert_held(&guest_domain->lock);

	*done = 0;
	xdev = check_frames(guest_domain, gfn, pfn, nr);
	if (IS_ERR(xdev))
		return PTR_ERR(xdev);
	ret = vxi_guest_check(&guest_domain->guest);
	if (ret)
		return ret;
	ret = vxi_iova_table_insert(&guest_domain->table, &map);
	if (ret)
		return ret;
	if (is_out(xdev))
		*done = nr;
	else
		ret = vxi_run_issue(map_call, guest_domain, gfn, pfn, nr, done);
	vxi_iova_table_erase(&guest_domain->table, gfn + *done, nr - *done);
	return ret;
}

int vxi_guest_domain_map_pages(struct iommu_domain *dom, unsigned long iova,
			       phys_addr_t paddr, size_t pgsize, size_t pgcount,
			       int prot, gfp_t gfp, size_t *mapped)
{
	struct vxi_guest_domain *guest_domain = to_guest_domain(dom);
	u64 done;
	int ret;

	guard(mutex)(&guest_domain->lock);

	ret = map_frames(guest_domain, iova >> PAGE_SHIFT, paddr >> PAGE_SHIFT,
			 pgcount, &done);
	*mapped = done << PAGE_SHIFT;
	return ret;
}

size_t vxi_guest_domain_unmap_pages(struct iommu_domain *dom,
				    unsigned long iova, size_t pgsize,
				    size_t pgcount,
				    struct iommu_iotlb_gather *gather)
{
	struct vxi_guest_domain *guest_domain = to_guest_domain(dom);
	u64 gfn = iova >> PAGE_SHIFT;
	u64 done = 0;

	guard(mutex)(&guest_domain->lock);

	while (done < pgcount) {
		struct xen_dev *xdev;
		u64 pfn;
		u64 nr = vxi_iova_table_run(&guest_domain->table, gfn + done,
					    pgcount - done, &pfn);

		if (!nr)
			break;
		/* Frames of a device that has left were unmapped then. */
		xdev = device_with(guest_domain, pfn, &nr);
		if (xdev && unmap_of(guest_domain, xdev, gfn + done, pfn, nr))
			break;
		vxi_iova_table_erase(&guest_domain->table, gfn + done, nr);
		done += nr;
	}
	return done << PAGE_SHIFT;
}

phys_addr_t vxi_guest_domain_iova_to_phys(struct iommu_domain *dom,
					  dma_addr_t iova)
{
	struct vxi_guest_domain *guest_domain = to_guest_domain(dom);
	u64 pfn;

	if (!vxi_iova_table_find(&guest_domain->table, iova >> PAGE_SHIFT,
				 &pfn))
		return 0;
	return (pfn << PAGE_SHIFT) | (iova & ~PAGE_MASK);
}

static int unmap_bar(struct vxi_guest_domain *guest_domain,
		     const struct xen_dev *xdev, struct bar_map *map)
{
	int ret = unmap_of(guest_domain, xdev, map->gfn, map->mfn, map->nr);

	if (!ret)
		forget_bar_map(guest_domain, map);
	return ret;
}

/* Record the frames that a half-failed call leaves mapped. */
static int map_bar(struct vxi_guest_domain *guest_domain, struct xen_dev *xdev,
		   const struct bar_map *want)
{
	struct bar_map *map = kmemdup(want, sizeof(*map), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!map)
		return -ENOMEM;
	ret = map_frames(guest_domain, want->gfn, want->mfn, want->nr,
			 &map->nr);
	list_add(&map->node, &xdev->bar_maps);
	if (ret)
		unmap_bar(guest_domain, xdev, map);
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

/* The requested frames, if they are whole frames of a memory BAR */
static int find_frames(struct pci_dev *pdev, unsigned int bar, u64 offset,
		       u64 size, u64 gaddr, struct bar_map *want)
{
	const struct resource *res;

	if (bar >= PCI_STD_NUM_BARS)
		return -EINVAL;
	res = &pdev->resource[bar];
	if (resource_type(res) != IORESOURCE_MEM || !res->parent || !size ||
	    !PAGE_ALIGNED(offset | size | gaddr) || !PAGE_ALIGNED(res->start) ||
	    offset >= resource_size(res) || size > resource_size(res) - offset)
		return -EINVAL;
	want->gfn = PHYS_PFN(gaddr);
	want->mfn = PHYS_PFN(res->start + offset);
	want->nr = PHYS_PFN(size);
	return 0;
}

int vxi_guest_set_bar(struct pci_dev *pdev, unsigned int bar, u64 offset,
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
	guard(mutex)(&xdev->guest_domain_lock);
	if (!xdev->guest_domain)
		return -ENODEV;
	guard(mutex)(&xdev->guest_domain->lock);
	if (map)
		return map_bar(xdev->guest_domain, xdev, &want);
	mapped = find_bar_map(xdev, &want);
	return mapped ? unmap_bar(xdev->guest_domain, xdev, mapped) : -ENOENT;
}
EXPORT_SYMBOL_NS_GPL(vxi_guest_set_bar, VXI_NS);

void vxi_guest_unmap_bars(struct pci_dev *pdev)
{
	struct xen_dev *xdev = dev_iommu_priv_get(&pdev->dev);
	struct bar_map *map, *next;

	if (!xdev)
		return;
	guard(mutex)(&xdev->guest_domain_lock);
	if (!xdev->guest_domain)
		return;
	guard(mutex)(&xdev->guest_domain->lock);
	list_for_each_entry_safe(map, next, &xdev->bar_maps, node)
		unmap_bar(xdev->guest_domain, xdev, map);
}
EXPORT_SYMBOL_NS_GPL(vxi_guest_unmap_bars, VXI_NS);

int vxi_guest_domain_set_out(struct xen_dev *xdev, bool undecoded,
			     unsigned int resets)
{
	struct vxi_guest_domain *guest_domain = xdev->guest_domain;
	bool was_out = is_out(xdev);
	int ret = 0;

	lockdep_assert_held(&xdev->guest_domain_lock);

	if (guest_domain)
		mutex_lock(&guest_domain->lock);
	if (guest_domain && (undecoded || resets))
		ret = unmap_bars(guest_domain, xdev);
	WRITE_ONCE(xdev->undecoded, undecoded);
	xdev->resets = resets;
	if (guest_domain && was_out && !is_out(xdev))
		visit_runs(guest_domain, xdev, map_again);
	if (guest_domain)
		mutex_unlock(&guest_domain->lock);
	return ret;
}
