// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests of vCPUs: single ones, string instructions, and nonsense.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hvm/request.h"

#define MEMORY_BASE 0x10000

/* Accesses in their order, and a piece of the guest's memory */
static struct access seen[REQUEST_MAX_COUNT];
static uint64_t written[REQUEST_MAX_COUNT];
static unsigned int nr_seen;
static uint8_t memory[REQUEST_MAX_COUNT * REQUEST_MAX_SIZE];

static uint64_t fake_read(void *data, const struct access *access)
{
	(void)data;
	seen[nr_seen++] = *access;
	return 0x1111111111111111ULL * nr_seen;
}

static void fake_write(void *data, const struct access *access, uint64_t value)
{
	(void)data;
	written[nr_seen] = value;
	seen[nr_seen++] = *access;
}

static uint8_t *place(uint64_t address, size_t size)
{
	if (address < MEMORY_BASE || size > sizeof(memory) ||
	    address - MEMORY_BASE > sizeof(memory) - size)
		return NULL;
	return memory + (address - MEMORY_BASE);
}

static int fake_load(void *data, uint64_t address, void *buffer, size_t size)
{
	(void)data;
	if (!place(address, size))
		return -EFAULT;
	memcpy(buffer, place(address, size), size);
	return 0;
}

static int fake_store(void *data, uint64_t address, const void *buffer,
		      size_t size)
{
	(void)data;
	if (!place(address, size))
		return -EFAULT;
	memcpy(place(address, size), buffer, size);
	return 0;
}

static const struct request_ops ops = { fake_read, fake_write, fake_load,
					fake_store };

static uint64_t run(const struct request *request)
{
	nr_seen = 0;
	return request_run(request, &ops, NULL);
}

static void test_single(void **state)
{
	struct request request = { .space = REQUEST_CONFIG,
				   .bdf = 0x28,
				   .address = 4,
				   .count = 1,
				   .size = 2,
				   .is_read = true };

	(void)state;
	assert_int_equal(run(&request), 0x1111);
	assert_int_equal(nr_seen, 1);
	assert_int_equal(seen[0].bdf, 0x28);
	assert_int_equal(seen[0].address, 4);
	request.is_read = false;
	request.data = 0xffff1234;
	run(&request);
	assert_int_equal(written[0], 0x1234);
}

static void test_string_write(void **state)
{
	struct request request = { .space = REQUEST_MEMORY,
				   .address = 0xf0001000,
				   .data = MEMORY_BASE + 16,
				   .count = 3,
				   .size = 4,
				   .data_is_address = true };
	const uint32_t values[] = { 1, 2, 3 };

	(void)state;
	memcpy(memory + 16, values, sizeof(values));
	assert_int_equal(run(&request), MEMORY_BASE + 16);
	assert_int_equal(nr_seen, 3);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(written[i], i + 1);
		assert_int_equal(seen[i].address, 0xf0001000 + 4 * i);
	}
	/* Down from the last one */
	request.backwards = true;
	request.data = MEMORY_BASE + 24;
	run(&request);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(written[i], 3 - i);
		assert_int_equal(seen[i].address, 0xf0001000 - 4 * i);
	}
}

static void test_string_read(void **state)
{
	struct request request = { .space = REQUEST_PORT,
				   .address = 0xcfc,
				   .data = MEMORY_BASE,
				   .count = 2,
				   .size = 2,
				   .is_read = true,
				   .data_is_address = true };
	const uint16_t expected[] = { 0x1111, 0x2222, 0 };

	(void)state;
	memset(memory, 0, sizeof(memory));
	run(&request);
	assert_memory_equal(memory, expected, sizeof(expected));
	assert_int_equal(seen[1].address, 0xcfc);
	request.backwards = true;
	request.data = MEMORY_BASE + 2;
	run(&request);
	assert_int_equal(memory[2], 0x11);
	assert_int_equal(memory[0], 0x22);
}

/* Nothing reaches a device, or only reads whose result goes nowhere. */
static void test_nonsense(void **state)
{
	struct request request = { .space = REQUEST_MEMORY, .is_read = true };

	(void)state;
	assert_true(run(&request) == ~0ULL);
	request.count = 1;
	for (uint32_t size = 0; size < 20; size++) {
		request.size = size;
		run(&request);
		assert_int_equal(nr_seen, size == 1 || size == 2 || size == 4 ||
						  size == 8);
	}
	request.size = ~0U;
	assert_true(run(&request) == ~0ULL);
	request.size = 8;
	request.count = ~0U;
	assert_true(run(&request) == ~0ULL);
	assert_int_equal(nr_seen, 0);
	request.count = REQUEST_MAX_COUNT;
	request.data_is_address = true;
	request.data = ~0ULL;
	run(&request);
	assert_int_equal(nr_seen, REQUEST_MAX_COUNT);
	request.is_read = false;
	assert_true(run(&request) == ~0ULL);
	assert_int_equal(nr_seen, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_single),
		cmocka_unit_test(test_string_write),
		cmocka_unit_test(test_string_read),
		cmocka_unit_test(test_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
