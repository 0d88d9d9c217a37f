/* SPDX-License-Identifier: GPL-2.0 */
/*
 * INTx is asserted only where it is served.
 *
 * A line that nobody serves takes down those who share it: dom0's kernel turns the
 * line off ("nobody cared"), its own device's with it. vfio-pci-core lets a device
 * assert INTx from when it is opened, and whenever its user says so; here the device
 * is kept from it (INTX_DISABLE) as long as INTx is connected to nobody. What the
 * user reads in the register is what it wrote.
 *
 * This can't be done for devices from before PCI 2.3, which do not have the bit.
 */
#ifndef VXP_INTX_H
#define VXP_INTX_H

#include <linux/types.h>

struct vfio_pci_core_device;

/* Keep the device from asserting INTx. Under igate, as is what follows. */
void vxp_intx_hold(struct vfio_pci_core_device *core);

/**
 * vxp_intx_follow() - hold INTx, or let go, after something may have changed that
 * @to_guest:	it is connected to a guest: then the guest's own bit counts
 */
void vxp_intx_follow(struct vfio_pci_core_device *core, bool to_guest);

/* Before vfio-pci-core connects it: what the user has written counts from now on. */
void vxp_intx_leave_to_core(struct vfio_pci_core_device *core);

/*
 * Let go of a device that is connected to a guest and has been held for a while.
 * Takes igate if it is free; false if not.
 */
bool vxp_intx_try_release(struct vfio_pci_core_device *core);

#endif
