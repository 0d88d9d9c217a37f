// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading vfio-xen-iommu's files in debugfs, and what the host says of Xen.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake-host.h"

#define STATE "/sys/kernel/debug/vfio-xen-iommu"

static struct fake_host host;

static int setup(void **state)
{
	(void)state;
	fake_host_init(&host);
	fake_file(&host, "", STATE "/stats");
	fake_file(&host, "", STATE "/shells");
	fake_file(&host, "", STATE "/devices");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_host_release(&host);
	return 0;
}

static void empty_files_are_fine(void **unused)
{
	struct vfio_xen_debugfs *state;

	(void)unused;
	assert_int_equal(vfio_xen_debugfs_new(host.ctx, &state), 0);
	assert_int_equal(vfio_xen_debugfs_get_nr_stats(state), 0);
	assert_int_equal(vfio_xen_debugfs_get_nr_shells(state), 0);
	assert_int_equal(vfio_xen_debugfs_get_nr_devices(state), 0);
	vfio_xen_debugfs_free(state);
}

static void reads_statistics_in_order(void **unused)
{
	struct vfio_xen_debugfs *state;

	(void)unused;
	fake_file(&host, "hypercalls 12\nnew_thing 18446744073709551615\n",
		  STATE "/stats");
	assert_int_equal(vfio_xen_debugfs_new(host.ctx, &state), 0);
	assert_int_equal(vfio_xen_debugfs_get_nr_stats(state), 2);
	assert_string_equal(vfio_xen_debugfs_get_stat_name(state, 0),
			    "hypercalls");
	assert_true(vfio_xen_debugfs_get_stat_value(state, 0) == 12);
	assert_true(vfio_xen_debugfs_get_stat_value(state, 1) == UINT64_MAX);
	vfio_xen_debugfs_free(state);
}

static void reads_shells(void **unused)
{
	const struct vfio_xen_shell *shell;
	struct vfio_xen_debugfs *state;

	(void)unused;
	fake_file(
		&host,
		"domid=5 mapped_pages=131072 pool_pages=512 "
		"devices=0000:00:05.0,0000:00:06.0\n"
		"domid=6 colour=blue mapped_pages=0 pool_pages=256 devices=\n",
		STATE "/shells");
	assert_int_equal(vfio_xen_debugfs_new(host.ctx, &state), 0);
	assert_int_equal(vfio_xen_debugfs_get_nr_shells(state), 2);
	shell = vfio_xen_debugfs_get_shell(state, 0);
	assert_int_equal(vfio_xen_shell_get_domid(shell), 5);
	assert_true(vfio_xen_shell_get_mapped_bytes(shell) == 512 << 20);
	assert_true(vfio_xen_shell_get_pool_bytes(shell) == 2 << 20);
	assert_int_equal(vfio_xen_shell_get_nr_devices(shell), 2);
	assert_int_equal(vfio_xen_shell_get_device(shell, 1),
			 make_sbdf("00:06.0"));
	assert_null(vfio_xen_shell_get_name(shell));
	shell = vfio_xen_debugfs_get_shell(state, 1);
	assert_int_equal(vfio_xen_shell_get_nr_devices(shell), 0);
	vfio_xen_debugfs_free(state);
}

static void reads_owners(void **unused)
{
	struct vfio_xen_debugfs *state;
	int domid;

	(void)unused;
	fake_file(&host,
		  "0000:00:05.0 owner=shell domid=5\n"
		  "0000:00:06.0 owner=quarantine since=yesterday\n"
		  "0000:00:07.0 owner=dom0\n"
		  "0000:00:08.0 owner=somebody\n"
		  "0000:00:0a.0 owner=toolstack\n",
		  STATE "/devices");
	assert_int_equal(vfio_xen_debugfs_new(host.ctx, &state), 0);
	assert_int_equal(vfio_xen_debugfs_get_owner(state, make_sbdf("0:5.0"),
						    &domid),
			 VFIO_XEN_OWNER_SHELL);
	assert_int_equal(domid, 5);
	assert_int_equal(vfio_xen_debugfs_get_owner(state, make_sbdf("0:6.0"),
						    &domid),
			 VFIO_XEN_OWNER_QUARANTINE);
	assert_int_equal(domid, -ENOENT);
	assert_int_equal(vfio_xen_debugfs_get_owner(state, make_sbdf("0:7.0"),
						    &domid),
			 VFIO_XEN_OWNER_DOM0);
	assert_int_equal(vfio_xen_debugfs_get_owner(state, make_sbdf("0:8.0"),
						    &domid),
			 VFIO_XEN_OWNER_UNKNOWN);
	assert_int_equal(vfio_xen_debugfs_get_owner(state, make_sbdf("0:9.0"),
						    &domid),
			 VFIO_XEN_OWNER_UNKNOWN);
	assert_int_equal(vfio_xen_debugfs_get_owner(state, make_sbdf("0:a.0"),
						    &domid),
			 VFIO_XEN_OWNER_QUARANTINE);
	vfio_xen_debugfs_free(state);
}

