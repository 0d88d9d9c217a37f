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
 * What a message means: @entry's flags, address and data, and the pirq if the
 * guest asks for its interrupt by event channel. That is the case when the vector
 * is 0: the destination, 32 bits of it, then is the pirq.
 */
void message_to_xen(struct vfio_irq_xen_guest *entry, uint64_t address,
		    uint32_t data, bool masked);

#endif
