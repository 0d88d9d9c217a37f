// SPDX-License-Identifier: GPL-2.0
/*
 * The width of I/O virtual addresses, for machines as they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "iova_width.h"

static void test_intel(void **state)
{
	(void)state;
	/* A client processor of the 12th to 14th generation, and an older one */
	assert_int_equal(vxi_iova_width(true, 39, 46), 39);
	assert_int_equal(vxi_iova_width(true, 39, 39), 39);
	/* Servers: the whole p2m, though they have 52 bits */
	assert_int_equal(vxi_iova_width(true, 46, 46), 46);
	assert_int_equal(vxi_iova_width(true, 52, 52), 48);
	assert_int_equal(vxi_iova_width(true, 48, 46), 46);
	assert_int_equal(vxi_iova_width(true, 46, 48), 46);
}

static void test_doubt(void **state)
{
	(void)state;
	assert_int_equal(vxi_iova_width(true, 0, 46), 39);
	assert_int_equal(vxi_iova_width(true, 46, 0), 39);
	assert_int_equal(vxi_iova_width(true, 1, 46), 39);
	assert_int_equal(vxi_iova_width(true, 36, 36), 39);
}

static void test_amd(void **state)
{
	(void)state;
	assert_int_equal(vxi_iova_width(false, 0, 40), 48);
	assert_int_equal(vxi_iova_width(false, 0, 52), 48);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_intel),
		cmocka_unit_test(test_doubt),
		cmocka_unit_test(test_amd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
