/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Vectors that notify event channels.
 */
#ifndef VXP_EVTCHN_H
#define VXP_EVTCHN_H

#include <linux/types.h>

struct vfio_irq_set;
struct vfio_irq_xen_evtchn;
struct vfio_pci_core_device;

/**
 * struct evtchns - the vectors of a device that notify event channels
 * @nr:		how many are allocated; 0 while there are none
 * @ports:	our end of each one's event channel, 0 if it has none
 *
 * Locking: vfio_pci_core_device.igate.
 */
struct evtchns {
	unsigned int nr;
	u32 *ports;
};

/**
 * vxp_evtchns_set() - connect or disconnect vectors
 * @hdr:	what the user wants, checked but for what depends on the device's
 *		state
 * @entries:	hdr->count of them
 */
int vxp_evtchns_set(struct vfio_pci_core_device *core, struct evtchns *evtchns,
		    const struct vfio_irq_set *hdr,
		    const struct vfio_irq_xen_evtchn *entries);

/* Disconnect and free all vectors. */
void vxp_evtchns_disable(struct vfio_pci_core_device *core,
			 struct evtchns *evtchns);

#endif
