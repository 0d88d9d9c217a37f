// SPDX-License-Identifier: GPL-2.0-only
/*
 * What udev's rule does with persistent devices.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake-cards.h"

#define A "0000:05:00.0"
#define B "0000:06:00.0"
#define MODEL "Driver=vfio-pci\nId=8086:10d3\n"

static struct fake_host host;
static char said[4096];
static int nr_said;

static void hear(void *data, const char *line)
{
	size_t len = strlen(said);

	(void)data;
	snprintf(said + len, sizeof(said) - len, "%s\n", line);
	nr_said++;
}

static void boot(const char *address)
{
	*said = '\0';
	nr_said = 0;
	vfio_xen_boot(host.ctx, address, hear, NULL);
}

static void assert_said(const char *text)
{
	if (!strstr(said, text))
		fail_msg("\"%s\" is not in: %s", text, said);
	assert_int_equal(nr_said, 1);
}

static void add_card(const char *sbdf, const char *port, int group,
		     const char *driver)
{
	struct fake_card card = {
		.sbdf = sbdf,
		.port = port,
		.id = "10d3",
		.group = group,
		.native = driver,
		.driver = driver,
	};

	fake_card(&host, &card);
}

static int setup(void **state)
{
	(void)state;
	fake_host_init(&host);
	/* dom0, as Xen 4.20's has it */
	fake_file(&host, "000000000002ceff\n",
		  "/sys/hypervisor/properties/features");
	fake_file(&host, "root=/dev/sda1 quiet\n", "/proc/cmdline");
	fake_dir(&host, "/sys/module/vfio_xen_iommu");
	add_card(A, "1c.0", 5, NULL);
	add_card(B, "1c.4", 6, NULL);
	fake_config(&host, "a.conf", "[Device]\nAddress=" A "\n" MODEL);
	fake_config(&host, "b.conf", "[Device]\nAddress=" B "\n" MODEL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_host_release(&host);
	return 0;
}

/* Whichever device's event comes first: a host driver would take both. */
static void the_first_event_binds_all(void **state)
{
	(void)state;
	boot("0000:00:1f.2");
	assert_string_equal(said, "");
	assert_driver(&host, A, "vfio-pci");
	assert_driver(&host, B, "vfio-pci");
	assert_override(&host, A, "vfio-pci");
	/* No driver has had them, so unbind lets the kernel choose. */
	assert_false(fake_exists(&host, "/run/vfio-xen/devices/" A));
}

static void later_events_are_for_their_device(void **state)
{
	uint32_t sbdfs[] = { make_sbdf(A), make_sbdf(B) };

	(void)state;
	boot(A);
	assert_int_equal(vfio_xen_unbind(host.ctx, sbdfs, 2, 0), 0);
	boot(B);
	assert_driver(&host, A, NULL);
	assert_driver(&host, B, "vfio-pci");
	boot(B);
	assert_string_equal(said, "");
}

static void nothing_is_done_but_in_dom0(void **state)
{
	(void)state;
	fake_file(&host, "000000000002c6ff\n",
		  "/sys/hypervisor/properties/features");
	boot(A);
	fake_file(&host, "000000000002ceff\n",
		  "/sys/hypervisor/properties/features");
	fake_file(&host, "vfio_xen=off\n", "/proc/cmdline");
	boot(A);
	assert_int_equal(nr_said, 0);
	assert_driver(&host, A, NULL);
	assert_false(fake_exists(&host, "/run/vfio-xen/boot"));
}

static void the_way_out(void **state)
{
	(void)state;
	fake_file(&host, "quiet vfio_xen.devices=off\n", "/proc/cmdline");
	boot(A);
	assert_said("vfio_xen.devices=off: persistent devices stay");
	assert_driver(&host, A, NULL);
	boot(B);
	assert_string_equal(said, "");
}

/* As at boot with a kernel that has no module: one line, however many devices. */
static void no_module(void **state)
{
	char path[FAKE_PATH_SIZE];

	(void)state;
	snprintf(path, sizeof(path), "%s/sys/module/vfio_xen_iommu", host.root);
	assert_int_equal(remove(path), 0);
	boot(A);
	assert_said("cannot load vfio-xen-iommu: this kernel has no such "
		    "module");
	assert_driver(&host, A, NULL);
	boot(B);
	assert_string_equal(said, "");
}

static void what_fails_is_said_once(void **state)
{
	(void)state;
	fake_config(&host, "b.conf", "[Device]\nColour=red\n");
	boot(A);
	assert_said("b.conf:2: unknown key \"Colour\"");
	assert_driver(&host, A, "vfio-pci");
	boot(B);
	assert_string_equal(said, "");
}

static void one_that_fails_is_left_out(void **state)
{
	(void)state;
	fake_config(&host, "a.conf",
		    "[Device]\nAddress=" A "\nDriver=vfio-none\n"
		    "Id=8086:10d3\n");
	boot(A);
	assert_said("a.conf: no PCI driver vfio-none");
	assert_driver(&host, B, "vfio-pci");
	boot(A);
	assert_string_equal(said, "");
}

