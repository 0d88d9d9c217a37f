// SPDX-License-Identifier: GPL-2.0
/*
 * The iommu_ops: devices and groups, and the four kinds of iommu_domain.
 *
 *   identity	dom0's own context: the default, so that the host's devices are
 *		left exactly as they were
 *   blocked	quarantine
 *   paging	an address space (paging.h)
 *   guest	a guest (guest_domain.h): what paging is for a process that asked for it
 */
#define pr_fmt(fmt) "vfio-xen-iommu: " fmt

#include <linux/capability.h>
#include <linux/iommu.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include <asm/processor.h>

#include <linux/vfio_xen_iommu.h>

#include "pm.h"
#include "chardev.h"
#include "compat/iommu.h"
#include "dmar.h"
#include "guest.h"
#include "prebound.h"
#include "hypercall.h"
#include "iommu.h"
#include "iova_table.h"
#include "iova_width.h"
#include "msi_domain.h"
#include "owner.h"
#include "reserved.h"
#include "sbdf.h"
#include "paging.h"
#include "guest_domain.h"
#include "xen_dev.h"

#define MSI_WINDOW_START	0xfee00000UL
#define MSI_WINDOW_SIZE		SZ_1M

/* AMD's HyperTransport region, which the IOMMU does not translate. */
#define HT_REGION_START		0xfd00000000UL
#define HT_REGION_SIZE		0x0300000000UL

static_assert(IOVA_TABLE_DFN_BITS + PAGE_SHIFT == MAX_IOVA_BITS);

static unsigned int iova_bits;
module_param(iova_bits, uint, 0444);
MODULE_PARM_DESC(iova_bits, "Width of I/O virtual addresses, 39 to 48 (default: what the processor's IOMMU has)");

static struct iommu_device vxi_iommu;

/* The core is probing devices, or has done so. */
static bool registering;

static struct xen_dev *to_xen_dev(struct device *dev)
{
	return dev_iommu_priv_get(dev);
}

/* Bridges are members of groups, but do no DMA of their own. */
static bool is_bridge(struct xen_dev *xdev)
{
	return xdev->pdev->hdr_type != PCI_HEADER_TYPE_NORMAL;
}

/*
 * The core gives VFIO a group even if it does not know the driver of a member.
 */
static bool host_driver_has(struct xen_dev *xdev)
{
	struct device_driver *drv = READ_ONCE(xdev->pdev->dev.driver);

	return drv && !to_pci_driver(drv)->driver_managed_dma;
}

static bool in_use(struct xen_dev *xdev)
{
	struct pci_dev *pdev = xdev->pdev;

	if (host_driver_has(xdev))
		dev_warn_ratelimited(&pdev->dev,
				     "is in use by %s: unbind it before its group can be used with VFIO\n",
				     dev_driver_string(&pdev->dev));
	else if (vxi_prebound_beside(&pdev->dev))
		dev_warn_ratelimited(&pdev->dev,
				     "is not isolated from devices in use since before vfio-xen-iommu was loaded: unbind these before its group can be used with VFIO\n");
	else
		return false;
	return true;
}

static void leave(struct xen_dev *xdev)
{
	vxi_paging_detach(xdev);
	vxi_guest_domain_detach(xdev);
}

DEFINE_ATTACH_DEV(vxi_attach_identity, dom, dev)
{
	struct xen_dev *xdev = to_xen_dev(dev);

	/*
	 * A device leaves dom0 only under its group's mutex, which the core
	 * holds.
	 */
	if (is_bridge(xdev) || xdev->owner == OWNER_DOM0)
		return 0;

	guard(vxi_pm)(xdev->pdev);
	leave(xdev);
	vxi_owner_give_to_dom0(xdev);
	return 0;
}

DEFINE_ATTACH_DEV(vxi_attach_blocked, dom, dev)
{
	struct xen_dev *xdev = to_xen_dev(dev);
	bool was_attached = xdev->paging || xdev->guest_domain;

	if (is_bridge(xdev))
		return 0;
	if (in_use(xdev))
		return -EBUSY;

	guard(vxi_pm)(xdev->pdev);
	leave(xdev);
	/*
	 * Claiming a device may fail. Leaving a space must not fail, and need
	 * not: a device that Xen keeps in its shell domain is harmless there.
	 */
	return was_attached ? 0 : vxi_owner_quarantine(xdev);
}

static int attach_with(int (*attach)(struct iommu_domain *, struct xen_dev *),
		       struct iommu_domain *dom, struct device *dev)
{
	struct xen_dev *xdev = to_xen_dev(dev);
	struct vxi_paging *before = xdev->paging;
	int ret;

