// SPDX-License-Identifier: GPL-2.0-only
/*
 * bind and unbind on a simulated kernel: what they change, what they refuse,
 * and that no failure half way leaves a device behind.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake-host.h"

#define A "0000:05:00.0"
#define B "0000:05:00.1"
#define RECORD "/run/vfio-xen/devices/"

static struct fake_host host;

/* Two functions of a card in one group below a bridge. */
static int setup(void **state)
{
	static const struct fake_device devices[] = {
		{ A, 0x0200, 14, "e1000e", "e1000e" },
		{ B, 0x0200, 14, "igb", "igb" },
		{ "0000:00:1c.0", 0x0604, 14, "pcieport", "pcieport" },
	};

	(void)state;
	fake_host_init(&host);
	for (size_t i = 0; i < 3; i++)
		fake_device(&host, &devices[i]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_host_release(&host);
	return 0;
}

static int bind_to(const char *sbdf, const char *driver, unsigned int flags)
{
	uint32_t packed = make_sbdf(sbdf);

	return vfio_xen_bind(host.ctx, &packed, 1, driver, flags);
}

static int bind(const char *sbdf, unsigned int flags)
{
	return bind_to(sbdf, "vfio-pci", flags);
}

static int unbind(const char *sbdf, unsigned int flags)
{
	uint32_t packed = make_sbdf(sbdf);

	return vfio_xen_unbind(host.ctx, &packed, 1, flags);
}

static void assert_problem(enum vfio_xen_problem_kind kind)
{
	assert_int_equal(
		vfio_xen_problem_get_kind(vfio_xen_get_problem(host.ctx)),
		kind);
}

/* Everything is as setup() left it. */
static void assert_untouched(void)
{
	assert_driver(&host, A, "e1000e");
	assert_driver(&host, B, "igb");
	assert_override(&host, A, "");
	assert_override(&host, B, "");
	assert_false(fake_exists(&host, RECORD A));
	assert_false(fake_exists(&host, RECORD B));
}

static void a_group_there_and_back(void **state)
{
	(void)state;
	assert_int_equal(bind(A, VFIO_XEN_WHOLE_GROUP), 0);
	assert_problem(VFIO_XEN_PROBLEM_NONE);
	assert_driver(&host, A, "vfio-pci");
	assert_driver(&host, B, "vfio-pci");
	assert_driver(&host, "0000:00:1c.0", "pcieport");
	assert_override(&host, A, "vfio-pci");
	assert_true(fake_exists(&host, RECORD A));
	assert_int_equal(unbind(B, VFIO_XEN_WHOLE_GROUP), 0);
	assert_untouched();
}

static void both_devices_named(void **state)
{
	uint32_t both[] = { make_sbdf(A), make_sbdf(B), make_sbdf(A) };

	(void)state;
	assert_int_equal(vfio_xen_bind(host.ctx, both, 3, "vfio-pci", 0), 0);
	assert_driver(&host, A, "vfio-pci");
	assert_driver(&host, B, "vfio-pci");
}

static void a_bound_sibling_is_refused(void **state)
{
	const struct vfio_xen_problem *problem;

	(void)state;
	assert_int_equal(bind(A, 0), -EBUSY);
	problem = vfio_xen_get_problem(host.ctx);
	assert_problem(VFIO_XEN_PROBLEM_SIBLING_BOUND);
	assert_int_equal(vfio_xen_problem_get_other(problem), make_sbdf(B));
	assert_string_equal(vfio_xen_problem_get_detail(problem), "igb");
	assert_int_equal(host.nr_writes, 0);
	assert_untouched();
}

static void bind_twice_is_fine(void **state)
{
	int nr_writes;

	(void)state;
	assert_int_equal(bind(A, VFIO_XEN_WHOLE_GROUP), 0);
	nr_writes = host.nr_writes;
	assert_int_equal(bind(A, VFIO_XEN_WHOLE_GROUP), 0);
	assert_int_equal(host.nr_writes, nr_writes);
	assert_int_equal(unbind(A, VFIO_XEN_WHOLE_GROUP), 0);
	assert_untouched();
}

static void unbind_of_a_host_device_does_nothing(void **state)
{
	(void)state;
	assert_int_equal(unbind(A, VFIO_XEN_WHOLE_GROUP), 0);
	assert_int_equal(host.nr_writes, 0);
	assert_untouched();
}

/* Whichever write fails, all devices are as they were. */
static void every_failed_write_is_undone(void **state)
{
	(void)state;
	for (host.fail_at = 1; host.fail_at <= 6; host.fail_at++) {
		host.nr_writes = 0;
		assert_true(bind(A, VFIO_XEN_WHOLE_GROUP) < 0);
		assert_untouched();
	}
	host.nr_writes = 0;
	assert_int_equal(bind(A, VFIO_XEN_WHOLE_GROUP), 0);
}

/* Wherever an unbind is cut short, the next one completes it. */
static void every_failed_unbind_can_be_repeated(void **state)
{
	(void)state;
	for (int fail_at = 1; fail_at <= 6; fail_at++) {
		host.fail_at = 0;
		assert_int_equal(bind(A, VFIO_XEN_WHOLE_GROUP), 0);
		host.nr_writes = 0;
		host.fail_at = fail_at;
		assert_true(unbind(A, VFIO_XEN_WHOLE_GROUP) < 0);
		host.fail_at = 0;
		assert_int_equal(unbind(A, VFIO_XEN_WHOLE_GROUP), 0);
		assert_untouched();
	}
}

static void a_failed_unbind_does_not_stop_the_others(void **state)
{
	(void)state;
	assert_int_equal(bind(A, VFIO_XEN_WHOLE_GROUP), 0);
	host.nr_writes = 0;
	host.fail_at = 1;
	assert_true(unbind(A, VFIO_XEN_WHOLE_GROUP) < 0);
	assert_driver(&host, A, "vfio-pci");
	assert_driver(&host, B, "igb");
}

static void a_driver_that_refuses(void **state)
{
	const struct vfio_xen_problem *problem;

	(void)state;
	host.refuses = "vfio-pci";
	assert_int_equal(bind(A, VFIO_XEN_WHOLE_GROUP), -EINVAL);
	problem = vfio_xen_get_problem(host.ctx);
	assert_problem(VFIO_XEN_PROBLEM_NOT_TAKEN);
	assert_int_equal(vfio_xen_problem_get_sbdf(problem), make_sbdf(A));
	assert_untouched();
}

/* The former driver refuses: the record stays for another try. */
static void a_former_driver_that_refuses(void **state)
{
	(void)state;
	assert_int_equal(bind(A, VFIO_XEN_WHOLE_GROUP), 0);
	host.refuses = "e1000e";
	assert_int_equal(unbind(A, 0), -EINVAL);
	assert_driver(&host, A, NULL);
	assert_true(fake_exists(&host, RECORD A));
	host.refuses = NULL;
	assert_int_equal(unbind(A, VFIO_XEN_WHOLE_GROUP), 0);
	assert_untouched();
}

/* As a process that died between two writes would leave it. */
static void half_states_are_repaired(void **state)
{
	static const char record[] =
		"id=8086:10d3\ndriver=e1000e\ndriver_override=\n"
		"bound=vfio-pci\n";

	(void)state;
	fake_file(&host, record, RECORD A);
	assert_int_equal(unbind(A, 0), 0);
	assert_untouched();

	fake_file(&host, record, RECORD A);
	fake_file(&host, "vfio-pci\n",
		  "/sys/bus/pci/devices/" A "/driver_override");
	assert_int_equal(bind(A, VFIO_XEN_WHOLE_GROUP), 0);
	assert_int_equal(unbind(A, VFIO_XEN_WHOLE_GROUP), 0);
	assert_untouched();
}

static void a_former_override_is_restored(void **state)
{
	(void)state;
	fake_file(&host, "e1000e\n",
		  "/sys/bus/pci/devices/" A "/driver_override");
	assert_int_equal(bind(A, VFIO_XEN_WHOLE_GROUP), 0);
	assert_override(&host, A, "vfio-pci");
	assert_int_equal(unbind(A, VFIO_XEN_WHOLE_GROUP), 0);
	assert_override(&host, A, "e1000e");
	assert_driver(&host, A, "e1000e");
}

static void a_driverless_device_stays_driverless(void **state)
{
	static const struct fake_device idle = { "0000:06:00.0", 0x0200, 15,
						 "e1000e", NULL };

	(void)state;
	fake_device(&host, &idle);
	assert_int_equal(bind(idle.sbdf, 0), 0);
	assert_driver(&host, idle.sbdf, "vfio-pci");
	assert_int_equal(unbind(idle.sbdf, 0), 0);
	assert_driver(&host, idle.sbdf, NULL);
}

static void without_a_record_the_kernel_chooses(void **state)
{
	static const struct fake_device dev = { "0000:06:00.0", 0x0200, 15,
						"e1000e", "vfio-pci" };

	(void)state;
	fake_device(&host, &dev);
	assert_int_equal(unbind(dev.sbdf, 0), 0);
	assert_driver(&host, dev.sbdf, "e1000e");
}

static void a_record_of_another_device_is_ignored(void **state)
{
	static const struct fake_device dev = { "0000:06:00.0", 0x0200, 15,
						"e1000e", "vfio-pci" };

	(void)state;
	fake_device(&host, &dev);
	fake_file(&host, "driver=igb\nbound=vfio-pci\nid=1af4:1041\n",
		  RECORD "0000:06:00.0");
	assert_int_equal(unbind(dev.sbdf, 0), 0);
	assert_driver(&host, dev.sbdf, "e1000e");
}

static void from_one_vfio_driver_to_another(void **state)
{
	(void)state;
	host.module = "pci-stub";
	assert_int_equal(bind(A, VFIO_XEN_WHOLE_GROUP), 0);
	assert_int_equal(bind_to(A, "pci-stub", 0), 0);
	assert_driver(&host, A, "pci-stub");
	assert_int_equal(unbind(A, VFIO_XEN_WHOLE_GROUP), 0);
	assert_untouched();
}

static void to_the_driver_with_event_channels(void **state)
{
	(void)state;
	host.module = "vfio-xen-pci";
	assert_int_equal(bind_to(A, "vfio-xen-pci", VFIO_XEN_WHOLE_GROUP), 0);
	assert_driver(&host, A, "vfio-xen-pci");
	assert_driver(&host, B, "vfio-xen-pci");
	host.nr_writes = 0;
	assert_int_equal(bind_to(A, "vfio-xen-pci", 0), 0);
	assert_int_equal(host.nr_writes, 0);
	/* One group, two VFIO drivers: fine. */
	assert_int_equal(bind(B, 0), 0);
	assert_driver(&host, A, "vfio-xen-pci");
	assert_driver(&host, B, "vfio-pci");
	assert_int_equal(unbind(A, VFIO_XEN_WHOLE_GROUP), 0);
	assert_untouched();
}

static void a_vfio_driver_of_any_name(void **state)
{
	static const struct fake_device dev = { "0000:06:00.0", 0x0200, 15,
						"e1000e", "moon-pci" };

	(void)state;
	fake_device(&host, &dev);
	assert_int_equal(unbind(dev.sbdf, 0), 0);
	assert_driver(&host, dev.sbdf, "moon-pci");
	fake_dir(&host, "/sys/bus/pci/devices/0000:06:00.0/vfio-dev/vfio0");
	assert_int_equal(unbind(dev.sbdf, 0), 0);
	assert_driver(&host, dev.sbdf, "e1000e");
}

static void a_driver_that_is_not_there(void **state)
{
	(void)state;
	assert_int_equal(bind_to(A, "vfio-moon", VFIO_XEN_WHOLE_GROUP),
			 -ENODEV);
	assert_problem(VFIO_XEN_PROBLEM_NO_DRIVER);
	assert_int_equal(bind_to(A, "../..", VFIO_XEN_WHOLE_GROUP), -EINVAL);
	assert_untouched();
}

static void count_step(void *data, enum vfio_xen_log_kind kind,
		       const char *message)
{
	int *nr = data;

	*nr += kind == VFIO_XEN_LOG_STEP && !strncmp(message, "write ", 6);
}

static void a_dry_run_changes_nothing(void **state)
{
	int nr = 0;

	(void)state;
	vfio_xen_set_log_fn(host.ctx, count_step, &nr);
	assert_int_equal(bind(A, VFIO_XEN_WHOLE_GROUP | VFIO_XEN_DRY_RUN), 0);
	assert_int_equal(nr, 6);
	assert_int_equal(host.nr_writes, 0);
	assert_untouched();

	assert_int_equal(bind(A, VFIO_XEN_WHOLE_GROUP), 0);
	host.nr_writes = 0;
	assert_int_equal(unbind(A, VFIO_XEN_WHOLE_GROUP | VFIO_XEN_DRY_RUN), 0);
	assert_int_equal(host.nr_writes, 0);
	assert_driver(&host, A, "vfio-pci");
	assert_true(fake_exists(&host, RECORD A));
}

static void what_is_never_bound(void **state)
{
	static const struct fake_device no_group = { "0000:06:00.0", 0x0200, -1,
						     "e1000e", "e1000e" };
	static const struct fake_device parked = { "0000:07:00.0", 0x0200, 16,
						   "e1000e", "pciback" };

	(void)state;
	fake_device(&host, &no_group);
	fake_device(&host, &parked);
	assert_int_equal(bind("9:0.0", 0), -ENODEV);
	assert_problem(VFIO_XEN_PROBLEM_NO_DEVICE);
	assert_int_equal(bind("0:1c.0", 0), -EINVAL);
	assert_problem(VFIO_XEN_PROBLEM_BRIDGE);
	assert_int_equal(bind(no_group.sbdf, 0), -ENODEV);
	assert_problem(VFIO_XEN_PROBLEM_NO_GROUP);
	assert_int_equal(bind(parked.sbdf, VFIO_XEN_FORCE), -EBUSY);
	assert_problem(VFIO_XEN_PROBLEM_PCIBACK);
	assert_int_equal(host.nr_writes, 0);
}

static void a_guests_device_is_refused(void **state)
{
	(void)state;
	fake_file(&host, "", "/sys/kernel/debug/vfio-xen-iommu/stats");
	fake_file(&host, "", "/sys/kernel/debug/vfio-xen-iommu/shells");
	fake_file(&host, A " owner=guest domid=3\n",
		  "/sys/kernel/debug/vfio-xen-iommu/devices");
	assert_int_equal(bind(A, VFIO_XEN_WHOLE_GROUP), -EBUSY);
	assert_problem(VFIO_XEN_PROBLEM_GUEST);
	assert_int_equal(
		vfio_xen_problem_get_id(vfio_xen_get_problem(host.ctx)), 3);
}

static void assert_in_use(enum vfio_xen_problem_kind kind, const char *detail)
{
	assert_int_equal(bind(A, VFIO_XEN_WHOLE_GROUP), -EBUSY);
	assert_problem(kind);
	assert_string_equal(
		vfio_xen_problem_get_detail(vfio_xen_get_problem(host.ctx)),
		detail);
	assert_untouched();
}

static void add_class(const char *class, const char *name)
{
	char target[FAKE_PATH_SIZE];

	fake_dir(&host, "/sys/devices/pci0000:00/" A "/%s/%s", class, name);
	snprintf(target, sizeof(target), "../../devices/pci0000:00/" A "/%s/%s",
		 class, name);
	fake_link(&host, target, "/sys/class/%s/%s", class, name);
}

static void an_interface_that_is_up(void **state)
{
	(void)state;
	add_class("net", "eth7");
	fake_file(&host, "0x1003\n", "/sys/class/net/eth7/flags");
	assert_in_use(VFIO_XEN_PROBLEM_NET_IN_USE, "eth7");
	fake_file(&host, "0x1002\n", "/sys/class/net/eth7/flags");
	assert_int_equal(bind(A, VFIO_XEN_WHOLE_GROUP), 0);
}

static void a_disk_in_use(void **state)
{
	(void)state;
	add_class("block", "sdx1");
	fake_file(&host, "8:241\n", "/sys/class/block/sdx1/dev");
	fake_file(
		&host,
		"22 1 8:241 / /data rw,relatime shared:1 - ext4 /dev/root rw\n",
		"/proc/self/mountinfo");
	assert_in_use(VFIO_XEN_PROBLEM_BLOCK_IN_USE, "sdx1 is mounted");
	fake_file(&host, "22 1 0:41 / /data rw - btrfs /dev/sdx1 rw\n",
		  "/proc/self/mountinfo");
	assert_in_use(VFIO_XEN_PROBLEM_BLOCK_IN_USE, "sdx1 is mounted");
	fake_file(&host, "22 1 0:41 / /data rw - btrfs /dev/sdx11 rw\n",
		  "/proc/self/mountinfo");
	fake_file(&host,
		  "Filename Type Size Used Priority\n"
		  "/dev/sdx1 partition 1 0 -2\n",
		  "/proc/swaps");
	assert_in_use(VFIO_XEN_PROBLEM_BLOCK_IN_USE, "sdx1 is swap space");
	fake_file(&host, "", "/proc/swaps");
	fake_dir(&host, "/sys/class/block/sdx1/holders/dm-0");
	assert_in_use(VFIO_XEN_PROBLEM_BLOCK_IN_USE,
		      "sdx1 is part of a mapped device or array");
	assert_int_equal(bind(A, VFIO_XEN_WHOLE_GROUP | VFIO_XEN_FORCE), 0);
}

/* The disk is below the subsystem; what is below the device has no mount. */
static void a_disk_of_nvme_multipath(void **state)
{
	static const char subsystem[] =
		"/sys/devices/virtual/nvme-subsystem/nvme-subsys0";

	(void)state;
	add_class("block", "nvme0c0n1");
	fake_file(&host, "259:1\n", "%s/nvme0n1/nvme0n1p1/dev", subsystem);
	fake_link(&host,
		  "../../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1/"
		  "nvme0n1p1",
		  "/sys/class/block/nvme0n1p1");
	fake_file(&host, "22 1 259:1 / / rw - ext4 /dev/root rw\n",
		  "/proc/self/mountinfo");
	/* Another drive's */
	fake_dir(&host, "/sys/devices/pci0000:00/0000:09:00.0/nvme/nvme1");
	fake_link(&host, "../../../pci0000:00/0000:09:00.0/nvme/nvme1",
		  "%s/nvme1", subsystem);
	assert_int_equal(bind(A, VFIO_XEN_WHOLE_GROUP | VFIO_XEN_DRY_RUN), 0);
	fake_dir(&host, "/sys/devices/pci0000:00/" A "/nvme/nvme0");
	fake_link(&host, "../../../pci0000:00/" A "/nvme/nvme0", "%s/nvme0",
		  subsystem);
	assert_in_use(VFIO_XEN_PROBLEM_BLOCK_IN_USE, "nvme0n1p1 is mounted");
	fake_file(&host, "", "/proc/self/mountinfo");
	assert_int_equal(bind(A, VFIO_XEN_WHOLE_GROUP), 0);
}

static void unbind_of_an_open_device(void **state)
{
	const struct vfio_xen_problem *problem;

	(void)state;
	assert_int_equal(bind(A, VFIO_XEN_WHOLE_GROUP), 0);
	fake_file(&host, "dpdk-testpmd\n", "/proc/1234/comm");
	fake_link(&host, "/dev/vfio/14", "/proc/1234/fd/9");
	assert_int_equal(unbind(A, 0), -EBUSY);
	problem = vfio_xen_get_problem(host.ctx);
	assert_problem(VFIO_XEN_PROBLEM_HELD);
	assert_int_equal(vfio_xen_problem_get_id(problem), 1234);
	assert_string_equal(vfio_xen_problem_get_detail(problem),
			    "dpdk-testpmd");
	assert_driver(&host, A, "vfio-pci");
	assert_int_equal(unbind(A, VFIO_XEN_WHOLE_GROUP | VFIO_XEN_WAIT), 0);
	assert_untouched();
}

static void an_open_cdev_is_seen_too(void **state)
{
	(void)state;
	assert_int_equal(bind(A, VFIO_XEN_WHOLE_GROUP), 0);
	fake_dir(&host, "/sys/bus/pci/devices/" A "/vfio-dev/vfio2");
	fake_file(&host, "other\n", "/proc/77/comm");
	fake_link(&host, "/dev/vfio/15", "/proc/77/fd/3");
	fake_file(&host, "qemu\n", "/proc/88/comm");
	fake_link(&host, "/dev/vfio/devices/vfio2", "/proc/88/fd/3");
	assert_int_equal(unbind(A, 0), -EBUSY);
	assert_int_equal(
		vfio_xen_problem_get_id(vfio_xen_get_problem(host.ctx)), 88);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_group_there_and_back),
		TEST(both_devices_named),
		TEST(a_bound_sibling_is_refused),
		TEST(bind_twice_is_fine),
		TEST(unbind_of_a_host_device_does_nothing),
		TEST(every_failed_write_is_undone),
		TEST(every_failed_unbind_can_be_repeated),
		TEST(a_failed_unbind_does_not_stop_the_others),
		TEST(a_driver_that_refuses),
		TEST(a_former_driver_that_refuses),
		TEST(half_states_are_repaired),
		TEST(a_former_override_is_restored),
		TEST(a_driverless_device_stays_driverless),
		TEST(without_a_record_the_kernel_chooses),
		TEST(a_record_of_another_device_is_ignored),
		TEST(from_one_vfio_driver_to_another),
		TEST(to_the_driver_with_event_channels),
		TEST(a_vfio_driver_of_any_name),
		TEST(a_driver_that_is_not_there),
		TEST(a_dry_run_changes_nothing),
		TEST(what_is_never_bound),
		TEST(a_guests_device_is_refused),
		TEST(an_interface_that_is_up),
		TEST(a_disk_in_use),
		TEST(a_disk_of_nvme_multipath),
		TEST(unbind_of_an_open_device),
		TEST(an_open_cdev_is_seen_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
