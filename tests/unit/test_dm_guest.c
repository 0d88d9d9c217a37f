// SPDX-License-Identifier: GPL-2.0-only
/*
 * UUIDs of guests, as text and as Xen has them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guest.h"

#define UUID "01234567-89ab-cdef-0123-456789abcdef"

static const uint8_t bytes[GUEST_UUID_SIZE] = {
	0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
	0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
};

static void good(void **state)
{
	char text[GUEST_UUID_TEXT];
	uint8_t uuid[GUEST_UUID_SIZE];

	(void)state;
	assert_int_equal(guest_uuid_parse(UUID, uuid), 0);
	assert_memory_equal(uuid, bytes, sizeof(bytes));
	guest_uuid_print(uuid, text);
	assert_string_equal(text, UUID);
	assert_int_equal(
		guest_uuid_parse("01234567-89AB-CDEF-0123-456789ABCDEF", uuid),
		0);
	assert_memory_equal(uuid, bytes, sizeof(bytes));
}

static void wrong(void **state)
{
	static const char *const texts[] = {
		"",
		"0123456789abcdef0123456789abcdef",
		"01234567-89ab-cdef-0123-456789abcde",
		"01234567-89ab-cdef-0123-456789abcdef0",
		"01234567-89ab-cdef-0123-456789abcdeg",
		"012345678-9ab-cdef-0123-456789abcdef",
		"01234567-89ab-cdef-0123-456789abcdef ",
		"01234567+89ab-cdef-0123-456789abcdef",
	};
	uint8_t uuid[GUEST_UUID_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(guest_uuid_parse(texts[i], uuid), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
