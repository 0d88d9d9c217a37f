// SPDX-License-Identifier: GPL-2.0
/*
 * The domctl encoders against the byte layouts of each Xen release: offsets and
 * values are written out here, not taken from the structures under test.
 *
 * Where Xen's own header is installed, the layout is compared with that too,
 * for the release it belongs to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "domctl_abi.h"

#define SHELL_FLAGS (DOMCTL_CDF_HVM | DOMCTL_CDF_HAP | DOMCTL_CDF_IOMMU)

/* A number in the image: where, how wide, what. All else must be 0. */
struct field {
	unsigned int offset;
	unsigned int size;
	u64 value;
};

struct image {
	u8 bytes[144];
};

static void check_image(const struct domctl *op, const struct field *fields,
			unsigned int nr_fields)
{
	struct image want = {};
	unsigned int i;

	assert_int_equal(sizeof(*op), 144);
	for (i = 0; i < nr_fields; i++) /* little endian, as x86 is */
		memcpy(&want.bytes[fields[i].offset], &fields[i].value,
		       fields[i].size);
	assert_memory_equal(op, &want, sizeof(want));
}

#define CHECK(op, ...)                                         \
	do {                                                   \
		const struct field fields[] = { __VA_ARGS__ }; \
                                                               \
		check_image(op, fields, ARRAY_SIZE(fields));   \
	} while (0)

static const struct domctl_abi *abi_of(u32 version)
{
	const struct domctl_abi *abi = vxi_domctl_abis;

	while (abi->releases && abi->version != version)
		abi++;
	assert_non_null(abi->releases);
	return abi;
}

static void test_known_versions(void **state)
{
	const struct domctl_abi *abi;
	u32 version = 0x18;

	(void)state;
	for (abi = vxi_domctl_abis; abi->releases; abi++)
		assert_int_equal(abi->version, version--);
	assert_int_equal(version, 0x14);
}

static const u8 handle[16] = { 1, 2,  3,  4,  5,  6,  7,  8,
			       9, 10, 11, 12, 13, 14, 15, 16 };
#define HANDLE_FIELDS \
	{ 16 + 4, 8, 0x0807060504030201 }, { 16 + 12, 8, 0x100f0e0d0c0b0a09 }

/* 4.17 and 4.18: the arch part is at 56 of createdomain, which is at 16. */
static void test_createdomain_64_bytes(void **state)
{
	u32 version;

	(void)state;
	for (version = 0x15; version <= 0x16; version++) {
		struct domctl op;

		vxi_domctl_encode_createdomain(&op, abi_of(version),
					       SHELL_FLAGS, handle);
		CHECK(&op, { 0, 4, 1 }, { 4, 4, version }, { 8, 2, 0x7ff5 },
		      HANDLE_FIELDS,
		      { 16 + 20, 4, 0x23 }, /* flags: hvm, hap, iommu */
		      { 16 + 28, 4, 1 }, /* max_vcpus */
		      { 16 + 36, 4, 1 }, /* max_grant_frames */
		      { 16 + 44, 4, 1 }, /* grant_opts */
		      { 16 + 56, 4, 1 }); /* emulation_flags: LAPIC */
	}
}

/* 4.19 to 4.22: altp2m_opts at 48 moves the arch part to 60. */
static void test_createdomain_68_bytes(void **state)
{
	u32 version;

	(void)state;
	for (version = 0x17; version <= 0x18; version++) {
		struct domctl op;

		vxi_domctl_encode_createdomain(&op, abi_of(version),
					       SHELL_FLAGS, handle);
		CHECK(&op, { 0, 4, 1 }, { 4, 4, version }, { 8, 2, 0x7ff5 },
		      HANDLE_FIELDS, { 16 + 20, 4, 0x23 }, { 16 + 28, 4, 1 },
		      { 16 + 36, 4, 1 }, { 16 + 44, 4, 1 }, { 16 + 60, 4, 1 });
	}
}

