/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Resets that a guest requests through configuration space: function level resets of
 * PCI Express and of conventional devices, and the return from D3hot.
 *
 * VFIO resets the device, and restores its registers. The guest must still see them as
 * after a reset: its driver restores them itself, and a driver that does not must not
 * find interrupts or bus mastering enabled.
 */
#ifndef DM_RESET_H
#define DM_RESET_H

#include <stdbool.h>
#include <stdint.h>

#include "vfio.h"

/* Offsets of capabilities that can reset the device; 0: none */
struct reset {
	const struct vfio_device *vfio;
	uint8_t express;
	uint8_t advanced;
	uint8_t power;
};

void reset_init(struct reset *reset, const struct vfio_device *vfio);

/* Whether a write resets the device, if it is valid. Call it before the write. */
bool reset_is_asked(const struct reset *reset, uint32_t offset,
		    unsigned int size, uint32_t value);

#endif
