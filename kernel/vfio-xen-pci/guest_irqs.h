/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Vectors that Xen delivers to the guest which has the device.
 */
#ifndef VXP_GUEST_IRQS_H
#define VXP_GUEST_IRQS_H

#include <linux/types.h>

#include <xen/vxi.h>

#include "lines.h"

struct guest_vector;
struct vfio_irq_set;
struct vfio_irq_xen_guest;
struct vfio_pci_core_device;

/**
 * struct guest_irqs - the vectors of a device that go to a guest
 * @index:	the VFIO index of the vectors
 * @nr:		the number of vectors of that index; 0 while none is connected
 * @armed:	MSI or MSI-X is enabled in the device
 * @may_share:	a user with CAP_SYS_ADMIN has allowed the device to share its line
 * @guest:	the guest that gets the vectors
 * @line:	the line, while INTx is connected
 * @vectors:	the state of each vector
 *
 * Locking: vfio_pci_core_device.igate.
 */
struct guest_irqs {
	unsigned int index;
	unsigned int nr;
	bool armed;
	bool may_share;
	struct vxi_guest guest;
	struct line_user line;
	struct guest_vector *vectors;
};

/**
 * vxp_guest_irqs_set() - connect or disconnect vectors
 * @hdr:	what the user wants, checked but for what depends on the device's
 *		state
 * @entries:	hdr->count of them; those whose turn came have their pirq then
 * @nr:		how many vectors the index has
 */
int vxp_guest_irqs_set(struct vfio_pci_core_device *core,
		       struct guest_irqs *irqs, const struct vfio_irq_set *hdr,
		       struct vfio_irq_xen_guest *entries, unsigned int nr);

/* Whether INTx of the device has a line that can be connected to a guest */
bool vxp_guest_irqs_can_have_intx(const struct vfio_pci_core_device *core);

/*
 * Whether INTx is connected and may be asserted. Under igate, like the
 * functions below.
 */
bool vxp_guest_irqs_have_intx(const struct guest_irqs *irqs);

/* Restore the registers that a reset has cleared. */
void vxp_guest_irqs_rearm(struct vfio_pci_core_device *core,
			  struct guest_irqs *irqs);

/* Disconnect all vectors. */
void vxp_guest_irqs_disable(struct vfio_pci_core_device *core,
			    struct guest_irqs *irqs);

#endif
