/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeping a device awake.
 *
 * Xen writes to the MSI-X table of a device that changes hands, and VFIO lets
 * devices that are not open sleep. Waking takes locks of VFIO's, which are held when
 * owner_borrow() is called, for a device that is awake: so it comes before the locks
 * of this module. To wake takes 10 ms, and to put to sleep as many, and a device that
 * has changed hands is wanted again at once.
 */
#ifndef XEN_IOMMU_AWAKE_H
#define XEN_IOMMU_AWAKE_H

#include <linux/cleanup.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>

#define SLEEP_DELAY_MS 1000

static inline void let_sleep(struct pci_dev *pdev)
{
	pm_runtime_put_noidle(&pdev->dev);
	pm_schedule_suspend(&pdev->dev, SLEEP_DELAY_MS);
}

DEFINE_GUARD(awake, struct pci_dev *, pm_runtime_get_sync(&_T->dev),
	     let_sleep(_T))

#endif
