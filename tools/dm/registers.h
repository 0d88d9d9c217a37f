/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registers of configuration space that guests may write: one table for PV and HVM,
 * which vfio-xen-dm(8) shows, with the reasons.
 */
#ifndef DM_REGISTERS_H
#define DM_REGISTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfio.h"

#define REGISTERS_NR_BYTES 4096

enum registers_access {
	REGISTERS_NO, /* writes are ignored */
	REGISTERS_COPY, /* the guest has a copy, in the worker or in VFIO */
	REGISTERS_YES, /* a write reaches the device, as far as VFIO lets it */
	REGISTERS_PERMISSIVE, /* the same, if the device is attached permissive */
};

enum registers_place {
	REGISTERS_HEADER,
	REGISTERS_CAPABILITY,
	REGISTERS_EXTENDED, /* a capability from 0x100 on */
	REGISTERS_ELSEWHERE, /* everything that no other row covers */
};

struct registers_row {
	const char *name;
	enum registers_access access;
	enum registers_place place;
	uint16_t id; /* of the capability */
	uint16_t offset; /* in the header or in the capability */
	uint16_t size;
	const char *reason;
};

/* A later row has precedence. */
extern const struct registers_row registers_rows[];
extern const size_t registers_nr_rows;
/* The word for an access in the manual page */
const char *registers_access_name(enum registers_access access);

/* The table, applied to a device */
struct registers {
	const struct vfio_device *vfio;
	const char *name; /* the device's, for messages */
	bool permissive;
	bool told; /* an ignored write was logged */
	uint8_t access[REGISTERS_NR_BYTES]; /* enum registers_access */
};

/* @name stays the caller's. */
void registers_init(struct registers *registers, const struct vfio_device *vfio,
		    const char *name, bool permissive);

/*
 * A guest's write of 1, 2 or 4 bytes, naturally aligned: the permitted bytes reach
 * VFIO. Returns 0, or VFIO's -errno.
 */
int registers_write(struct registers *registers, uint32_t offset,
		    unsigned int size, uint32_t value);

#endif