	if (is_bridge(xdev))
		return 0;
	if (in_use(xdev))
		return -EBUSY;

	guard(vxi_pm)(xdev->pdev);
	leave(xdev);
	ret = attach(dom, xdev);
	/*
	 * On failure the core assumes that the device is still attached to the
	 * old domain, so attach it there again. If that fails too, bus
	 * mastering stays off.
	 */
	if (ret && before)
		vxi_paging_attach(vxi_paging_domain(before), xdev);
	return ret;
}

DEFINE_ATTACH_DEV(vxi_attach_paging, dom, dev)
{
	return attach_with(vxi_paging_attach, dom, dev);
}

DEFINE_ATTACH_DEV(vxi_attach_guest, dom, dev)
{
	return attach_with(vxi_guest_domain_attach, dom, dev);
}

static const struct iommu_domain_ops identity_ops = {
	.attach_dev = vxi_attach_identity,
};

static struct iommu_domain identity_domain = {
	.type = IOMMU_DOMAIN_IDENTITY,
	.ops = &identity_ops,
};

static const struct iommu_domain_ops blocked_ops = {
	.attach_dev = vxi_attach_blocked,
};

static struct iommu_domain blocked_domain = {
	.type = IOMMU_DOMAIN_BLOCKED,
	.ops = &blocked_ops,
};

static const struct iommu_domain_ops paging_ops = {
	.attach_dev = vxi_attach_paging,
	.map_pages = vxi_paging_map_pages,
	.unmap_pages = vxi_paging_unmap_pages,
	.iova_to_phys = vxi_paging_iova_to_phys,
	.free = vxi_paging_free,
};

static const struct iommu_domain_ops guest_domain_ops = {
	.attach_dev = vxi_attach_guest,
	.map_pages = vxi_guest_domain_map_pages,
	.unmap_pages = vxi_guest_domain_unmap_pages,
	.iova_to_phys = vxi_guest_domain_iova_to_phys,
	.free = vxi_guest_domain_free,
};

static struct iommu_domain *vxi_domain_alloc_paging(struct device *dev)
{
	struct vxi_guest guest;

	if (vxi_chardev_take_guest(iommu_group_id(dev->iommu_group), &guest))
		return vxi_guest_domain_alloc(&guest, dev->iommu_group,
					      iova_bits, &guest_domain_ops);
	return vxi_paging_alloc(iova_bits, &paging_ops);
}

static struct iommu_domain *
alloc_guest_domain(struct device *dev, const struct iommu_user_data *data)
{
	struct vfio_xen_hwpt_guest want;
	struct vxi_guest guest;
	int ret;

	if (!capable(CAP_SYS_ADMIN))
		return ERR_PTR(-EPERM);
	ret = iommu_copy_struct_from_user(&want, data, VFIO_XEN_HWPT_DATA_GUEST,
					  handle);
	if (!ret)
		ret = vxi_guest_init(&guest, want.domid, want.handle,
				     want.flags);
	if (ret)
		return ERR_PTR(ret);
	return vxi_guest_domain_alloc(&guest, dev->iommu_group, iova_bits,
				      &guest_domain_ops);
}

/* For iommufd, whose callers can request a kind of domain */
DEFINE_ALLOC_PAGING_FLAGS(vxi_domain_alloc_user, dev, flags, data)
{
	struct iommu_domain *dom;

	if (flags)
		return ERR_PTR(-EOPNOTSUPP);
	dom = data ? alloc_guest_domain(dev, data) :
		     vxi_paging_alloc(iova_bits, &paging_ops);
	if (!dom)
		return ERR_PTR(-ENOMEM);
	if (!IS_ERR(dom))
		dom->type = IOMMU_DOMAIN_UNMANAGED;
	return dom;
}

DEFINE_HW_INFO(vxi_hw_info, dev, length, type)
{
	struct vfio_xen_hw_info *info;

	if (!hw_info_asked_for(*type, VFIO_XEN_HW_INFO_TYPE))
		return ERR_PTR(-EOPNOTSUPP);
	info = kzalloc(sizeof(*info), GFP_KERNEL);
	if (!info)
		return ERR_PTR(-ENOMEM);
	info->iova_bits = iova_bits;
	vxi_hc_version(&info->xen_major, &info->xen_minor);
	*length = sizeof(*info);
	*type = VFIO_XEN_HW_INFO_TYPE;
	return info;
}

static bool vxi_capable(struct device *dev, enum iommu_cap cap)
{
	/* DMA snoops on x86, and VFIO asks for it. */
	return cap == IOMMU_CAP_CACHE_COHERENCY;
}

