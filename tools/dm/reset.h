/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Resets that a guest asks for by its device's configuration space: function level
 * resets of PCI Express and of conventional devices, and the return from D3hot.
 *
 * VFIO resets the device, and restores what it had. To the guest, registers have to
 * be as after a reset all the same: its driver restores them itself, and a driver
 * that does not must not find interrupts or bus mastering on.
 */
#ifndef DM_RESET_H
#define DM_RESET_H

#include <stdbool.h>
#include <stdint.h>

#include "vfio.h"

/* Offsets of capabilities that reset the device; 0: there is none. */
struct reset {
	const struct vfio_device *vfio;
	uint8_t express;
	uint8_t advanced;
	uint8_t power;
};

void reset_init(struct reset *reset, const struct vfio_device *vfio);

/* Whether a write, which has yet to be done, resets the device if it is valid. */
bool reset_is_asked(const struct reset *reset, uint32_t offset,
		    unsigned int size, uint32_t value);

#endif
