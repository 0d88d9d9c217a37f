// SPDX-License-Identifier: GPL-2.0-only
/*
 * The expansion ROM of a device in an HVM guest.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rom.h"

#define PART_SIZE 4096ULL

/* Pages that nobody reads take no memory. */
static int allocate(struct rom *rom)
{
	uint64_t size = rom->vfio->rom.size;

	if (rom->bytes)
		return 0;
	rom->bytes = calloc(1, size);
	rom->known = calloc(1, size / PART_SIZE + 1);
	if (rom->bytes && rom->known)
		return 0;
	rom_drop(rom);
	return -ENOMEM;
}

static int read_part(struct rom *rom, uint64_t part)
{
	uint64_t offset = part * PART_SIZE;
	uint64_t size = rom->vfio->rom.size - offset;
	int err;

	if (rom->known[part])
		return 0;
	if (size > PART_SIZE)
		size = PART_SIZE;
	err = vfio_rom_read(rom->vfio, offset, rom->bytes + offset, size);
	rom->known[part] = !err;
	return err;
}

int rom_read(struct rom *rom, uint64_t offset, void *data, size_t size)
{
	uint64_t rom_size = rom->vfio->rom.size;
	int err;

	if (!size || offset >= rom_size || size > rom_size - offset)
		return -EINVAL;
	err = allocate(rom);
	for (uint64_t part = offset / PART_SIZE;
	     part <= (offset + size - 1) / PART_SIZE && !err; part++)
		err = read_part(rom, part);
	if (!err)
		memcpy(data, rom->bytes + offset, size);
	return err;
}

void rom_drop(struct rom *rom)
{
	free(rom->bytes);
	free(rom->known);
	rom->bytes = NULL;
	rom->known = NULL;
}