static struct iommu_device *vxi_probe_device(struct device *dev)
{
	const char *why_not = NULL;
	struct pci_dev *pdev;
	struct xen_dev *xdev;
	int ret;

	if (!dev_is_pci(dev))
		return ERR_PTR(-ENODEV);
	pdev = to_pci_dev(dev);
	if (vxi_prebound_has(pdev))
		return ERR_PTR(-ENODEV);

	/*
	 * The core requires translated DMA for untrusted devices, which only
	 * Xen could provide. Xen knows segments of 16 bits only.
	 */
	if (pdev->untrusted)
		why_not = "it is an untrusted device";
	else if (!sbdf_has_segment(pci_domain_nr(pdev->bus)))
		why_not = "its segment is unknown to Xen";
	if (why_not) {
		pci_info(pdev, "has no IOMMU group: %s\n", why_not);
		return ERR_PTR(-ENODEV);
	}

	xdev = vxi_owner_add_device(pdev);
	if (!xdev)
		return ERR_PTR(-ENOMEM);
	ret = vxi_reserved_find(xdev);
	if (ret) {
		pci_err(pdev, "has no IOMMU group: Xen does not say what memory is reserved for it: %d\n",
			ret);
		vxi_reserved_forget(xdev);
		vxi_owner_remove_device(xdev);
		return ERR_PTR(-ENODEV);
	}
	dev_iommu_priv_set(dev, xdev);
	vxi_msi_domain_add_device(xdev);
	/*
	 * Xen controls ATS. Linux would attach the blocked domain around each
	 * reset of a device with ATS, whether a host driver or a guest has the
	 * device.
	 */
	pci_forget_ats(pdev);
	return &vxi_iommu;
}

static void vxi_release_device(struct device *dev)
{
	struct xen_dev *xdev = to_xen_dev(dev);

	leave(xdev);
	vxi_msi_domain_remove_device(xdev);
	vxi_reserved_forget(xdev);
	vxi_owner_remove_device(xdev);
}

static int vxi_def_domain_type(struct device *dev)
{
	return IOMMU_DOMAIN_IDENTITY;
}

static void add_region(struct list_head *head, phys_addr_t start, size_t size,
		       int prot, enum iommu_resv_type type)
{
	struct iommu_resv_region *region;

	region = iommu_alloc_resv_region(start, size, prot, type, GFP_KERNEL);
	if (region)
		list_add_tail(&region->list, head);
}

/*
 * Firmware requires that the device can always reach these ranges, so VFIO
 * cannot have it. A device with relaxable ranges it can have; the kind of
 * region says so. A second region keeps VFIO from mapping there, where Xen has
 * its own mappings.
 */
static void add_reserved_memory(struct xen_dev *xdev, struct list_head *head)
{
	const int prot = IOMMU_READ | IOMMU_WRITE;
	bool relaxable = vxi_reserved_is_relaxable(xdev);
	unsigned int i;

	for (i = 0; i < xdev->nr_reserved; i++) {
		phys_addr_t start = xdev->reserved[i].mfn << PAGE_SHIFT;
		size_t size = xdev->reserved[i].nr << PAGE_SHIFT;

		add_region(head, start, size, prot,
			   relaxable ? IOMMU_RESV_DIRECT_RELAXABLE :
				       IOMMU_RESV_DIRECT);
		if (relaxable)
			add_region(head, start, size, 0, IOMMU_RESV_RESERVED);
	}
}

static void vxi_get_resv_regions(struct device *dev, struct list_head *head)
{
	add_reserved_memory(to_xen_dev(dev), head);
	add_region(head, MSI_WINDOW_START, MSI_WINDOW_SIZE, IOMMU_WRITE,
		   IOMMU_RESV_MSI);
	if (boot_cpu_data.x86_vendor == X86_VENDOR_AMD ||
	    boot_cpu_data.x86_vendor == X86_VENDOR_HYGON)
		add_region(head, HT_REGION_START, HT_REGION_SIZE, 0,
			   IOMMU_RESV_RESERVED);
}

static const struct iommu_ops vxi_ops = {
	.owner = THIS_MODULE,
	.capable = vxi_capable,
	.probe_device = vxi_probe_device,
	.release_device = vxi_release_device,
	.device_group = vxi_prebound_device_group,
	.def_domain_type = vxi_def_domain_type,
	.get_resv_regions = vxi_get_resv_regions,
	.domain_alloc_paging = vxi_domain_alloc_paging,
	.domain_alloc_paging_flags = vxi_domain_alloc_user,
	.hw_info = vxi_hw_info,
	.identity_domain = &identity_domain,
	.blocked_domain = &blocked_domain,
	.default_domain_ops = &paging_ops,
};

