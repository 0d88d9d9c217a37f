// SPDX-License-Identifier: GPL-2.0-only
/*
 * Map and move BARs in the guest.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "../log_limited.h"
#include "bars.h"

#define PAGE_BYTES 4096ULL
#define NOWHERE (~0ULL)

/*
 * The states of struct state_bar. In the intermediate ones a part of the BAR is mapped.
 */
enum phase {
	PHASE_OUT,
	PHASE_BETWEEN,
	PHASE_IN,
};

static const struct vfio_bar *bar_of(const struct bars *bars, unsigned int bar)
{
	return bar == BARS_ROM ? &bars->vfio->rom : &bars->vfio->bars[bar];
}

static bool is_io(const struct bars *bars, unsigned int bar)
{
	return bar != BARS_ROM &&
	       (bar_of(bars, bar)->type & PCI_BASE_ADDRESS_SPACE_IO);
}

static bool is_64bit(const struct bars *bars, unsigned int bar)
{
	return bar < VFIO_NR_BARS - 1 && !is_io(bars, bar) &&
	       (bar_of(bars, bar)->type & PCI_BASE_ADDRESS_MEM_TYPE_64);
}

static uint64_t round_down(uint64_t value)
{
	return value & ~(PAGE_BYTES - 1);
}

static uint64_t round_up(uint64_t value)
{
	return round_down(value + PAGE_BYTES - 1);
}

static unsigned int add_part(struct bars_part *parts, unsigned int nr,
			     uint64_t offset, uint64_t end, bool taken)
{
	if (offset >= end)
		return nr;
	parts[nr] = (struct bars_part){ offset, end - offset, taken };
	return nr + 1;
}

/* The first hidden part with pages at or after @offset; NULL: none */
static const struct bars_hidden *next_hidden(const struct bars *bars,
					     unsigned int bar, uint64_t offset)
{
	const struct bars_hidden *hidden, *next = NULL;

	for (int i = 0; i < BARS_MAX_HIDDEN; i++) {
		hidden = &bars->hidden[i];
		if (hidden->size && hidden->bar == bar &&
		    hidden->offset + hidden->size > offset &&
		    (!next || hidden->offset < next->offset))
			next = hidden;
	}
	return next;
}

unsigned int bars_parts(const struct bars *bars, unsigned int bar,
			struct bars_part parts[BARS_MAX_PARTS])
{
	uint64_t size = bar_of(bars, bar)->size;
	const struct bars_hidden *hidden;
	uint64_t offset = 0, first, end;
	unsigned int nr = 0;

	if (bar == BARS_ROM || !bar_of(bars, bar)->can_map || size % PAGE_BYTES)
		return add_part(parts, 0, 0, size, true);
	while ((hidden = next_hidden(bars, bar, offset))) {
		first = round_down(hidden->offset);
		if (first < offset)
			first = offset; /* shares a page with the part before it */
		end = round_up(hidden->offset + hidden->size);
		nr = add_part(parts, nr, offset, first, false);
		nr = add_part(parts, nr, first, end, true);
		offset = end;
	}
	return add_part(parts, nr, offset, size, false);
}

/* The address in its register, if the device decodes it */
static uint64_t wanted_address(const struct bars *bars, unsigned int bar,
			       uint16_t command)
{
	uint32_t offset = bar == BARS_ROM ? PCI_ROM_ADDRESS :
					    PCI_BASE_ADDRESS_0 + 4 * bar;
	uint32_t low, high = 0;
	uint64_t address;

	if (!(command &
	      (is_io(bars, bar) ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY)))
		return NOWHERE;
	if (vfio_config_read(bars->vfio, offset, 4, &low))
		return NOWHERE;
	if (is_64bit(bars, bar) &&
	    vfio_config_read(bars->vfio, offset + 4, 4, &high))
		return NOWHERE;
	if (bar == BARS_ROM && !(low & PCI_ROM_ADDRESS_ENABLE))
		return NOWHERE;
	address = (uint64_t)high << 32 | low;
	address &= ~(bar_of(bars, bar)->size - 1);
	return address ? address : NOWHERE;
}

static int map_part(const struct bars *bars, unsigned int bar,
		    const struct bars_part *part, uint64_t address)
{
	uint64_t first = address + part->offset;

	if (part->taken)
		return ioreq_server_take_memory(bars->server, first,
						first + part->size - 1);
	return vfio_bar_map(bars->vfio, bar, part->offset, part->size, first);
}

static void unmap_part(const struct bars *bars, unsigned int bar,
		       const struct bars_part *part, uint64_t address)
{
	uint64_t first = address + part->offset;

	if (part->taken)
		ioreq_server_leave_memory(bars->server, first,
					  first + part->size - 1);
	else
		vfio_bar_unmap(bars->vfio, bar, part->offset, part->size,
			       first);
}

static int map_memory(const struct bars *bars, unsigned int bar,
		      uint64_t address)
{
	struct bars_part parts[BARS_MAX_PARTS];
	unsigned int nr = bars_parts(bars, bar, parts), done;
	int err = 0;

	for (done = 0; done < nr && !err; done++)
		err = map_part(bars, bar, &parts[done], address);
	if (!err)
		return 0;
	for (done--; done > 0; done--)
		unmap_part(bars, bar, &parts[done - 1], address);
	return err;
}

