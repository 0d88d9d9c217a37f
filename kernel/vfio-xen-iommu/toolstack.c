// SPDX-License-Identifier: GPL-2.0
/*
 * Devices that are left to the host's toolstack.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/iommu.h>
#include <linux/pci.h>

#include "awake.h"
#include "owner.h"
#include "toolstack.h"

int xen_leave_to_toolstack(struct pci_dev *pdev)
{
	struct xen_dev *xdev = dev_iommu_priv_get(&pdev->dev);
	int ret;

	/* The group is there for as long as the driver core has it in use. */
	if (!pdev->dev.iommu_group ||
	    pdev->hdr_type != PCI_HEADER_TYPE_NORMAL) {
		pci_err(pdev, "has no IOMMU group, or is a bridge: no toolstack can have it\n");
		return -ENODEV;
	}
	guard(awake)(pdev);
	ret = owner_give_to_toolstack(xdev);
	if (ret)
		owner_give_to_dom0(xdev);
	return ret;
}
EXPORT_SYMBOL_GPL(xen_leave_to_toolstack);

void xen_renew_for_toolstack(struct pci_dev *pdev)
{
	guard(awake)(pdev);
	owner_renew_for_toolstack(dev_iommu_priv_get(&pdev->dev));
}
EXPORT_SYMBOL_GPL(xen_renew_for_toolstack);

void xen_take_from_toolstack(struct pci_dev *pdev)
{
	guard(awake)(pdev);
	owner_give_to_dom0(dev_iommu_priv_get(&pdev->dev));
}
EXPORT_SYMBOL_GPL(xen_take_from_toolstack);
