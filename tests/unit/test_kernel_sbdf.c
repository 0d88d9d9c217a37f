// SPDX-License-Identifier: GPL-2.0
/*
 * PCI addresses as Xen's calls take them: expected values are written out here, in
 * the layout of Xen's public/physdev.h and public/domctl.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sbdf.h"

static const struct {
	u32 segment;
	u16 bdf;
	u32 sbdf;
	u8 bus;
	u8 devfn;
	int msi_bus;
} cases[] = {
	{ 0x0000, 0x0000, 0x00000000, 0x00, 0x00, 0x000000 },
	{ 0x0000, 0x0528, 0x00000528, 0x05, 0x28, 0x000005 },
	{ 0x0000, 0xffff, 0x0000ffff, 0xff, 0xff, 0x0000ff },
	{ 0x0001, 0x0200, 0x00010200, 0x02, 0x00, 0x010002 },
	{ 0x0001, 0x00ff, 0x000100ff, 0x00, 0xff, 0x010000 },
	{ 0x00ab, 0x0c69, 0x00ab0c69, 0x0c, 0x69, 0xab000c },
	{ 0x7fff, 0xff01, 0x7fffff01, 0xff, 0x01, 0x7fff00ff },
	{ 0xffff, 0x8010, 0xffff8010, 0x80, 0x10, (int)0xffff0080 },
};

static void test_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		u32 sbdf = sbdf_make(cases[i].segment, cases[i].bdf);

		assert_int_equal(sbdf, cases[i].sbdf);
		assert_int_equal(sbdf_segment(sbdf), cases[i].segment);
		assert_int_equal(sbdf_bus(sbdf), cases[i].bus);
		assert_int_equal(sbdf_devfn(sbdf), cases[i].devfn);
	}
}

/* 0001:02:00.0 must not become 0000:02:00.0, whose interrupts are another's. */
static void test_segment_of_msi(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(sbdf_msi_bus(cases[i].sbdf), cases[i].msi_bus);
}

static void test_segments_that_xen_has(void **state)
{
	(void)state;
	assert_true(sbdf_has_segment(0));
	assert_true(sbdf_has_segment(0xffff));
	assert_false(sbdf_has_segment(0x10000));
	assert_false(sbdf_has_segment(0x10001));
	assert_false(sbdf_has_segment(-1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_segment_of_msi),
		cmocka_unit_test(test_segments_that_xen_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