static void unmap_memory(const struct bars *bars, unsigned int bar,
			 uint64_t address)
{
	struct bars_part parts[BARS_MAX_PARTS];
	unsigned int nr = bars_parts(bars, bar, parts);

	for (unsigned int i = 0; i < nr; i++)
		unmap_part(bars, bar, &parts[i], address);
}

/* The interrupt controllers and the HPET belong to Xen in any case. */
#define PLATFORM_FIRST 0xfec00000ULL
#define PLATFORM_LAST 0xfeefffffULL
/* Ports below belong to the guest's chipset. */
#define FIRST_PORT 0x1000

static bool is_sane(const struct bars *bars, unsigned int bar, uint64_t address)
{
	uint64_t last = address + bar_of(bars, bar)->size - 1;

	if (last < address)
		return false;
	if (is_io(bars, bar))
		return address >= FIRST_PORT && last <= UINT16_MAX;
	return last < PLATFORM_FIRST || address > PLATFORM_LAST;
}

static int check_place(const struct bars *bars, unsigned int bar,
		       uint64_t address)
{
	if (!is_sane(bars, bar, address))
		return -ERANGE;
	if (is_io(bars, bar))
		return 0;
	return bars->is_free(bars->data, bars, address,
			     bar_of(bars, bar)->size) ?
		       0 :
		       -EADDRINUSE;
}

static void move_out(struct bars *bars, unsigned int bar)
{
	struct state_bar *state = &bars->state[bar];

	if (state->phase == PHASE_OUT)
		return;
	state->phase = PHASE_BETWEEN;
	if (is_io(bars, bar))
		vfio_ports_unmap(bars->vfio, bar);
	else
		unmap_memory(bars, bar, state->address);
	state->phase = PHASE_OUT;
}

static void move_in(struct bars *bars, unsigned int bar, uint64_t address)
{
	struct state_bar *state = &bars->state[bar];
	int err = check_place(bars, bar, address);

	if (!err) {
		state->address = address;
		state->phase = PHASE_BETWEEN;
		if (is_io(bars, bar))
			err = vfio_ports_map(bars->vfio, bar,
					     (uint16_t)address);
		else
			err = map_memory(bars, bar, address);
		state->phase = err ? PHASE_OUT : PHASE_IN;
	}
	if (err)
		log_limited(LOG_WARNING,
			    "%s: BAR %u cannot be at %#" PRIx64
			    ", where the guest wants it: %s",
			    bars->name, bar, address, strerror(-err));
}

static bool is_at(const struct bars *bars, unsigned int bar, uint64_t address)
{
	const struct state_bar *state = &bars->state[bar];

	if (address == NOWHERE)
		return state->phase == PHASE_OUT;
	return state->phase == PHASE_IN && state->address == address;
}

void bars_leave(struct bars *bars, uint16_t command)
{
	for (unsigned int bar = 0; bar < BARS_NR; bar++)
		if (bar_of(bars, bar)->size &&
		    !is_at(bars, bar, wanted_address(bars, bar, command)))
			move_out(bars, bar);
}

void bars_enter(struct bars *bars, uint16_t command)
{
	uint64_t address;

	for (unsigned int bar = 0; bar < BARS_NR; bar++) {
		if (!bar_of(bars, bar)->size)
			continue;
		address = wanted_address(bars, bar, command);
		if (!is_at(bars, bar, address) && address != NOWHERE)
			move_in(bars, bar, address);
	}
}

/* Mapped parts stay: the guest may be using them right now. */
void bars_adopt(struct bars *bars)
{
	for (unsigned int bar = 0; bar < BARS_NR; bar++)
		if (!bar_of(bars, bar)->size ||
		    bars->state[bar].phase > PHASE_IN)
			bars->state[bar].phase = PHASE_OUT;
		else if (bars->state[bar].phase == PHASE_BETWEEN)
			move_out(bars, bar);
}

int bars_find(const struct bars *bars, uint64_t address, unsigned int size,
	      uint64_t *offset)
{
	const struct state_bar *state;
	uint64_t bar_size;

	for (unsigned int bar = 0; bar < BARS_NR; bar++) {
		state = &bars->state[bar];
		bar_size = bar_of(bars, bar)->size;
		if (state->phase != PHASE_IN || is_io(bars, bar) ||
		    address < state->address)
			continue;
		*offset = address - state->address;
		if (*offset < bar_size && size <= bar_size - *offset)
			return (int)bar;
	}
	return -1;
}

bool bars_address(const struct bars *bars, unsigned int bar, uint64_t *address)
{
	*address = bars->state[bar].address;
	return bars->state[bar].phase == PHASE_IN && !is_io(bars, bar);
}

bool bars_overlap(const struct bars *bars, uint64_t address, uint64_t size)
{
	const struct state_bar *state;

	for (unsigned int bar = 0; bar < BARS_NR; bar++) {
		state = &bars->state[bar];
		if (state->phase == PHASE_OUT || is_io(bars, bar))
			continue;
		if (address < state->address + bar_of(bars, bar)->size &&
		    state->address < address + size)
			return true;
	}
	return false;
}
