/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The BARs and the ROM of a device, at the addresses that the guest chose.
 *
 * Most of a memory BAR is mapped into the guest, which then accesses the device directly.
 * The pages of the MSI-X table and of its pending bits, BARs smaller than a page, and the
 * ROM are trapped instead: accesses go to the ioreq server. Xen handles I/O BARs.
 *
 * VFIO stores the registers, which may contain any value. A BAR at an impossible address
 * is not mapped.
 */
#ifndef DM_HVM_BARS_H
#define DM_HVM_BARS_H

#include <stdbool.h>
#include <stdint.h>

#include "../state.h"
#include "../vfio.h"
#include "ioreq_server.h"

#define BARS_ROM VFIO_NR_BARS
#define BARS_NR (VFIO_NR_BARS + 1)

/* The part of a BAR whose pages cannot be mapped: Xen keeps dom0 from writing there. */
struct bars_hidden {
	unsigned int bar;
	uint64_t offset;
	uint64_t size; /* 0: no such part */
};

#define BARS_MAX_HIDDEN 2

struct bars {
	const struct vfio_device *vfio;
	const struct ioreq_server *server;
	struct state_bar *state; /* BARS_NR of them */
	struct bars_hidden hidden[BARS_MAX_HIDDEN];
	const char *name; /* the device's, for messages */
	/* Whether the guest has nothing else there, above all no RAM */
	bool (*is_free)(void *data, const struct bars *bars, uint64_t address,
			uint64_t size);
	void *data;
};

/* After a dead predecessor: finishes or undoes its half-done changes. */
void bars_adopt(struct bars *bars);
/*
 * The COMMAND register is, or is about to be, @command. Unmaps BARs whose register has
 * changed, before decoding stops, and maps them once decoding is on.
 */
void bars_leave(struct bars *bars, uint16_t command);
void bars_enter(struct bars *bars, uint16_t command);

/* The BAR at a memory address, and the offset in it; -1: none */
int bars_find(const struct bars *bars, uint64_t address, unsigned int size,
	      uint64_t *offset);
/* The address of a memory BAR, if it has one */
bool bars_address(const struct bars *bars, unsigned int bar, uint64_t *address);
bool bars_overlap(const struct bars *bars, uint64_t address, uint64_t size);

/* The mapped and the trapped parts of a BAR, in order */
struct bars_part {
	uint64_t offset;
	uint64_t size;
	bool taken;
};

#define BARS_MAX_PARTS (2 * BARS_MAX_HIDDEN + 1)
unsigned int bars_parts(const struct bars *bars, unsigned int bar,
			struct bars_part parts[BARS_MAX_PARTS]);

#endif
