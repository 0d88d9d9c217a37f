/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device's expansion ROM for an HVM guest, which reads it a few bytes at a time.
 *
 * Each read of VFIO's maps the ROM and has the device decode it. So parts are read
 * once, when the guest first asks for them: reading all of a large one would hold up
 * the guest's other devices.
 */
#ifndef DM_HVM_ROM_H
#define DM_HVM_ROM_H

#include <stdint.h>

#include "../vfio.h"

struct rom {
	const struct vfio_device *vfio;
	uint8_t *bytes; /* NULL: nothing has been read */
	uint8_t *known; /* of each part: whether it is in bytes */
};

/* 0, or VFIO's -errno, which is forgotten. */
int rom_read(struct rom *rom, uint64_t offset, void *data, size_t size);
/* Forget what was read, and free it. */
void rom_drop(struct rom *rom);

#endif
