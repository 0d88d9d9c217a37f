/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The configuration space that a guest sees: VFIO's, as far as registers.h opens it,
 * but for the registers that mean something to us.
 *
 * These registers are fields. An access of any size may touch several of them: it is
 * split here, so that a field always sees whole values.
 */
#ifndef DM_CONFIG_H
#define DM_CONFIG_H

#include <stdint.h>

#include "registers.h"
#include "vfio.h"

/*
 * A register of 1, 2 or 4 bytes, naturally aligned. Without @read, VFIO's value is read;
 * without @write, the register is read-only.
 */
struct config_field {
	uint16_t offset;
	uint8_t size;
	uint32_t (*read)(void *data, uint16_t offset);
	void (*write)(void *data, uint16_t offset, uint32_t value);
	void *data; /* for both */
};

#define CONFIG_MAX_FIELDS 24

struct config {
	const struct vfio_device *vfio;
	struct registers *registers;
	struct config_field fields[CONFIG_MAX_FIELDS];
	unsigned int nr_fields;
};

void config_init(struct config *config, struct registers *registers);
/* Returns 0, -EINVAL if it overlaps another field, or -ENOSPC. */
int config_add_field(struct config *config, const struct config_field *field);

/*
 * An access of 1, 2 or 4 bytes, naturally aligned. Returns -EINVAL for another access, or
 * one outside; *value is then all ones. Other errors are VFIO's.
 */
int config_read(const struct config *config, uint32_t offset, unsigned int size,
		uint32_t *value);
int config_write(const struct config *config, uint32_t offset,
		 unsigned int size, uint32_t value);

#endif
