// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses to configuration space that fit a field, or do not.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake-log.h"
#include "config.h"
#include "fake-vfio.h"
#include "log.h"

static uint32_t value;
static unsigned int nr_writes;
static struct config config;
static struct registers registers;

static uint32_t read_value(void *data, uint16_t offset)
{
	(void)data, (void)offset;
	return value;
}

static void write_value(void *data, uint16_t offset, uint32_t written)
{
	(void)data, (void)offset;
	value = written;
	nr_writes++;
}

static int setup(void **state)
{
	static const struct config_field word = { PCI_COMMAND, 2, read_value,
						  write_value, NULL };
	static const struct config_field fixed = { PCI_HEADER_TYPE, 1,
						   read_value, NULL, NULL };

	(void)state;
	fake_vfio_reset();
	value = 0x1234;
	nr_writes = 0;
	registers_init(&registers, &fake.dev, "", false);
	config_init(&config, &registers);
	assert_int_equal(config_add_field(&config, &word), 0);
	assert_int_equal(config_add_field(&config, &fixed), 0);
	return 0;
}

static uint32_t get(uint32_t offset, unsigned int size)
{
	uint32_t result;

	assert_int_equal(config_read(&config, offset, size, &result), 0);
	return result;
}

static void test_read(void **state)
{
	(void)state;
	assert_int_equal(get(PCI_VENDOR_ID, 4), 0x11e81234);
	assert_int_equal(get(PCI_COMMAND, 2), 0x1234);
	assert_int_equal(get(PCI_COMMAND, 1), 0x34);
	assert_int_equal(get(PCI_COMMAND + 1, 1), 0x12);
	/* With the status, which is VFIO's */
	assert_int_equal(get(PCI_COMMAND, 4),
			 PCI_STATUS_CAP_LIST << 16 | 0x1234);
	assert_int_equal(get(PCI_CACHE_LINE_SIZE, 4), 0x340000);
}

static void test_write(void **state)
{
	(void)state;
	assert_int_equal(config_write(&config, PCI_COMMAND, 2, 0xabcd), 0);
	assert_int_equal(value, 0xabcd);
	assert_int_equal(config_write(&config, PCI_COMMAND + 1, 1, 0x77), 0);
	assert_int_equal(value, 0x77cd);
	assert_int_equal(config_write(&config, PCI_COMMAND, 4, 0x99990000), 0);
	assert_int_equal(value, 0);
	assert_int_equal(nr_writes, 3);
	assert_int_equal(config_write(&config, PCI_INTERRUPT_LINE, 1, 9), 0);
	assert_int_equal(get(PCI_INTERRUPT_LINE, 1), 9);
	assert_int_equal(config_write(&config, PCI_HEADER_TYPE, 1, 1), 0);
	assert_int_equal(nr_writes, 3);
}

static void test_refused(void **state)
{
	static const struct {
		uint32_t offset;
		unsigned int size;
	} bad[] = { { 0, 0 }, { 0, 3 },	  { 0, 8 },	     { 1, 2 },
		    { 2, 4 }, { 256, 1 }, { 0xfffffffc, 4 }, { 255, 2 } };
	uint32_t result;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(config_read(&config, bad[i].offset,
					     bad[i].size, &result),
				 -EINVAL);
		assert_int_equal(result, ~0U);
		assert_int_equal(config_write(&config, bad[i].offset,
					      bad[i].size, 0),
				 -EINVAL);
	}
	assert_int_equal(nr_writes, 0);
}

static void test_fields(void **state)
{
	static const struct config_field over = { 4, 4, NULL, NULL, NULL };
	struct config_field next = { 0x80, 1, NULL, NULL, NULL };
	int err = 0;

	(void)state;
	assert_int_equal(config_add_field(&config, &over), -EINVAL);
	while (!err) {
		err = config_add_field(&config, &next);
		next.offset++;
	}
	assert_int_equal(err, -ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_read, setup),
		cmocka_unit_test_setup(test_write, setup),
		cmocka_unit_test_setup(test_refused, setup),
		cmocka_unit_test_setup(test_fields, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
