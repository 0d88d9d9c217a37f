/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Vectors that Xen delivers to the guest that has the device.
 */
#ifndef VXP_GUEST_IRQS_H
#define VXP_GUEST_IRQS_H

#include <linux/types.h>

#include <xen/vxi.h>

struct guest_vector;
struct vfio_irq_set;
struct vfio_irq_xen_guest;
struct vfio_pci_core_device;

/**
 * struct guest_irqs - the vectors of a device that go to a guest
 * @index:	the VFIO index that they are of
 * @nr:		how many there could be; 0 while there are none
 * @armed:	MSI or MSI-X is enabled in the device
 * @guest:	whose they are
 * @vectors:	each one's state
 *
 * Locking: vfio_pci_core_device.igate.
 */
struct guest_irqs {
	unsigned int index;
	unsigned int nr;
	bool armed;
	struct vxi_guest guest;
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

/* INTx is connected. Under igate, as is what follows. */
bool vxp_guest_irqs_have_intx(const struct guest_irqs *irqs);

/* Have them work again after the device has been reset. */
void vxp_guest_irqs_rearm(struct vfio_pci_core_device *core,
			  struct guest_irqs *irqs);

/* Disconnect all vectors, if there are any. */
void vxp_guest_irqs_disable(struct vfio_pci_core_device *core,
			    struct guest_irqs *irqs);

#endif