static void another_card_is_left_alone(void **state)
{
	(void)state;
	fake_config(&host, "a.conf",
		    "[Device]\nAddress=" A "\nDriver=vfio-pci\nId=8086:1533\n");
	boot(A);
	assert_said("a.conf:2: the device of " A " is not there; another");
	assert_driver(&host, A, NULL);
	assert_driver(&host, B, "vfio-pci");
}

/* Plugged in while its driver is loaded: the kernel has bound it by now. */
static void a_host_driver_lets_go(void **state)
{
	static const char mounts[] = "20 1 0:5 / / rw - ext4 /dev/nvme0n1 rw\n";

	(void)state;
	fake_card_remove(&host, A);
	boot(B);
	assert_said("a.conf:2: the device of " A " is not there");
	add_card(A, "1c.0", 5, "nvme");
	fake_link(&host, "../../devices/pci0000:00/" A "/nvme/nvme0n1",
		  "/sys/class/block/nvme0n1");
	fake_dir(&host, "/sys/devices/pci0000:00/" A "/nvme/nvme0n1");
	fake_file(&host, mounts, "/proc/self/mountinfo");
	boot(A);
	assert_said(A " is in use: nvme0n1 is mounted");
	assert_driver(&host, A, "nvme");
	fake_file(&host, "", "/proc/self/mountinfo");
	boot(A);
	assert_driver(&host, A, "vfio-pci");
	/* What it had is known to unbind. */
	assert_true(fake_exists(&host, "/run/vfio-xen/devices/" A));
}

/* Neither could be bound while the other has its host driver. */
static void a_group_goes_together(void **state)
{
	(void)state;
	fake_card_remove(&host, A);
	fake_card_remove(&host, B);
	add_card(A, "1c.0", 5, "e1000e");
	add_card(B, "1c.4", 5, "e1000e");
	boot(A);
	assert_string_equal(said, "");
	assert_driver(&host, A, "vfio-pci");
	assert_driver(&host, B, "vfio-pci");
}

/* check --fix does the same, and tells each time. */
static void when_a_user_asks(void **state)
{
	(void)state;
	fake_config(&host, "a.conf", "[Device]\nColour=red\n");
	for (int i = 0; i < 2; i++) {
		*said = '\0';
		nr_said = 0;
		assert_int_equal(vfio_xen_bind_persistent(host.ctx, hear, NULL),
				 0);
		assert_said("a.conf:2: unknown key");
	}
	assert_driver(&host, B, "vfio-pci");
}

/* Who can open it can lock it, and each call would wait in vain. */
static void the_lock_is_root_s(void **state)
{
	char path[FAKE_PATH_SIZE];
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "%s/run/vfio-xen/boot", host.root);
	boot(A);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* as an earlier version has left it */
	assert_int_equal(chmod(path, 0644), 0);
	boot(A);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

/* ---- virtual functions ---- */

static int make_vfs(struct fake_host *on, const char *sbdf, const char *file,
		    const char *value)
{
	fake_file(on, value, "/sys/devices/pci0000:00/%s/%s", sbdf, file);
	if (strcmp(file, "sriov_numvfs"))
		return 0;
	for (int i = 0; i < atoi(value); i++) {
		char vf[32];

		snprintf(vf, sizeof(vf), "0000:05:10.%d", i);
		add_card(vf, "1c.0", 20 + i, NULL);
		snprintf(vf, sizeof(vf), "../0000:05:10.%d", i);
		fake_link(on, vf, "/sys/devices/pci0000:00/%s/virtfn%d", sbdf,
			  i);
	}
	return 0;
}

static void set_driver(const char *sbdf, const char *driver)
{
	char path[FAKE_PATH_SIZE], target[64];

	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/driver",
		 host.root, sbdf);
	assert_int_equal(unlink(path), 0);
	if (!driver)
		return;
	snprintf(target, sizeof(target), "../../../bus/pci/drivers/%s", driver);
	fake_link(&host, target, "/sys/devices/pci0000:00/%s/driver", sbdf);
}

