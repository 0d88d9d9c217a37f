// SPDX-License-Identifier: GPL-2.0
/*
 * Devices that stop decoding their BARs, and guests that access these.
 *
 * An access that no device answers is fatal for some hosts. So the guest's
 * mappings of a device are removed meanwhile; a guest whose mappings cannot be
 * removed is paused while the device is reset.
 */
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/iommu.h>
#include <linux/mutex.h>
#include <linux/pci.h>

#include <xen/vxi.h>

#include "compat/export.h"
#include "guest_domain.h"
#include "hypercall.h"
#include "owner.h"
#include "xen_dev.h"

enum vxi_reach vxi_guest_reach(struct pci_dev *pdev)
{
	struct xen_dev *xdev = dev_iommu_priv_get(&pdev->dev);
	struct vxi_guest guest;

	if (!xdev)
		return VXI_REACH_NONE;
	guard(mutex)(&xdev->guest_domain_lock);
	if (vxi_owner_is_exposed(xdev, &guest))
		return VXI_REACH_ALWAYS;
	return xdev->guest_domain ? VXI_REACH_MAPPED : VXI_REACH_NONE;
}
EXPORT_SYMBOL_NS_GPL(vxi_guest_reach, VXI_NS);

int vxi_guest_set_decoding(struct pci_dev *pdev, bool decoding)
{
	struct xen_dev *xdev = dev_iommu_priv_get(&pdev->dev);
	int ret;

	if (!xdev)
		return 0;
	guard(mutex)(&xdev->guest_domain_lock);
	ret = vxi_guest_domain_set_out(xdev, !decoding, xdev->resets);
	if (ret)
		vxi_guest_domain_set_out(xdev, false, xdev->resets);
	return ret;
}
EXPORT_SYMBOL_NS_GPL(vxi_guest_set_decoding, VXI_NS);

/* The reset cannot be refused, so only log it. */
static void stop_guest(struct xen_dev *xdev, const struct vxi_guest *guest)
{
	int ret = vxi_hc_pause(guest->domid, true);

	if (ret && ret != -ESRCH)
		dev_err_ratelimited(&xdev->pdev->dev,
				    "cannot pause d%u, which can reach it while it is reset: %d\n",
				    guest->domid, ret);
	xdev->paused = *guest;
	xdev->is_paused = !ret;
}

static void restart_guest(struct xen_dev *xdev)
{
	int ret;

	if (!xdev->is_paused)
		return;
	xdev->is_paused = false;
	if (vxi_guest_is_gone(&xdev->paused))
		return;
	ret = vxi_hc_pause(xdev->paused.domid, false);
	if (ret && ret != -ESRCH)
		pci_err(xdev->pdev,
			"cannot unpause d%u after a reset: %d; xl unpause %u\n",
			xdev->paused.domid, ret, xdev->paused.domid);
}

void vxi_guest_begin_reset(struct pci_dev *pdev)
{
	struct xen_dev *xdev = dev_iommu_priv_get(&pdev->dev);
	struct vxi_guest guest;
	int ret;

	if (!xdev)
		return;
	guard(mutex)(&xdev->guest_domain_lock);
	ret = vxi_guest_domain_set_out(xdev, xdev->undecoded, xdev->resets + 1);
	if (xdev->is_paused)
		return;
	if (vxi_owner_is_exposed(xdev, &guest) ||
	    (ret && !vxi_guest_of(pdev, &guest)))
		stop_guest(xdev, &guest);
}
EXPORT_SYMBOL_NS_GPL(vxi_guest_begin_reset, VXI_NS);

void vxi_guest_end_reset(struct pci_dev *pdev)
{
	struct xen_dev *xdev = dev_iommu_priv_get(&pdev->dev);

	if (!xdev)
		return;
	guard(mutex)(&xdev->guest_domain_lock);
	vxi_guest_domain_set_out(xdev, xdev->undecoded, xdev->resets - 1);
	if (!xdev->resets)
		restart_guest(xdev);
}
EXPORT_SYMBOL_NS_GPL(vxi_guest_end_reset, VXI_NS);
