/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The expansion ROM of a device in an HVM guest, which reads a few bytes at a time.
 *
 * VFIO maps the ROM and enables its decoding for each read. So each part is read once,
 * when the guest first accesses it: reading a large ROM as a whole would delay the
 * guest's other devices.
 */
#ifndef DM_HVM_ROM_H
#define DM_HVM_ROM_H

#include <stdint.h>

#include "../vfio.h"

struct rom {
	const struct vfio_device *vfio;
	uint8_t *bytes; /* NULL: nothing read yet */
	uint8_t *known; /* for each part, whether it is in bytes */
};

/* Returns 0 or VFIO's -errno; a failed part is read again. */
int rom_read(struct rom *rom, uint64_t offset, void *data, size_t size);
/* Forgets all parts and frees the memory. */
void rom_drop(struct rom *rom);

#endif