static void test_same_on_all_releases(void **state)
{
	const struct domctl_abi *abi;

	(void)state;
	for (abi = vxi_domctl_abis; abi->releases; abi++) {
		u32 version = abi->version;
		struct domctl op;

		vxi_domctl_encode_getdomaininfo(&op, abi, 3);
		CHECK(&op, { 0, 4, 5 }, { 4, 4, version }, { 8, 2, 3 });

		vxi_domctl_encode_destroydomain(&op, abi, 0x1234);
		CHECK(&op, { 0, 4, 2 }, { 4, 4, version }, { 8, 2, 0x1234 });

		vxi_domctl_encode_pausedomain(&op, abi, 9, true);
		CHECK(&op, { 0, 4, 3 }, { 4, 4, version }, { 8, 2, 9 });

		vxi_domctl_encode_pausedomain(&op, abi, 9, false);
		CHECK(&op, { 0, 4, 4 }, { 4, 4, version }, { 8, 2, 9 });

		vxi_domctl_encode_assign_device(&op, abi, 0x7ff1, 0x00010500,
						true);
		CHECK(&op, { 0, 4, 37 }, { 4, 4, version }, { 8, 2, 0x7ff1 },
		      { 16 + 4, 4, 1 }, /* flags: rdm_relaxed */
		      { 16 + 8, 4, 0x00010500 });

		vxi_domctl_encode_assign_device(&op, abi, 9, 0x00010500, false);
		CHECK(&op, { 0, 4, 37 }, { 4, 4, version }, { 8, 2, 9 },
		      { 16 + 8, 4, 0x00010500 });

		vxi_domctl_encode_deassign_device(&op, abi, 9, 0xffff00ff);
		CHECK(&op, { 0, 4, 47 }, { 4, 4, version }, { 8, 2, 9 },
		      { 16 + 8, 4, 0xffff00ff });

		vxi_domctl_encode_memory_mapping(&op, abi, 9, 0x123456789,
						 0xfedcba987, 0x40, true);
		CHECK(&op, { 0, 4, 39 }, { 4, 4, version }, { 8, 2, 9 },
		      { 16, 8, 0x123456789 }, { 24, 8, 0xfedcba987 },
		      { 32, 8, 0x40 }, { 40, 4, 1 });

		vxi_domctl_encode_memory_mapping(&op, abi, 9, 1, 2, 3, false);
		CHECK(&op, { 0, 4, 39 }, { 4, 4, version }, { 8, 2, 9 },
		      { 16, 8, 1 }, { 24, 8, 2 }, { 32, 8, 3 });

		vxi_domctl_encode_iomem_permission(&op, abi, 9, 0x100, 0x7ff,
						   true);
		CHECK(&op, { 0, 4, 20 }, { 4, 4, version }, { 8, 2, 9 },
		      { 16, 8, 0x100 }, { 24, 8, 0x7ff }, { 32, 1, 1 });

		vxi_domctl_encode_ioport_permission(&op, abi, 9, 0xc040, 0x20,
						    true);
		CHECK(&op, { 0, 4, 21 }, { 4, 4, version }, { 8, 2, 9 },
		      { 16, 4, 0xc040 }, { 20, 4, 0x20 }, { 24, 1, 1 });

		vxi_domctl_encode_ioport_mapping(&op, abi, 9, 0xd000, 0xc040,
						 0x20, true);
		CHECK(&op, { 0, 4, 40 }, { 4, 4, version }, { 8, 2, 9 },
		      { 16, 4, 0xd000 }, { 20, 4, 0xc040 }, { 24, 4, 0x20 },
		      { 28, 4, 1 });

		vxi_domctl_encode_paging_mempool(&op, abi, 9, 0x140000);
		CHECK(&op, { 0, 4, 86 }, { 4, 4, version }, { 8, 2, 9 },
		      { 16, 8, 0x140000 });
	}
}

static void test_guest_interrupts(void **state)
{
	const struct domctl_abi *abi;

	(void)state;
	for (abi = vxi_domctl_abis; abi->releases; abi++) {
		u32 version = abi->version;
		struct domctl op;

		vxi_domctl_encode_bind_pt_msi(&op, abi, 9, 55, 0x41, 0x1f3ff,
					      0xf2000000);
		CHECK(&op, { 0, 4, 38 }, { 4, 4, version }, { 8, 2, 9 },
		      { 16, 4, 55 }, { 20, 4, 2 }, { 24, 1, 0x41 },
		      { 28, 4, 0x1f3ff }, { 32, 8, 0xf2000000 });

		vxi_domctl_encode_unbind_pt_msi(&op, abi, 9, 55);
		CHECK(&op, { 0, 4, 48 }, { 4, 4, version }, { 8, 2, 9 },
		      { 16, 4, 55 }, { 20, 4, 2 });

		vxi_domctl_encode_bind_pt_intx(&op, abi, 9, 17, 31, 3);
		CHECK(&op, { 0, 4, 38 }, { 4, 4, version }, { 8, 2, 9 },
		      { 16, 4, 17 }, { 25, 1, 31 }, { 26, 1, 3 });

		vxi_domctl_encode_unbind_pt_intx(&op, abi, 9, 17, 31, 3);
		CHECK(&op, { 0, 4, 48 }, { 4, 4, version }, { 8, 2, 9 },
		      { 16, 4, 17 }, { 25, 1, 31 }, { 26, 1, 3 });
	}
}

static void test_gflags(void **state)
{
	(void)state;
	/* Fixed delivery to local APIC 0, physical */
	assert_int_equal(vxi_domctl_gflags(0xfee00000, 0x0041), 0);
	/* destination ID: address bits 12 to 19 */
	assert_int_equal(vxi_domctl_gflags(0xfeeff000, 0), 0xff);
	assert_int_equal(vxi_domctl_gflags(0xfee00ff3, 0), 0);
	/* redirection hint and logical mode: bits 3 and 2 */
	assert_int_equal(vxi_domctl_gflags(0xfee00008, 0), 0x100);
	assert_int_equal(vxi_domctl_gflags(0xfee00004, 0), 0x200);
	/* delivery mode and level trigger: data bits 8 to 10 and 15 */
	assert_int_equal(vxi_domctl_gflags(0xfee00000, 0x0700), 0x7000);
	assert_int_equal(vxi_domctl_gflags(0xfee00000, 0x8000), 0x8000);
	/* What has no meaning here leaves no trace, UNMASKED above all */
	assert_int_equal(vxi_domctl_gflags(~0xffffcULL, 0xffff78ff), 0);
}

/* Whatever was in the buffer before must not reach Xen. */
static void test_nothing_is_left_over(void **state)
{
	struct domctl op;

	(void)state;
	memset(&op, 0xff, sizeof(op));
	vxi_domctl_encode_destroydomain(&op, abi_of(0x17), 1);
	CHECK(&op, { 0, 4, 2 }, { 4, 4, 0x17 }, { 8, 2, 1 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_versions),
		cmocka_unit_test(test_createdomain_64_bytes),
		cmocka_unit_test(test_createdomain_68_bytes),
		cmocka_unit_test(test_same_on_all_releases),
		cmocka_unit_test(test_guest_interrupts),
		cmocka_unit_test(test_gflags),
		cmocka_unit_test(test_nothing_is_left_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
