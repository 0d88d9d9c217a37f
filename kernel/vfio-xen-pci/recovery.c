// SPDX-License-Identifier: GPL-2.0
/*
 * Recovery of a device from a fatal error on its PCI Express link.
 */
#include <linux/device.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/vfio_pci_core.h>
#include <linux/workqueue.h>

#include "decode.h"
#include "recovery.h"

/*
 * Linux waits for the devices below the port for up to a minute. A PV guest is
 * paused for this time.
 */
#define GIVE_UP_S	65

/*
 * VFIO has saved the configuration when it opened the device, with bus mastering
 * off. What nobody has open is restored by the next open.
 */
static void restore(struct vfio_pci_core_device *core)
{
	if (!core->vconfig || !core->pci_saved_state ||
	    pci_load_saved_state(core->pdev, core->pci_saved_state))
		return;
	pci_restore_state(core->pdev);
}

static void finish(struct recovery *recovery)
{
	struct decode *decode = recovery->decode;

	device_lock_assert(&decode->core->pdev->dev);

	if (!recovery->is_running)
		return;
	recovery->is_running = false;
	mutex_lock(&decode->lock);
	restore(decode->core);
	mutex_unlock(&decode->lock);
	vxp_decode_end_reset(decode);
	schedule_work(recovery->after_reset);
}

/* The holder of the device's lock may be waiting for this to end. */
static void give_up(struct work_struct *work)
{
	struct recovery *recovery = container_of(to_delayed_work(work),
						 struct recovery, give_up);
	struct device *dev = &recovery->decode->core->pdev->dev;

	if (!device_trylock(dev)) {
		schedule_delayed_work(&recovery->give_up, HZ);
		return;
	}
	if (recovery->is_running)
		dev_warn(dev,
			 "has not recovered from an error; its guest may access it again\n");
	finish(recovery);
	device_unlock(dev);
}

void vxp_recovery_init(struct recovery *recovery, struct decode *decode,
		       struct work_struct *after_reset)
{
	recovery->decode = decode;
	recovery->after_reset = after_reset;
	INIT_DELAYED_WORK(&recovery->give_up, give_up);
}

void vxp_recovery_begin(struct recovery *recovery)
{
	device_lock_assert(&recovery->decode->core->pdev->dev);

	if (!recovery->is_running)
		vxp_decode_begin_reset(recovery->decode);
	recovery->is_running = true;
	mod_delayed_work(system_wq, &recovery->give_up, GIVE_UP_S * HZ);
}

void vxp_recovery_end(struct recovery *recovery)
{
	cancel_delayed_work(&recovery->give_up);
	finish(recovery);
}

void vxp_recovery_stop(struct recovery *recovery)
{
	disable_delayed_work_sync(&recovery->give_up);
	finish(recovery);
}
