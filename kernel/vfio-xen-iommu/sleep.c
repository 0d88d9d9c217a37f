// SPDX-License-Identifier: GPL-2.0
/*
 * Suspending the host: not while a guest has a device.
 *
 * Linux puts devices into D3 before Xen pauses the guests, and a guest would
 * access a device that does not decode its BARs. The device also loses its
 * state, and the guest's driver would not know.
 */
#define pr_fmt(fmt) "vfio-xen-iommu: " fmt

#include <linux/notifier.h>
#include <linux/printk.h>
#include <linux/suspend.h>

#include "owner.h"
#include "sleep.h"

static int vxi_sleep_notify(struct notifier_block *nb, unsigned long action,
			    void *unused)
{
	switch (action) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
		return notifier_from_errno(vxi_owner_prepare_sleep());
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
		vxi_owner_end_sleep();
		return NOTIFY_OK;
	default:
		return NOTIFY_DONE;
	}
}

static struct notifier_block sleep_notifier = {
	.notifier_call = vxi_sleep_notify,
};

void vxi_sleep_init(void)
{
	if (register_pm_notifier(&sleep_notifier))
		pr_warn("the host can suspend while a guest has a device\n");
}
