/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device's BARs and ROM in the guest: where it has put them.
 *
 * Most of a memory BAR is mapped into the guest, which then reaches the device
 * directly. The pages of the MSI-X table and of its pending bits, BARs smaller than
 * a page, and the ROM are taken over instead: accesses come to our ioreq server.
 * I/O BARs are Xen's.
 *
 * Registers live in VFIO, and may say anything. A BAR that is where it cannot be
 * is nowhere.
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

/* Part of a BAR whose pages cannot be mapped: Xen keeps dom0 from writing there. */
struct bars_hidden {
	unsigned int bar;
	uint64_t offset;
	uint64_t size; /* 0: there is no such part */
};

#define BARS_MAX_HIDDEN 2

struct bars {
	const struct vfio_device *vfio;
	const struct ioreq_server *server;
	struct state_bar *state; /* BARS_NR of them */
	struct bars_hidden hidden[BARS_MAX_HIDDEN];
	const char *name; /* the device's, for messages */
	/* Whether the guest has nothing else there, RAM above all. */
	bool (*is_free)(void *data, const struct bars *bars, uint64_t address,
			uint64_t size);
	void *data;
};

/* After a predecessor: finish or undo what it has left half done. */
void bars_adopt(struct bars *bars);
/*
 * The COMMAND register is, or is about to be, @command. Unmap what is not where
 * its register says, before decoding stops; and map it, once decoding is on.
 */
void bars_leave(struct bars *bars, uint16_t command);
void bars_enter(struct bars *bars, uint16_t command);

/* The BAR at an address of memory, and where in it; -1: none of these. */
int bars_find(const struct bars *bars, uint64_t address, unsigned int size,
	      uint64_t *offset);
/* Where a memory BAR is, if it is anywhere. */
bool bars_address(const struct bars *bars, unsigned int bar, uint64_t *address);
bool bars_overlap(const struct bars *bars, uint64_t address, uint64_t size);

/* What of a BAR is mapped, and what taken over, in order. */
struct bars_part {
	uint64_t offset;
	uint64_t size;
	bool taken;
};

#define BARS_MAX_PARTS (2 * BARS_MAX_HIDDEN + 1)
unsigned int bars_parts(const struct bars *bars, unsigned int bar,
			struct bars_part parts[BARS_MAX_PARTS]);

#endif
