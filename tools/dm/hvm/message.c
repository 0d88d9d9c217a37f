// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decode message-signalled interrupts.
 */
#include "message.h"

#define ADDRESS_DEST_SHIFT 12
#define ADDRESS_DEST_MASK 0xff
#define ADDRESS_HIGH_DEST_MASK 0xffffff00U
#define DATA_VECTOR_MASK 0xff

void message_to_xen(struct vfio_irq_xen_guest *entry, uint64_t address,
		    uint32_t data, bool masked)
{
	uint32_t pirq;

	entry->flags = VFIO_IRQ_XEN_GUEST_CONNECT;
	entry->address = address;
	entry->data = data;
	if (!masked)
		entry->flags |= VFIO_IRQ_XEN_GUEST_UNMASKED;
	if (data & DATA_VECTOR_MASK)
		return;
	pirq = (uint32_t)(address >> ADDRESS_DEST_SHIFT) & ADDRESS_DEST_MASK;
	pirq |= (uint32_t)(address >> 32) & ADDRESS_HIGH_DEST_MASK;
	if (pirq == 0 || pirq > INT32_MAX)
		return;
	entry->flags |= VFIO_IRQ_XEN_GUEST_PIRQ;
	entry->pirq = (int32_t)pirq;
}
