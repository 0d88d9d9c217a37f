/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vCPU's request to an ioreq server, split into single accesses.
 *
 * Pure logic: no calls of Xen; all effects go through struct request_ops. The request may
 * contain anything; an invalid one is answered with all ones, as by an empty bus.
 */
#ifndef DM_HVM_REQUEST_H
#define DM_HVM_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum request_space {
	REQUEST_MEMORY,
	REQUEST_PORT,
	REQUEST_CONFIG,
};

/*
 * A private, unpacked copy of Xen's ioreq_t. A repeated request (count > 1) moves through
 * memory, but not through ports.
 */
struct request {
	enum request_space space;
	uint16_t bdf; /* REQUEST_CONFIG: bus, device and function */
	uint64_t address; /* or port, or offset in configuration space */
	uint64_t data; /* or, with data_is_address, its address in the guest */
	uint32_t count;
	uint32_t size;
	bool is_read;
	bool backwards; /* addresses decrease from one repetition to the next */
	bool data_is_address;
};

/* One access of 1, 2, 4 or 8 bytes. */
struct access {
	enum request_space space;
	uint16_t bdf;
	uint64_t address;
	unsigned int size;
};

struct request_ops {
	/* All ones if no device answers. Bits beyond the size are ignored. */
	uint64_t (*read)(void *data, const struct access *access);
	void (*write)(void *data, const struct access *access, uint64_t value);
	/* Copies from or to the guest's memory. Returns 0 or -errno. */
	int (*load)(void *data, uint64_t address, void *buffer, size_t size);
	int (*store)(void *data, uint64_t address, const void *buffer,
		     size_t size);
};

/* The most repetitions in one request of Xen's */
#define REQUEST_MAX_COUNT 4096
#define REQUEST_MAX_SIZE 8

/* Performs the request. Returns the new value of its data field. */
uint64_t request_run(const struct request *request,
		     const struct request_ops *ops, void *data);

#endif
