/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeping a device awake.
 *
 * Xen writes to the MSI-X table of a device that changes hands, and VFIO lets
 * devices that are not open sleep. Waking takes locks of VFIO's, which are held when
 * vxi_borrow() is called, for a device that is awake. So a device is resumed before
 * any lock of this module is taken. Resuming and suspending a device takes about 10 ms
 * each, and a device that has changed hands is usually needed again at once: the suspend
 * is delayed.
 */
#ifndef VXI_PM_H
#define VXI_PM_H

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
