// SPDX-License-Identifier: GPL-2.0-only
/*
 * Split accesses to configuration space into fields.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "config.h"

void config_init(struct config *config, struct registers *registers)
{
	config->vfio = registers->vfio;
	config->registers = registers;
	config->nr_fields = 0;
}

static bool overlaps(const struct config_field *field, uint32_t offset,
		     unsigned int size)
{
	return offset < (uint32_t)field->offset + field->size &&
	       field->offset < offset + size;
}

int config_add_field(struct config *config, const struct config_field *field)
{
	for (unsigned int i = 0; i < config->nr_fields; i++)
		if (overlaps(&config->fields[i], field->offset, field->size))
			return -EINVAL;
	if (config->nr_fields == CONFIG_MAX_FIELDS)
		return -ENOSPC;
	config->fields[config->nr_fields++] = *field;
	return 0;
}

static uint32_t mask_of(unsigned int size)
{
	return size >= 4 ? ~0U : (1U << size * 8) - 1;
}

static const struct config_field *find_field(const struct config *config,
					     uint32_t offset, unsigned int size)
{
	for (unsigned int i = 0; i < config->nr_fields; i++)
		if (overlaps(&config->fields[i], offset, size))
			return &config->fields[i];
	return NULL;
}

static int field_read(const struct config *config,
		      const struct config_field *field, uint32_t *value)
{
	if (!field->read)
		return vfio_config_read(config->vfio, field->offset,
					field->size, value);
	*value = field->read(field->data, field->offset);
	return 0;
}

static bool is_valid(const struct config *config, uint32_t offset,
		     unsigned int size)
{
	if (size != 1 && size != 2 && size != 4)
		return false;
	return offset % size == 0 && offset < config->vfio->config_size &&
	       size <= config->vfio->config_size - offset;
}

/* Splits an access in two halves if no field matches it. */
static int read_halves(const struct config *config, uint32_t offset,
		       unsigned int size, uint32_t *value)
{
	unsigned int half = size / 2;
	uint32_t low, high;
	int err;

	err = config_read(config, offset, half, &low);
	if (!err)
		err = config_read(config, offset + half, half, &high);
	if (!err)
		*value = low | high << half * 8;
	return err;
}

/* Part of a field, or all of it */
static int read_from_field(const struct config *config,
			   const struct config_field *field, uint32_t offset,
			   unsigned int size, uint32_t *value)
{
	uint32_t whole;
	int err = field_read(config, field, &whole);

	if (!err)
		*value = whole >> (offset - field->offset) * 8 & mask_of(size);
	return err;
}

/*
 * Fields and accesses are naturally aligned: if a field and an access overlap, one
 * contains the other.
 */
int config_read(const struct config *config, uint32_t offset, unsigned int size,
		uint32_t *value)
{
	const struct config_field *field;

	*value = ~0U;
	if (!is_valid(config, offset, size))
		return -EINVAL;
	field = find_field(config, offset, size);
	if (!field)
		return vfio_config_read(config->vfio, offset, size, value);
	if (size > field->size)
		return read_halves(config, offset, size, value);
	return read_from_field(config, field, offset, size, value);
}

static int write_to_field(const struct config *config,
			  const struct config_field *field, uint32_t offset,
			  unsigned int size, uint32_t value)
{
	unsigned int shift = (offset - field->offset) * 8;
	uint32_t mask = mask_of(size) << shift;
	uint32_t whole = 0;
	int err = 0;

	if (!field->write)
		return 0;
	if (size < field->size)
		err = field_read(config, field, &whole);
	if (!err)
		field->write(field->data, field->offset,
			     (whole & ~mask) | (value << shift & mask));
	return err;
}

int config_write(const struct config *config, uint32_t offset,
		 unsigned int size, uint32_t value)
{
	const struct config_field *field;
	unsigned int half = size / 2;
	int err;

	if (!is_valid(config, offset, size))
		return -EINVAL;
	field = find_field(config, offset, size);
	if (!field)
		return registers_write(config->registers, offset, size,
				       value & mask_of(size));
	if (size <= field->size)
		return write_to_field(config, field, offset, size, value);
	err = config_write(config, offset, half, value);
	if (err)
		return err;
	return config_write(config, offset + half, half, value >> half * 8);
}
