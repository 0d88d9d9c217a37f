/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a guest has mapped of a device, the device decodes.
 *
 * An access to memory or ports that a device does not decode stays unanswered, and on
 * some hosts that is fatal for all of the host. A device stops decoding when its
 * memory or I/O space is turned off in COMMAND, in a low-power state, and for the time
 * of a reset. vfio-pci-core takes its user's own mappings away around that. Here the
 * same happens to the guest's; where that can't be done, for a PV guest, the device
 * goes on decoding whatever is written, and the guest is paused for a reset.
 */
#ifndef VXP_DECODE_H
#define VXP_DECODE_H

#include <linux/mutex.h>
#include <linux/types.h>

struct guest_ports;
struct vfio_pci_core_device;

/**
 * struct decode - the registers of a device that have it decode its BARs
 * @lock:	serialises writes to them; before vfio_pci_core_device.memory_lock
 * @core:	the device
 * @ports:	its BARs in I/O space
 */
struct decode {
	struct mutex lock; /* see above */
	struct vfio_pci_core_device *core;
	struct guest_ports *ports;
};

void vxp_decode_init(struct decode *decode, struct vfio_pci_core_device *core,
		     struct guest_ports *ports);
void vxp_decode_destroy(struct decode *decode);

/* Whether a memory BAR can be reached, as for a mapping in a process. */
bool vxp_decode_has_memory(const struct vfio_pci_core_device *core);

/* What vfio_device_ops.write is. */
ssize_t vxp_decode_write(struct decode *decode, const char __user *buf,
			 size_t count, loff_t *ppos);

/* Around a reset, however it has come about. */
void vxp_decode_begin_reset(struct decode *decode);
void vxp_decode_end_reset(struct decode *decode);

/* Under @lock: learn what has been decided elsewhere, as by an open or a reset. */
void vxp_decode_update(struct decode *decode);

#endif