/* Once a driver that makes them is there: udev calls for that, too. */
static void virtual_functions(void **state)
{
	(void)state;
	host.set_vfs = make_vfs;
	fake_driver(&host, "vfio-xen-pci");
	fake_config(&host, "a.conf",
		    "[Device]\nName=nic0\nAddress=" A
		    "\nDriver=host\nId=8086:10d3\nVFs=2\n");
	fake_file(&host, "8\n", "/sys/devices/pci0000:00/" A "/sriov_totalvfs");
	fake_file(&host, "0\n", "/sys/devices/pci0000:00/" A "/sriov_numvfs");
	boot(A);
	assert_string_equal(said, "");
	assert_false(fake_exists(&host, "/sys/bus/pci/devices/0000:05:10.0"));
	fake_driver(&host, "igb");
	fake_link(&host, "../../../bus/pci/drivers/igb",
		  "/sys/devices/pci0000:00/" A "/driver");
	boot(B);
	assert_false(fake_exists(&host, "/sys/bus/pci/devices/0000:05:10.0"));
	boot(A);
	assert_string_equal(said, "");
	assert_driver(&host, A, "igb");
	assert_driver(&host, "0000:05:10.0", "vfio-xen-pci");
	assert_driver(&host, "0000:05:10.1", "vfio-xen-pci");
	/* A call that was ended before it had bound all is made up for. */
	set_driver("0000:05:10.1", NULL);
	boot(A);
	assert_driver(&host, "0000:05:10.1", "vfio-xen-pci");
	/* Somebody has given one to another driver, or back to none. */
	set_driver("0000:05:10.0", "igb");
	set_driver("0000:05:10.1", NULL);
	boot(A);
	assert_driver(&host, "0000:05:10.0", "igb");
	assert_driver(&host, "0000:05:10.1", NULL);
	/* Those that are there are left as they are. */
	fake_file(&host, "1\n", "/sys/devices/pci0000:00/" A "/sriov_numvfs");
	boot(A);
	assert_string_equal(said, "");
}

/* unbind gives a device back to a driver that could make functions. */
static void what_got_its_driver_keeps_it(void **state)
{
	(void)state;
	fake_card_remove(&host, A);
	add_card(A, "1c.0", 5, "igb");
	fake_file(&host, "8\n", "/sys/devices/pci0000:00/" A "/sriov_totalvfs");
	fake_file(&host, "0\n", "/sys/devices/pci0000:00/" A "/sriov_numvfs");
	*said = '\0';
	vfio_xen_boot_vfs(host.ctx, A, hear, NULL);
	assert_string_equal(said, "");
	assert_driver(&host, A, "igb");
	assert_driver(&host, B, NULL);
	/* The first event of a device that appears still binds all. */
	boot("0000:00:1f.2");
	assert_driver(&host, A, "vfio-pci");
	assert_driver(&host, B, "vfio-pci");
}

static void its_functions_are_made(void **state)
{
	(void)state;
	host.set_vfs = make_vfs;
	fake_driver(&host, "vfio-xen-pci");
	fake_config(&host, "a.conf",
		    "[Device]\nAddress=" A
		    "\nDriver=host\nId=8086:10d3\nVFs=1\n");
	fake_card_remove(&host, A);
	add_card(A, "1c.0", 5, "igb");
	fake_file(&host, "8\n", "/sys/devices/pci0000:00/" A "/sriov_totalvfs");
	fake_file(&host, "0\n", "/sys/devices/pci0000:00/" A "/sriov_numvfs");
	vfio_xen_boot_vfs(host.ctx, B, hear, NULL);
	assert_false(fake_exists(&host, "/sys/bus/pci/devices/0000:05:10.0"));
	vfio_xen_boot_vfs(host.ctx, A, hear, NULL);
	assert_driver(&host, A, "igb");
	assert_driver(&host, "0000:05:10.0", "vfio-xen-pci");
}

/* A card makes functions, and the next one in its group is bound all the same. */
static void a_group_with_both(void **state)
{
	(void)state;
	host.set_vfs = make_vfs;
	fake_driver(&host, "vfio-xen-pci");
	fake_card_remove(&host, A);
	fake_card_remove(&host, B);
	add_card(A, "1c.0", 5, "igb");
	add_card(B, "1c.4", 5, NULL);
	fake_file(&host, "8\n", "/sys/devices/pci0000:00/" A "/sriov_totalvfs");
	fake_file(&host, "0\n", "/sys/devices/pci0000:00/" A "/sriov_numvfs");
	fake_config(&host, "a.conf",
		    "[Device]\nAddress=" A
		    "\nDriver=host\nId=8086:10d3\nVFs=1\n");
	fake_config(&host, "b.conf",
		    "[Device]\nAddress=" B
		    "\nDriver=vfio-xen-pci\nId=8086:10d3\n");
	boot("0000:00:1f.2");
	assert_driver(&host, "0000:05:10.0", "vfio-xen-pci");
	/* The group has a host driver: it fails, and is reported. */
	assert_said("b.conf: ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_event_binds_all),
		TEST(later_events_are_for_their_device),
		TEST(nothing_is_done_but_in_dom0),
		TEST(the_way_out),
		TEST(no_module),
		TEST(what_fails_is_said_once),
		TEST(one_that_fails_is_left_out),
		TEST(another_card_is_left_alone),
		TEST(a_host_driver_lets_go),
		TEST(a_group_goes_together),
		TEST(when_a_user_asks),
		TEST(the_lock_is_root_s),
		TEST(virtual_functions),
		TEST(what_got_its_driver_keeps_it),
		TEST(its_functions_are_made),
		TEST(a_group_with_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
