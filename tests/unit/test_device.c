// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices and groups as read from sysfs.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake-host.h"

static struct fake_host host;

static const struct fake_device nic = { "0000:05:00.0", 0x0200, 14, "e1000e",
					"e1000e" };
static const struct fake_device sibling = { "0000:05:00.1", 0x0200, 14,
					    "e1000e", "vfio-pci" };
static const struct fake_device bridge = { "0000:00:1c.0", 0x0604, 14,
					   "pcieport", "pcieport" };
static const struct fake_device disk = { "0000:01:00.0", 0x0108, -1, "nvme",
					 NULL };
static const struct fake_device far = { "10000:01:00.0", 0x0108, 3, "nvme",
					NULL };

static int setup(void **state)
{
	(void)state;
	fake_host_init(&host);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_host_release(&host);
	return 0;
}

static struct vfio_xen_device *get(const char *sbdf)
{
	struct vfio_xen_device *dev;

	dev = vfio_xen_device_get_by_sbdf(host.ctx, make_sbdf(sbdf));
	assert_non_null(dev);
	return dev;
}

static void no_devices(void **state)
{
	(void)state;
	assert_int_equal(vfio_xen_scan(host.ctx), 0);
	assert_null(vfio_xen_device_get_first(host.ctx));
	assert_null(vfio_xen_group_get_first(host.ctx));
}

static void no_pci(void **state)
{
	const struct vfio_xen_problem *problem;

	(void)state;
	assert_int_equal(vfio_xen_set_root(host.ctx, "/nonexistent"), 0);
	assert_int_equal(vfio_xen_scan(host.ctx), -ENODEV);
	problem = vfio_xen_get_problem(host.ctx);
	assert_int_equal(vfio_xen_problem_get_kind(problem),
			 VFIO_XEN_PROBLEM_SCAN);
}

/* libpci would end the process here. */
static void a_device_that_vanishes(void **state)
{
	(void)state;
	fake_device(&host, &nic);
	fake_dir(&host, "/sys/bus/pci/devices/0000:07:00.0");
	assert_int_equal(vfio_xen_scan(host.ctx), -EIO);
	assert_null(vfio_xen_device_get_first(host.ctx));
}

static void reads_and_sorts(void **state)
{
	const char *order[] = { "0000:00:1c.0", "0000:01:00.0", "0000:05:00.0",
				"0000:05:00.1" };
	struct vfio_xen_device *dev;
	size_t i = 0;

	(void)state;
	fake_device(&host, &nic);
	fake_device(&host, &disk);
	fake_device(&host, &sibling);
	fake_device(&host, &bridge);
	fake_device(&host, &far);
	assert_int_equal(vfio_xen_scan(host.ctx), 0);
	vfio_xen_device_foreach(host.ctx, dev) {
		assert_in_range(i, 0, 3);
		assert_string_equal(vfio_xen_device_get_address(dev),
				    order[i++]);
	}
	assert_int_equal(i, 4);
	assert_string_equal(vfio_xen_device_get_driver(get("5:0.0")), "e1000e");
	assert_null(vfio_xen_device_get_driver(get("1:0.0")));
	assert_null(vfio_xen_device_get_group(get("1:0.0")));
	assert_true(vfio_xen_device_is_bridge(get("0:1c.0")));
	assert_false(vfio_xen_device_is_bridge(get("5:0.0")));
	assert_int_equal(vfio_xen_device_get_owner(get("5:0.0")),
			 VFIO_XEN_OWNER_UNKNOWN);
}

static void owners_come_from_xen_iommu(void **state)
{
	(void)state;
	fake_device(&host, &nic);
	fake_file(&host, "", "/sys/kernel/debug/vfio-xen-iommu/stats");
	fake_file(&host, "", "/sys/kernel/debug/vfio-xen-iommu/shells");
	fake_file(&host, "0000:05:00.0 owner=shell domid=7\n",
		  "/sys/kernel/debug/vfio-xen-iommu/devices");
	assert_int_equal(vfio_xen_scan(host.ctx), 0);
	assert_int_equal(vfio_xen_device_get_owner(get("5:0.0")),
			 VFIO_XEN_OWNER_SHELL);
	assert_int_equal(vfio_xen_device_get_owner_domid(get("5:0.0")), 7);
}

static enum vfio_xen_group_state state_of_group(void)
{
	const struct vfio_xen_group *group;

	assert_int_equal(vfio_xen_scan(host.ctx), 0);
	group = vfio_xen_group_get_by_number(host.ctx, 14);
	assert_non_null(group);
	return vfio_xen_group_get_state(group);
}

static void group_states(void **state)
{
	struct fake_device idle = nic;

	(void)state;
	idle.sbdf = "0000:05:00.2";
	idle.driver = NULL;
	fake_device(&host, &bridge);
	fake_device(&host, &idle);
	assert_int_equal(state_of_group(), VFIO_XEN_GROUP_FREE);
	fake_device(&host, &sibling);
	assert_int_equal(state_of_group(), VFIO_XEN_GROUP_VFIO);
	fake_device(&host, &nic);
	assert_int_equal(state_of_group(), VFIO_XEN_GROUP_MIXED);
}

static void drivers_that_leave_dma_alone(void **state)
{
	struct fake_device stub = sibling, variant = sibling;

	(void)state;
	stub.sbdf = "0000:05:00.2";
	stub.driver = "pci-stub";
	variant.sbdf = "0000:05:00.3";
	variant.driver = "moon-pci";
	fake_device(&host, &stub);
	assert_int_equal(state_of_group(), VFIO_XEN_GROUP_FREE);
	fake_device(&host, &sibling);
	assert_int_equal(state_of_group(), VFIO_XEN_GROUP_VFIO);
	fake_device(&host, &variant);
	assert_int_equal(state_of_group(), VFIO_XEN_GROUP_MIXED);
	/* It is VFIO's if it has registered the device there. */
	fake_dir(&host, "/sys/bus/pci/devices/0000:05:00.3/vfio-dev/vfio0");
	assert_int_equal(state_of_group(), VFIO_XEN_GROUP_VFIO);
}

static void group_members(void **state)
{
	const struct vfio_xen_group *group;
	struct vfio_xen_device *dev;
	int nr = 0;

	(void)state;
	fake_device(&host, &nic);
	fake_device(&host, &disk);
	fake_device(&host, &sibling);
	assert_int_equal(vfio_xen_scan(host.ctx), 0);
	group = vfio_xen_group_get_first(host.ctx);
	assert_non_null(group);
	assert_int_equal(vfio_xen_group_get_number(group), 14);
	vfio_xen_group_device_foreach(group, dev)
		nr++;
	assert_int_equal(nr, 2);
	assert_null(vfio_xen_group_get_next(group));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_devices),
		TEST(no_pci),
		TEST(a_device_that_vanishes),
		TEST(reads_and_sorts),
		TEST(owners_come_from_xen_iommu),
		TEST(group_states),
		TEST(drivers_that_leave_dma_alone),
		TEST(group_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
