// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSI-X of the guest.
 */
#include <string.h>

#include "../log_limited.h"
#include "message.h"
#include "msix.h"

/* Flags of struct state_vector */
#define VECTOR_CONNECTED 1
#define VECTOR_CHANGED 2 /* and connected with another message */
#define VECTOR_REFUSED 4 /* Xen has none left; masked until a new try */

#define CONTROL_BITS (PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL)

uint64_t msix_table_size(const struct msix *msix)
{
	return (uint64_t)msix->nr * PCI_MSIX_ENTRY_SIZE;
}

uint64_t msix_pending_size(const struct msix *msix)
{
	return (msix->nr + 63) / 64 * sizeof(uint64_t);
}

/* With all vectors masked no interrupt can arrive: for the guest this equals disabled. */
bool msix_is_enabled(const struct msix *msix)
{
	return msix->cap && (msix->state->msix_control & CONTROL_BITS) ==
				    PCI_MSIX_FLAGS_ENABLE;
}

void msix_reset(struct msix *msix)
{
	struct state_vector *vectors = msix->state->vectors;

	msix->state->msix_control = 0;
	for (unsigned int i = 0; i < msix->nr; i++)
		vectors[i] = (struct state_vector){
			.masked = PCI_MSIX_ENTRY_CTRL_MASKBIT,
		};
}

static void count_refused(struct msix *msix)
{
	msix->state->refused = 0;
	for (unsigned int i = 0; i < msix->nr; i++)
		if (msix->state->vectors[i].flags == VECTOR_REFUSED)
			msix->state->refused++;
}

void msix_disconnected(struct msix *msix)
{
	for (unsigned int i = 0; i < msix->nr; i++)
		msix->state->vectors[i].flags = 0;
	count_refused(msix);
}

static void connect_vector(struct msix *msix, unsigned int i, uint64_t table)
{
	struct state_vector *vector = &msix->state->vectors[i];
	struct vfio_irq_xen_guest entry = { .table = table };
	int err;

	message_to_xen(&entry, vector->address, vector->data, false);
	err = vfio_irq_connect(msix->vfio, VFIO_PCI_MSIX_IRQ_INDEX, i, 1,
			       &entry);
	vector->flags = err ? 0 : VECTOR_CONNECTED;
	if (!err)
		return;
	/* Other failures can be those of a message that is half written. */
	if (err == -ENOSPC) {
		vector->flags = VECTOR_REFUSED;
		vector->masked = PCI_MSIX_ENTRY_CTRL_MASKBIT;
	}
	log_limited(LOG_WARNING,
		    "%s: cannot connect MSI-X vector %u to the guest: %s",
		    msix->name, i, vfio_irq_strerror(err));
}

void msix_connect(struct msix *msix, uint64_t table)
{
	const struct state_vector *vector;

	for (unsigned int i = 0; i < msix->nr; i++) {
		vector = &msix->state->vectors[i];
		if (!vector->masked && vector->flags != VECTOR_CONNECTED)
			connect_vector(msix, i, table);
	}
	count_refused(msix);
}

/* ---- the table ---- */

static uint32_t dword_read(const struct state_vector *vector, unsigned int at)
{
	switch (at) {
	case PCI_MSIX_ENTRY_LOWER_ADDR:
		return (uint32_t)vector->address;
	case PCI_MSIX_ENTRY_UPPER_ADDR:
		return (uint32_t)(vector->address >> 32);
	case PCI_MSIX_ENTRY_DATA:
		return vector->data;
	default:
		return vector->masked;
	}
}

uint64_t msix_table_read(const struct msix *msix, uint64_t offset,
			 unsigned int size)
{
	uint64_t nr = offset / PCI_MSIX_ENTRY_SIZE;
	unsigned int at = offset % PCI_MSIX_ENTRY_SIZE;
	const struct state_vector *vector;
	uint64_t value;

	if (offset % size || nr >= msix->nr)
		return ~0ULL;
	vector = &msix->state->vectors[nr];
	if (size == 8)
		return dword_read(vector, at) |
		       (uint64_t)dword_read(vector, at + 4) << 32;
	value = dword_read(vector, at & ~3U);
	return value >> (at & 3) * 8;
}

