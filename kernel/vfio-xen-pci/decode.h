/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A device decodes everything that a guest has mapped of it.
 *
 * An access to memory or ports that no device decodes gets no answer, which is
 * fatal for some hosts. A device stops decoding when memory or I/O space is
 * disabled in COMMAND, in a low-power state, and during a reset. vfio-pci-core
 * removes its user's mappings meanwhile. The same happens here to the guest's
 * mappings. Mappings of a PV guest cannot be removed: its device keeps decoding
 * whatever is written, and the guest is paused during a reset.
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

/* Whether memory BARs are accessible, as for a mapping in a process */
bool vxp_decode_has_memory(const struct vfio_pci_core_device *core);

/* vfio_device_ops.write */
ssize_t vxp_decode_write(struct decode *decode, const char __user *buf,
			 size_t count, loff_t *ppos);

/* Call these around any reset. */
void vxp_decode_begin_reset(struct decode *decode);
void vxp_decode_end_reset(struct decode *decode);

/* Under @lock: take over changes from elsewhere, such as an open or a reset. */
void vxp_decode_update(struct decode *decode);

#endif
