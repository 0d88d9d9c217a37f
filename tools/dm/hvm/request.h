/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a vCPU asks of an ioreq server, taken apart into single accesses.
 *
 * Pure: no Xen calls, all effects through struct request_ops. The request may say
 * anything; what makes no sense is answered as an empty bus would, with all ones.
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
 * A request by itself: a private copy of Xen's ioreq_t, its fields unpacked.
 * Repeated requests (count > 1) move through memory, not through ports.
 */
struct request {
	enum request_space space;
	uint16_t bdf; /* REQUEST_CONFIG: bus, device and function */
	uint64_t address; /* or port, or offset in configuration space */
	uint64_t data; /* or with data_is_address, where in the guest it is */
	uint32_t count;
	uint32_t size;
	bool is_read;
	bool backwards; /* addresses go down from one repetition to the next */
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
	/* Nobody there: all ones. Bits beyond the size are ignored. */
	uint64_t (*read)(void *data, const struct access *access);
	void (*write)(void *data, const struct access *access, uint64_t value);
	/* Copy from or to the guest's memory: 0 or -errno. */
	int (*load)(void *data, uint64_t address, void *buffer, size_t size);
	int (*store)(void *data, uint64_t address, const void *buffer,
		     size_t size);
};

/* Xen repeats no instruction more often in one request. */
#define REQUEST_MAX_COUNT 4096
#define REQUEST_MAX_SIZE 8

/* Carry it out. Returns what the request's data field is to be afterwards. */
uint64_t request_run(const struct request *request,
		     const struct request_ops *ops, void *data);

#endif
