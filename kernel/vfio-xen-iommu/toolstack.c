// SPDX-License-Identifier: GPL-2.0
/*
 * Devices left to the host's toolstack.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/iommu.h>
#include <linux/pci.h>

#include <xen/vxi.h>

#include "compat/export.h"
#include "pm.h"
#include "owner.h"

int vxi_toolstack_take(struct pci_dev *pdev)
{
	struct xen_dev *xdev = dev_iommu_priv_get(&pdev->dev);
	int ret;

	/* The group exists as long as the driver core uses it. */
	if (!pdev->dev.iommu_group ||
	    pdev->hdr_type != PCI_HEADER_TYPE_NORMAL) {
		pci_err(pdev, "has no IOMMU group, or is a bridge: no toolstack can have it\n");
		return -ENODEV;
	}
	guard(vxi_pm)(pdev);
	ret = vxi_owner_give_to_toolstack(xdev);
	if (ret)
		vxi_owner_give_to_dom0(xdev);
	return ret;
}
EXPORT_SYMBOL_NS_GPL(vxi_toolstack_take, VXI_NS);

void vxi_toolstack_renew(struct pci_dev *pdev)
{
	guard(vxi_pm)(pdev);
	vxi_owner_renew_for_toolstack(dev_iommu_priv_get(&pdev->dev));
}
EXPORT_SYMBOL_NS_GPL(vxi_toolstack_renew, VXI_NS);

void vxi_toolstack_return(struct pci_dev *pdev)
{
	guard(vxi_pm)(pdev);
	vxi_owner_give_to_dom0(dev_iommu_priv_get(&pdev->dev));
}
EXPORT_SYMBOL_NS_GPL(vxi_toolstack_return, VXI_NS);
