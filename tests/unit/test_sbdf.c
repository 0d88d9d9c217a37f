// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCI addresses: what is one, and what is not.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vfio-xen.h"

static void accepts_what_people_write(void **state)
{
	static const struct {
		const char *text;
		uint32_t sbdf;
		const char *canonical;
	} cases[] = {
		{ "0000:05:00.0", 0x0500, "0000:05:00.0" },
		{ "05:00.0", 0x0500, "0000:05:00.0" },
		{ "5:0.0", 0x0500, "0000:05:00.0" },
		{ "00:1f.7", 0x00ff, "0000:00:1f.7" },
		{ "ffff:ff:1f.7", 0xffffffff, "ffff:ff:1f.7" },
		{ "1:2:3.4", 0x1021c, "0001:02:03.4" },
		{ "00AB:0C:0D.1", 0xab0c69, "00ab:0c:0d.1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[VFIO_XEN_SBDF_SIZE];
		uint32_t sbdf = 0;

		assert_int_equal(vfio_xen_sbdf_parse(cases[i].text, &sbdf), 0);
		assert_int_equal(sbdf, cases[i].sbdf);
		vfio_xen_sbdf_format(sbdf, text);
		assert_string_equal(text, cases[i].canonical);
	}
}

static void rejects_everything_else(void **state)
{
	static const char *const cases[] = {
		"",
		"05",
		"05:00",
		"05:00.",
		"05:00.8",
		"05:20.0",
		"100:00.0",
		"10000:05:00.0",
		"05:00.0 ",
		" 05:00.0",
		"05:00.0x",
		"-5:00.0",
		"+5:00.0",
		"0x5:00.0",
		":05:00.0",
		"0000::05:00.0",
		"0000:05:00:0",
		"0:0000:05:0.0",
		"05.00.0",
		"eth0",
		"05:0 0.0",
		"05: 00.0",
		"05:00.0,1",
		"0000:05:-1.0",
		"5:0.0x0",
		"5:0x0.0",
		"g:0.0",
		"0000:05:00.0\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t sbdf;
		int err = vfio_xen_sbdf_parse(cases[i], &sbdf);

		if (err != -EINVAL)
			fail_msg("%s is taken for an address", cases[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_what_people_write),
		cmocka_unit_test(rejects_everything_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
