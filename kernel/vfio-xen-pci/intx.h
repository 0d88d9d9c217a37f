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

/* Keep the device from asserting INTx. All functions here are called under igate. */
void vxp_intx_hold(struct vfio_pci_core_device *core);

/**
 * vxp_intx_follow() - hold or release INTx after its connection may have changed
 * @to_guest:	INTx is connected to a guest, whose own INTX_DISABLE bit decides then
 */
void vxp_intx_follow(struct vfio_pci_core_device *core, bool to_guest);

/* Before vfio-pci-core connects it: what the user has written counts from now on. */
void vxp_intx_leave_to_core(struct vfio_pci_core_device *core);

/*
 * Release INTx of a device that is connected to a guest and was throttled. The
 * exception: it takes igate itself, and returns false if igate is not free.
 */
bool vxp_intx_try_release(struct vfio_pci_core_device *core);

#endif
