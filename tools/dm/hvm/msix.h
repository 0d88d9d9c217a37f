/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MSI-X of the guest: the capability, and the table in a BAR.
 *
 * Xen owns the real table; the guest's table is in the state. Once a vector is connected,
 * Xen also traps the guest's table: it masks and unmasks by itself, and passes writes on,
 * so that this copy stays right.
 */
#ifndef DM_HVM_MSIX_H
#define DM_HVM_MSIX_H

#include <stdbool.h>
#include <stdint.h>

#include "../config.h"
#include "../state.h"

struct msix {
	const struct vfio_device *vfio;
	struct state_hvm *state;
	const char *name; /* the device's, for messages */
	uint8_t cap; /* offset of the capability; 0: none */
	unsigned int nr;
	unsigned int table_bar;
	uint64_t table_offset;
	unsigned int pending_bar;
	uint64_t pending_offset;
	/* Called after a change that interrupts depend on. */
	void (*changed)(void *data);
	void *changed_data;
};

int msix_init(struct msix *msix, struct config *config);
void msix_reset(struct msix *msix);
uint64_t msix_table_size(const struct msix *msix);
uint64_t msix_pending_size(const struct msix *msix);
bool msix_is_enabled(const struct msix *msix);

/*
 * Connects unmasked vectors that are not connected yet, or have another message. @table
 * is the guest's address of the table, or 0. Call msix_disconnected() after the index has
 * been disabled.
 */
void msix_connect(struct msix *msix, uint64_t table);
void msix_disconnected(struct msix *msix);

/* Accesses to the table. @offset is within it; @size is 1, 2, 4 or 8. */
uint64_t msix_table_read(const struct msix *msix, uint64_t offset,
			 unsigned int size);
void msix_table_write(struct msix *msix, uint64_t offset, unsigned int size,
		      uint64_t value);

#endif
