/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages of MSI and MSI-X on their way to Xen.
 */
#ifndef DM_HVM_MESSAGE_H
#define DM_HVM_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "vfio_xen.h"

/*
 * Decodes a message: sets @entry's flags, address and data, and the pirq if the guest
 * requests its interrupt by event channel. It does if the vector is 0: the 32 bits of the
 * destination are the pirq then.
 */
void message_to_xen(struct vfio_irq_xen_guest *entry, uint64_t address,
		    uint32_t data, bool masked);

#endif
