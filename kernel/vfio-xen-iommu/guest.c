// SPDX-License-Identifier: GPL-2.0
/*
 * Guests: their permissions for parts of a device.
 */
#define pr_fmt(fmt) "vfio-xen-iommu: " fmt

#include <linux/errno.h>
#include <linux/export.h>
#include <linux/ioport.h>
#include <linux/pci.h>
#include <linux/pfn.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/string.h>

#include <linux/vfio_xen_iommu.h>
#include <xen/vxi.h>

#include "compat/export.h"
#include "frames.h"
#include "guest.h"
#include "hypercall.h"

#define NR_PORTS	0x10000U

int vxi_guest_init(struct vxi_guest *guest, u32 domid, const u8 *handle,
		   u32 flags)
{
	if (flags & ~VFIO_XEN_GUEST_RDM_STRICT)
		return -EINVAL;
	if (!domid || domid >= DOMID_FIRST_RESERVED)
		return -EINVAL;
	guest->domid = domid;
	guest->rdm_strict = flags & VFIO_XEN_GUEST_RDM_STRICT;
	memcpy(guest->handle, handle, sizeof(guest->handle));
	return vxi_guest_check(guest);
}

int vxi_guest_check(struct vxi_guest *guest)
{
	struct xen_domain_info info;
	int ret = vxi_hc_domain_info(guest->domid, &info);

	if (ret)
		return ret;
	if (memcmp(info.handle, guest->handle, sizeof(info.handle)))
		return -ESRCH;
	guest->hvm = info.hvm;
	return 0;
}
EXPORT_SYMBOL_NS_GPL(vxi_guest_check, VXI_NS);

bool vxi_guest_is_gone(const struct vxi_guest *guest)
{
	struct vxi_guest now = *guest;

	return vxi_guest_check(&now) == -ESRCH;
}
EXPORT_SYMBOL_NS_GPL(vxi_guest_is_gone, VXI_NS);

bool vxi_guest_is(const struct vxi_guest *a, const struct vxi_guest *b)
{
	return a->domid == b->domid &&
	       !memcmp(a->handle, b->handle, sizeof(a->handle));
}

/* Xen does not tell the owner of a device, but only its owner can lose it. */
int vxi_guest_find_and_deassign(u32 sbdf, struct vxi_guest *guest)
{
	struct xen_domain_info info;
	domid_t domid;

	for (domid = 1; domid < DOMID_FIRST_RESERVED; domid++) {
		cond_resched();
		if (vxi_hc_domain_info(domid, &info) ||
		    vxi_hc_deassign(domid, sbdf))
			continue;
		guest->domid = domid;
		guest->hvm = info.hvm;
		guest->rdm_strict = false;
		memcpy(guest->handle, info.handle, sizeof(info.handle));
		return 0;
	}
	return -EBUSY;
}

static bool has_ports(const struct resource *bar)
{
	return resource_type(bar) == IORESOURCE_IO && bar->parent;
}

static bool has_frames(const struct resource *bar)
{
	return resource_type(bar) == IORESOURCE_MEM && bar->parent;
}

static u64 first_frame(const struct resource *bar)
{
	return PFN_DOWN(bar->start);
}

static u64 nr_frames(const struct resource *bar)
{
	return PFN_UP(bar->end + 1) - PFN_DOWN(bar->start);
}

static int allow(const struct vxi_guest *guest, const struct resource *bar,
		 bool yes)
{
	if (has_ports(bar))
		return vxi_hc_allow_ports(guest->domid, bar->start,
					  resource_size(bar), yes);
	if (has_frames(bar))
		return vxi_hc_allow_frames(guest->domid, first_frame(bar),
					   nr_frames(bar), yes);
	return 0;
}

/* The guest also gets the rest of the page, so nobody else may use that. */
static bool may_have(struct pci_dev *pdev, const struct resource *bar)
{
	return !has_frames(bar) ||
	       vxi_frames_are_only_of(pdev, first_frame(bar), nr_frames(bar));
}

static int forbid_up_to(const struct vxi_guest *guest, struct pci_dev *pdev,
			unsigned int end)
{
	int last = 0;

	while (end--) {
		const struct resource *bar = &pdev->resource[end];
		int ret;

		if (!may_have(pdev, bar))
			continue;
		ret = allow(guest, bar, false);
		/* The permissions ended with the guest. */
		if (ret && ret != -ESRCH) {
			pci_err(pdev, "d%u is still allowed %pR: %d\n",
				guest->domid, bar, ret);
			last = ret;
		}
	}
	return last;
}

int vxi_guest_permit(const struct vxi_guest *guest, struct pci_dev *pdev)
{
	unsigned int i;

	for (i = PCI_STD_RESOURCES; i <= PCI_STD_RESOURCE_END; i++) {
		const struct resource *bar = &pdev->resource[i];
		int ret;

		if (!may_have(pdev, bar)) {
			dev_warn_ratelimited(&pdev->dev,
					     "%pR shares a page with another device: d%u cannot have it\n",
					     bar, guest->domid);
			continue;
		}
		ret = allow(guest, bar, true);
		if (ret) {
			dev_err_ratelimited(&pdev->dev,
					    "d%u cannot be allowed %pR: %d\n",
					    guest->domid, bar, ret);
			forbid_up_to(guest, pdev, i);
			return ret;
		}
	}
	return 0;
}

int vxi_guest_forbid(const struct vxi_guest *guest, struct pci_dev *pdev)
{
	return forbid_up_to(guest, pdev, PCI_STD_RESOURCE_END + 1);
}

int vxi_guest_map_ports(const struct vxi_guest *guest, struct pci_dev *pdev,
			unsigned int bar, u16 gport)
{
	const struct resource *ports = &pdev->resource[bar];

	if (!has_ports(ports) || gport + resource_size(ports) > NR_PORTS)
		return -EINVAL;
	return vxi_hc_map_ports(guest->domid, gport, ports->start,
				resource_size(ports), true);
}
EXPORT_SYMBOL_NS_GPL(vxi_guest_map_ports, VXI_NS);

/*
 * Xen revokes the ports together with the memory, so they stay permitted until
 * the end.
 */
void vxi_guest_unmap_ports(const struct vxi_guest *guest, struct pci_dev *pdev,
			   unsigned int bar, u16 gport)
{
	const struct resource *ports = &pdev->resource[bar];
	int ret;

	ret = vxi_hc_map_ports(guest->domid, gport, ports->start,
			       resource_size(ports), false);
	if (!ret)
		ret = allow(guest, ports, true);
	if (ret && ret != -ESRCH)
		pci_err(pdev, "cannot unmap %pR of d%u: %d\n", ports,
			guest->domid, ret);
}
EXPORT_SYMBOL_NS_GPL(vxi_guest_unmap_ports, VXI_NS);