static void reads_vectors(void **unused)
{
	struct vfio_xen_debugfs *state;
	int used, mapped;

	(void)unused;
	fake_file(&host,
		  "0000:00:05.0 owner=shell domid=5 msi=3/2048\n"
		  "0000:00:06.0 owner=quarantine return_pending=1 msi=0/1\n"
		  "0000:00:07.0 owner=quarantine return_pending=0 msi=0/0\n",
		  STATE "/devices");
	assert_int_equal(vfio_xen_debugfs_new(host.ctx, &state), 0);
	assert_int_equal(vfio_xen_debugfs_get_vectors(state, make_sbdf("0:5.0"),
						      &used, &mapped),
			 0);
	assert_int_equal(used, 3);
	assert_int_equal(mapped, 2048);
	assert_int_equal(vfio_xen_debugfs_get_vectors(state, make_sbdf("0:7.0"),
						      &used, &mapped),
			 -ENOENT);
	assert_int_equal(vfio_xen_debugfs_get_vectors(state, make_sbdf("0:8.0"),
						      &used, &mapped),
			 -ENOENT);
	assert_false(
		vfio_xen_debugfs_is_return_pending(state, make_sbdf("0:5.0")));
	assert_true(
		vfio_xen_debugfs_is_return_pending(state, make_sbdf("0:6.0")));
	assert_false(
		vfio_xen_debugfs_is_return_pending(state, make_sbdf("0:7.0")));
	assert_false(
		vfio_xen_debugfs_is_return_pending(state, make_sbdf("0:8.0")));
	vfio_xen_debugfs_free(state);
}

static void rejects_what_makes_no_sense(void **unused)
{
	static const struct {
		const char *file;
		const char *text;
	} cases[] = {
		{ "stats", "hypercalls\n" },
		{ "stats", "hypercalls many\n" },
		{ "stats", "hypercalls -1\n" },
		{ "stats", "hypercalls 1 2\n" },
		{ "stats", "hypercalls 18446744073709551616\n" },
		{ "stats", " 1\n" },
		{ "stats", "\n" },
		{ "shells", "mapped_pages=1\n" },
		{ "shells", "domid=5 mapped_pages\n" },
		{ "shells", "domid=5 =1\n" },
		{ "shells", "domid=five\n" },
		{ "shells", "domid=32768\n" },
		{ "shells", "domid=5 mapped_pages=lots\n" },
		{ "shells", "domid=5 devices=eth0\n" },
		{ "devices", "0000:00:05.0\n" },
		{ "devices", "eth0 owner=dom0\n" },
		{ "devices", "0000:00:05.0 owner=shell domid=x\n" },
		{ "devices", "\n" },
		{ "devices", "0000:00:05.0 owner=shell msi=3\n" },
		{ "devices", "0000:00:05.0 owner=shell msi=/5\n" },
		{ "devices", "0000:00:05.0 owner=shell msi=3/\n" },
		{ "devices", "0000:00:05.0 owner=shell msi=-1/5\n" },
		{ "devices", "0000:00:05.0 owner=shell msi=6/5\n" },
		{ "devices", "0000:00:05.0 owner=shell msi=3/5/7\n" },
		{ "devices", "0000:00:05.0 owner=shell msi=1/4294967297\n" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vfio_xen_debugfs *state;

		fake_file(&host, cases[i].text, STATE "/%s", cases[i].file);
		if (vfio_xen_debugfs_new(host.ctx, &state) != -EBADMSG)
			fail_msg("taken: %s", cases[i].text);
		fake_file(&host, "", STATE "/%s", cases[i].file);
	}
}

static void reads_xen_from_sysfs(void **unused)
{
	struct vfio_xen_host *info;
	uint64_t bytes;

	(void)unused;
	fake_xen(&host, 20, ".3-pre");
	assert_int_equal(vfio_xen_host_new(host.ctx, &info), 0);
	assert_string_equal(vfio_xen_host_get_version(info), "4.20.3-pre");
	assert_string_equal(vfio_xen_host_get_guest_type(info), "PV");
	assert_true(vfio_xen_host_is_dom0(info));
	assert_false(vfio_xen_host_has_xen_iommu(info));
	assert_int_equal(vfio_xen_host_get_free_bytes(info, &bytes), -ENODEV);
	vfio_xen_host_free(info);
}

static void works_without_xen(void **unused)
{
	struct vfio_xen_host *info;

	(void)unused;
	assert_int_equal(vfio_xen_host_new(host.ctx, &info), 0);
	assert_null(vfio_xen_host_get_version(info));
	assert_null(vfio_xen_host_get_guest_type(info));
	assert_false(vfio_xen_host_is_dom0(info));
	vfio_xen_host_free(info);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(empty_files_are_fine), TEST(reads_statistics_in_order),
		TEST(reads_shells),	    TEST(reads_owners),
		TEST(reads_vectors),	    TEST(rejects_what_makes_no_sense),
		TEST(reads_xen_from_sysfs), TEST(works_without_xen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
