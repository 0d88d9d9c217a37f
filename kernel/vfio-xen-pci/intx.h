/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A device asserts INTx only while somebody serves it.
 *
 * An unserved line harms all devices that share it: dom0's kernel disables the
 * line ("nobody cared"), also for its own device. vfio-pci-core lets a device
 * assert INTx from its first open on, and whenever its user wants. Here
 * INTX_DISABLE keeps the device from that while INTx is not connected. The user
 * reads back the value that it wrote.
 *
 * Devices from before PCI 2.3 lack the bit.
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

/*
 * Call before vfio-pci-core connects INTx: from now on the user's bit counts.
 */
void vxp_intx_leave_to_core(struct vfio_pci_core_device *core);

/*
 * Release INTx of a device that is connected to a guest and was throttled. The
 * exception: it takes igate itself, and returns false if igate is not free.
 */
bool vxp_intx_try_release(struct vfio_pci_core_device *core);

#endif