/* The core probes devices again when another IOMMU is registered. */
static void probe_again(void)
{
	struct iommu_device another = {};
	int ret = iommu_device_register(&another, &vxi_ops, NULL);

	if (ret)
		pr_warn("cannot look for devices again: %d\n", ret);
	else
		iommu_device_unregister(&another);
}

/*
 * A device whose return is pending must not get a host driver: its DMA would
 * fail. Other devices suspend as their drivers decide.
 */
static void rescue(struct xen_dev *xdev)
{
	if (!READ_ONCE(xdev->return_pending))
		return;
	guard(vxi_pm)(xdev->pdev);
	vxi_owner_rescue(xdev);
}

/*
 * While its group is in use, the core does not attach a removed device to dom0
 * first. Release what Xen keeps of it for dom0 while Xen still knows the
 * device.
 */
static void unplug(struct xen_dev *xdev)
{
	guard(vxi_pm)(xdev->pdev);
	vxi_owner_unplug(xdev);
}

static int vxi_on_pci_event(struct notifier_block *nb, unsigned long event,
			    void *data)
{
	struct device *dev = data;
	struct xen_dev *xdev = to_xen_dev(dev);

	switch (event) {
	case BUS_NOTIFY_BIND_DRIVER:
		if (xdev && host_driver_has(xdev))
			rescue(xdev);
		break;
	case BUS_NOTIFY_DEL_DEVICE:
		if (xdev && xdev->owner != OWNER_DOM0)
			unplug(xdev);
		break;
	case BUS_NOTIFY_UNBIND_DRIVER:
		vxi_prebound_unbind(to_pci_dev(dev));
		break;
	case BUS_NOTIFY_UNBOUND_DRIVER:
		if (vxi_prebound_unbound(to_pci_dev(dev)) &&
		    READ_ONCE(registering))
			probe_again();
		break;
	}
	return NOTIFY_DONE;
}

static void choose_iova_bits(void)
{
	bool intel = boot_cpu_data.x86_vendor == X86_VENDOR_INTEL;
	unsigned int host_bits = 0;
	bool vtd = vxi_dmar_read(&host_bits) || intel;

	/*
	 * VT-d beside a processor of another vendor is emulated, and its width
	 * says nothing.
	 */
	if (!iova_bits)
		iova_bits = vxi_iova_width(vtd, host_bits,
					   intel ? boot_cpu_data.x86_phys_bits :
						   host_bits);
	iova_bits = clamp(iova_bits, MIN_IOVA_BITS, MAX_IOVA_BITS);
}

struct pci_dev *vxi_iommu_other(const char **iommu)
{
	struct pci_dev *pdev = NULL;

	for_each_pci_dev(pdev) {
		const struct dev_iommu *has = READ_ONCE(pdev->dev.iommu);
		const struct iommu_device *other = has ? has->iommu_dev : NULL;

		if (!other)
			continue;
		*iommu = other->dev ? dev_name(other->dev) : "no name";
		return pdev;
	}
	return NULL;
}

int vxi_iommu_register(void)
{
	/* Before Linux tells Xen of a removal */
	static struct notifier_block nb = {
		.notifier_call = vxi_on_pci_event,
		.priority = 1,
	};
	int ret;

	choose_iova_bits();

	ret = vxi_msi_domain_init();
	if (ret)
		return ret;
	ret = vxi_chardev_init();
	if (ret)
		goto exit_msi;
	ret = iommu_device_sysfs_add(&vxi_iommu, NULL, NULL, "vfio-xen-iommu");
	if (ret)
		goto exit_chardev;
	ret = bus_register_notifier(&pci_bus_type, &nb);
	if (ret)
		goto remove_sysfs;
	ret = vxi_prebound_init();
	if (ret)
		goto unregister_notifier;
	WRITE_ONCE(registering, true);
	ret = iommu_device_register(&vxi_iommu, &vxi_ops, NULL);
	if (ret)
		goto exit_held;
	return 0;

exit_held:
	WRITE_ONCE(registering, false);
	vxi_prebound_exit();
unregister_notifier:
	bus_unregister_notifier(&pci_bus_type, &nb);
remove_sysfs:
	iommu_device_sysfs_remove(&vxi_iommu);
exit_chardev:
	vxi_chardev_exit();
exit_msi:
	vxi_msi_domain_exit();
	return ret;
}
