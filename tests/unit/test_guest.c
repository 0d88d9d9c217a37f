// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests by name, domid and UUID.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake-host.h"

#define UUID_A "00000000-0000-0000-0000-00000000000a"
#define UUID_B "00000000-0000-0000-0000-00000000000b"
#define UUID_C "00000000-0000-0000-0000-00000000000c"
#define UUID_D "00000000-0000-0000-0000-00000000000d"

static struct fake_host host;

static const struct fake_guest guests[] = {
	{ 1, VFIO_XEN_GUEST_PV, true, UUID_A, "web" }, /* its remains */
	{ 2, VFIO_XEN_GUEST_PV, false, UUID_A, "web" },
	{ 3, VFIO_XEN_GUEST_HVM, false, UUID_B, "7" },
	{ 4, VFIO_XEN_GUEST_PVH, false, UUID_C, "light" },
	{ 7, VFIO_XEN_GUEST_HVM, false, UUID_D, NULL },
	{ 0 },
};

static int setup(void **state)
{
	(void)state;
	fake_host_init(&host);
	fake_guests = guests;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_host_release(&host);
	return 0;
}

static void assert_finds(const char *text, int domid)
{
	struct vfio_xen_guest *guest;

	assert_int_equal(vfio_xen_guest_find(host.ctx, text, &guest), 0);
	assert_int_equal(vfio_xen_guest_get_domid(guest), domid);
	vfio_xen_guest_free(guest);
}

static void assert_finds_none(const char *text)
{
	const struct vfio_xen_problem *problem;
	struct vfio_xen_guest *guest;

	assert_int_equal(vfio_xen_guest_find(host.ctx, text, &guest), -ESRCH);
	problem = vfio_xen_get_problem(host.ctx);
	assert_int_equal(vfio_xen_problem_get_kind(problem),
			 VFIO_XEN_PROBLEM_NO_GUEST);
	assert_string_equal(vfio_xen_problem_get_detail(problem), text);
}

static void found(void **state)
{
	struct vfio_xen_guest *guest;

	(void)state;
	assert_finds("web", 2);
	assert_finds("2", 2);
	assert_finds("7", 7); /* all digits: a domid, though one is called so */
	assert_finds(UUID_B, 3);
	assert_finds("00000000-0000-0000-0000-00000000000B", 3);
	assert_int_equal(vfio_xen_guest_find(host.ctx, "web", &guest), 0);
	assert_string_equal(vfio_xen_guest_get_name(guest), "web");
	assert_string_equal(vfio_xen_guest_get_uuid(guest), UUID_A);
	assert_int_equal(vfio_xen_guest_get_kind(guest), VFIO_XEN_GUEST_PV);
	vfio_xen_guest_free(guest);
	assert_int_equal(vfio_xen_guest_find(host.ctx, "7", &guest), 0);
	assert_null(vfio_xen_guest_get_name(guest));
	vfio_xen_guest_free(guest);
}

static void not_found(void **state)
{
	(void)state;
	assert_finds_none("");
	assert_finds_none("we");
	assert_finds_none("Web");
	assert_finds_none("1"); /* has ended */
	assert_finds_none("0");
	assert_finds_none("99999999999999999999999");
	assert_finds_none("-2");
	assert_finds_none("2 ");
	assert_finds_none("00000000-0000-0000-0000-00000000000");
}

static void for_a_device(void **state)
{
	struct vfio_xen_guest *guest;

	(void)state;
	assert_int_equal(
		vfio_xen_guest_find_for_device(host.ctx, "web", &guest), 0);
	vfio_xen_guest_free(guest);
	assert_int_equal(vfio_xen_guest_find_for_device(host.ctx, "light",
							&guest),
			 -EOPNOTSUPP);
	assert_int_equal(
		vfio_xen_problem_get_kind(vfio_xen_get_problem(host.ctx)),
		VFIO_XEN_PROBLEM_GUEST_IS_PVH);
}

static void shell_domain(void **state)
{
	struct vfio_xen_guest *guest;

	(void)state;
	fake_file(&host, "", "/sys/kernel/debug/vfio-xen-iommu/stats");
	fake_file(&host, "domid=4 mapped_pages=1 pool_pages=1 devices=\n",
		  "/sys/kernel/debug/vfio-xen-iommu/shells");
	fake_file(&host, "", "/sys/kernel/debug/vfio-xen-iommu/devices");
	assert_int_equal(vfio_xen_guest_find(host.ctx, "4", &guest), -EINVAL);
	assert_int_equal(
		vfio_xen_problem_get_kind(vfio_xen_get_problem(host.ctx)),
		VFIO_XEN_PROBLEM_NO_GUEST_SHELL);
	assert_finds("web", 2);
}

static void without_xen(void **state)
{
	struct vfio_xen_guest *guest;

	(void)state;
	fake_guests = NULL;
	assert_int_equal(vfio_xen_guest_find(host.ctx, "web", &guest), -ENODEV);
	assert_int_equal(
		vfio_xen_problem_get_kind(vfio_xen_get_problem(host.ctx)),
		VFIO_XEN_PROBLEM_NO_XEN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(found),	    TEST(not_found),   TEST(for_a_device),
		TEST(shell_domain), TEST(without_xen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
