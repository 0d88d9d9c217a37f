/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeping a device awake.
 *
 * Xen writes to the MSI-X table of a device that changes hands, and VFIO lets
 * devices that are not open sleep. Waking takes locks of VFIO's, which are held when
 * vxi_owner_borrow() is called, for a device that is awake: so it comes before the locks
 * of this module. To wake takes 10 ms, and to put to sleep as many, and a device that
 * has changed hands is wanted again at once.
 */
#ifndef VXI_AWAKE_H
#define VXI_AWAKE_H

#include <linux/cleanup.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>

#define SLEEP_DELAY_MS 1000

static inline void vxi_pm_put(struct pci_dev *pdev)
{
	pm_runtime_put_noidle(&pdev->dev);
	pm_schedule_suspend(&pdev->dev, SLEEP_DELAY_MS);
}

DEFINE_GUARD(vxi_pm, struct pci_dev *, pm_runtime_get_sync(&_T->dev),
	     vxi_pm_put(_T))

#endif