/* Whether vectors may have to be connected after this access */
static bool dword_write(struct state_vector *vector, unsigned int at,
			uint32_t value)
{
	uint64_t address = vector->address;

	switch (at) {
	case PCI_MSIX_ENTRY_LOWER_ADDR:
		address = (address & ~0xffffffffULL) | value;
		break;
	case PCI_MSIX_ENTRY_UPPER_ADDR:
		address = (uint32_t)address | (uint64_t)value << 32;
		break;
	case PCI_MSIX_ENTRY_DATA:
		if (vector->data != value)
			vector->flags |= VECTOR_CHANGED;
		vector->data = value;
		break;
	default:
		vector->masked = value & PCI_MSIX_ENTRY_CTRL_MASKBIT;
	}
	if (vector->address != address)
		vector->flags |= VECTOR_CHANGED;
	vector->address = address;
	return !vector->masked && vector->flags != VECTOR_CONNECTED;
}

/* Smaller or unaligned accesses are not allowed, and have no effect. */
void msix_table_write(struct msix *msix, uint64_t offset, unsigned int size,
		      uint64_t value)
{
	uint64_t nr = offset / PCI_MSIX_ENTRY_SIZE;
	unsigned int at = offset % PCI_MSIX_ENTRY_SIZE;
	struct state_vector *vector;
	bool changed;

	if (size < 4 || offset % size || nr >= msix->nr)
		return;
	vector = &msix->state->vectors[nr];
	changed = dword_write(vector, at, (uint32_t)value);
	if (size == 8)
		changed = dword_write(vector, at + 4, (uint32_t)(value >> 32));
	if (changed)
		msix->changed(msix->changed_data);
}

/* ---- the capability ---- */

static uint32_t read_control(void *data, uint16_t offset)
{
	const struct msix *msix = data;

	(void)offset;
	return (msix->nr - 1) | msix->state->msix_control;
}

static void write_control(void *data, uint16_t offset, uint32_t value)
{
	struct msix *msix = data;

	(void)offset;
	msix->state->msix_control = value & CONTROL_BITS;
	msix->changed(msix->changed_data);
}

/* The BAR and offset of the table, or -errno */
static int find_table(struct msix *msix)
{
	uint32_t control, table, pending;
	int err;

	err = vfio_config_read(msix->vfio, msix->cap + PCI_MSIX_FLAGS, 2,
			       &control);
	if (!err)
		err = vfio_config_read(msix->vfio, msix->cap + PCI_MSIX_TABLE,
				       4, &table);
	if (!err)
		err = vfio_config_read(msix->vfio, msix->cap + PCI_MSIX_PBA, 4,
				       &pending);
	if (err)
		return err;
	msix->nr = (control & PCI_MSIX_FLAGS_QSIZE) + 1;
	msix->table_bar = table & PCI_MSIX_TABLE_BIR;
	msix->table_offset = table & PCI_MSIX_TABLE_OFFSET;
	msix->pending_bar = pending & PCI_MSIX_PBA_BIR;
	msix->pending_offset = pending & PCI_MSIX_PBA_OFFSET;
	return 0;
}

static bool fits(const struct msix *msix, unsigned int bar, uint64_t offset,
		 uint64_t size)
{
	uint64_t bar_size;

	if (bar >= VFIO_NR_BARS)
		return false;
	bar_size = msix->vfio->bars[bar].size;
	return offset < bar_size && size <= bar_size - offset;
}

int msix_init(struct msix *msix, struct config *config)
{
	struct config_field field = { 0, 2, read_control, write_control, msix };
	int err;

	msix->nr = 0;
	msix->cap = vfio_find_capability(msix->vfio, PCI_CAP_ID_MSIX);
	if (!msix->cap)
		return 0;
	err = find_table(msix);
	if (err)
		return err;
	if (!fits(msix, msix->table_bar, msix->table_offset,
		  msix_table_size(msix)) ||
	    !fits(msix, msix->pending_bar, msix->pending_offset,
		  msix_pending_size(msix))) {
		log_message(LOG_WARNING, "%s: its MSI-X table is in no BAR",
			    msix->name);
		msix->cap = 0;
		msix->nr = 0;
		return 0;
	}
	field.offset = msix->cap + PCI_MSIX_FLAGS;
	return config_add_field(config, &field);
}
