// SPDX-License-Identifier: GPL-2.0-only
/*
 * Split a vCPU's request to an ioreq server.
 */
#include <string.h>

#include "request.h"

static bool request_is_valid(const struct request *request)
{
	uint32_t size = request->size;

	if (size == 0 || size > REQUEST_MAX_SIZE || (size & (size - 1)))
		return false;
	return request->count > 0 && request->count <= REQUEST_MAX_COUNT;
}

static uint64_t size_mask(unsigned int size)
{
	return size == 8 ? ~0ULL : (1ULL << size * 8) - 1;
}

/*
 * The address of repetition @i: ports and registers stay the same, memory addresses move.
 */
static struct access nth_access(const struct request *request, uint32_t i)
{
	uint64_t distance = (uint64_t)i * request->size;
	struct access access = { request->space, request->bdf, request->address,
				 request->size };

	if (request->space != REQUEST_MEMORY)
		return access;
	if (request->backwards)
		access.address -= distance;
	else
		access.address += distance;
	return access;
}

static uint64_t run_in_register(const struct request *request,
				const struct request_ops *ops, void *data)
{
	uint64_t mask = size_mask(request->size);
	uint64_t value = request->data & mask;
	struct access access;

	for (uint32_t i = 0; i < request->count; i++) {
		access = nth_access(request, i);
		if (request->is_read)
			value = ops->read(data, &access) & mask;
		else
			ops->write(data, &access, value);
	}
	return value;
}

/* The data of repetition @i in a buffer that starts at the lowest address */
static uint8_t *nth_data(const struct request *request, uint8_t *buffer,
			 uint32_t i)
{
	uint32_t nth = request->backwards ? request->count - 1 - i : i;

	return buffer + (size_t)nth * request->size;
}

/*
 * The data is in the guest's memory, and copied once as a whole. If that fails, a write
 * has no data, and the result of a read is lost.
 */
static void run_in_memory(const struct request *request,
			  const struct request_ops *ops, void *data)
{
	uint8_t buffer[REQUEST_MAX_COUNT * REQUEST_MAX_SIZE];
	size_t bytes = (size_t)request->count * request->size;
	uint64_t lowest = request->data;
	struct access access;
	uint64_t value;

	if (request->backwards)
		lowest -= bytes - request->size;
	if (!request->is_read && ops->load(data, lowest, buffer, bytes))
		return;
	for (uint32_t i = 0; i < request->count; i++) {
		uint8_t *place = nth_data(request, buffer, i);

		access = nth_access(request, i);
		value = 0;
		if (request->is_read) {
			value = ops->read(data, &access);
			memcpy(place, &value, request->size);
		} else {
			memcpy(&value, place, request->size);
			ops->write(data, &access, value);
		}
	}
	if (request->is_read)
		ops->store(data, lowest, buffer, bytes);
}

uint64_t request_run(const struct request *request,
		     const struct request_ops *ops, void *data)
{
	if (!request_is_valid(request))
		return request->data_is_address ? request->data : ~0ULL;
	if (!request->data_is_address)
		return run_in_register(request, ops, data);
	run_in_memory(request, ops, data);
	return request->data;
}
