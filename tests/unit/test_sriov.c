// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfs: virtual functions that no host driver meets, all of them or none.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "run-ctl.h"

#define PF "0000:05:00.0"
#define VF0 "0000:05:10.0"
#define VF1 "0000:05:10.1"
#define DEVICES "/sys/bus/pci/devices"
#define REMEMBERED "/etc/vfio-xen/devices.d/" PF ".conf"
#define PF_DIR DEVICES "/" PF

static struct fake_host host;
static int nr_vfs;
static bool asks_drivers; /* sriov_drivers_autoprobe */
static bool was_met; /* a host driver was free to take one */
static int signal_at_once; /* arrives while functions are made */
static int nr_signals;
static bool had_finished;
static int refused_nr; /* the number that the driver fails for */
static int refusal;
static int nr_updates, update_status; /* of the initramfs */
static char numbers[64]; /* all that were written */

/* ---- a kernel with a driver for the physical function ---- */

static void format_vf(char address[VFIO_XEN_SBDF_SIZE], int index)
{
	vfio_xen_sbdf_format(make_sbdf(VF0) + (uint32_t)index, address);
}

static void remove_path(const char *dir, const char *file)
{
	char path[FAKE_PATH_SIZE];

	snprintf(path, sizeof(path), "%s%s/%s", host.root, dir, file);
	assert_int_equal(unlink(path), 0);
}

static void remove_vfs(void)
{
	while (nr_vfs) {
		char address[VFIO_XEN_SBDF_SIZE], file[32];

		format_vf(address, --nr_vfs);
		snprintf(file, sizeof(file), "virtfn%d", nr_vfs);
		remove_path(PF_DIR, file);
		/* A new one has no driver, whatever this one had. */
		snprintf(file, sizeof(file), "%s/driver", address);
		if (fake_exists(&host, DEVICES "/%s", file))
			remove_path(DEVICES, file);
		snprintf(file, sizeof(file), "%s/iommu_group", address);
		remove_path(DEVICES, file);
		remove_path(DEVICES, address);
	}
}

static void add_vfs(int nr)
{
	for (nr_vfs = 0; nr_vfs < nr; nr_vfs++) {
		char address[VFIO_XEN_SBDF_SIZE], target[32];
		struct fake_device vf = { address, 0x0200, 20 + nr_vfs, NULL,
					  NULL };

		format_vf(address, nr_vfs);
		fake_device(&host, &vf);
		snprintf(target, sizeof(target), "../%s", address);
		fake_link(&host, target, PF_DIR "/virtfn%d", nr_vfs);
	}
}

/* As soon as drivers are asked again, one that udev has loaded takes what is free. */
static void ask_drivers(bool ask)
{
	asks_drivers = ask;
	for (int i = 0; ask && i < nr_vfs; i++) {
		char address[VFIO_XEN_SBDF_SIZE];

		format_vf(address, i);
		if (!fake_exists(&host, DEVICES "/%s/driver", address))
			was_met = true;
	}
}

static int write_sriov(struct fake_host *on, const char *sbdf, const char *file,
		       const char *value)
{
	int nr = atoi(value);

	(void)on;
	assert_string_equal(sbdf, PF);
	if (!strcmp(file, "sriov_drivers_autoprobe")) {
		ask_drivers(nr);
		return 0;
	}
	assert_string_equal(file, "sriov_numvfs");
	strncat(numbers, value, sizeof(numbers) - strlen(numbers) - 2);
	strcat(numbers, " ");
	if (nr && signal_at_once)
		raise(signal_at_once);
	if (nr && nr == refused_nr)
		return refusal;
	if (nr && nr_vfs)
		return -EBUSY;
	if (nr && asks_drivers)
		was_met = true;
	remove_vfs();
	add_vfs(nr);
	fake_file(&host, value, PF_DIR "/sriov_numvfs");
	return 0;
}

static int setup(void **state)
{
	static const struct fake_device pf = { PF, 0x0200, 14, "igb", "igb" };

	(void)state;
	fake_host_init(&host);
	fake_device(&host, &pf);
	fake_driver(&host, "vfio-xen-pci");
	fake_file(&host, "8\n", PF_DIR "/sriov_totalvfs");
	fake_file(&host, "0\n", PF_DIR "/sriov_numvfs");
	fake_file(&host, "1\n", PF_DIR "/sriov_drivers_autoprobe");
	host.set_vfs = write_sriov;
	nr_vfs = 0;
	asks_drivers = true;
	was_met = false;
	refused_nr = 0;
	nr_updates = update_status = 0;
	*numbers = '\0';
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_host_release(&host);
	discard_output();
	return 0;
}

/* It fails, says this, and there are as many as before. */
static void assert_refused(const char *line, const char *words)
{
	int before = nr_vfs;

	assert_int_equal(run_ctl(&host, line), EXIT_FAILED);
	assert_says(err, words);
	assert_int_equal(nr_vfs, before);
	assert_true(asks_drivers);
	assert_false(was_met);
}

/* ---- tests ---- */

static void they_are_made_and_bound(void **state)
{
	(void)state;
	assert_int_equal(run_ctl(&host, "vfs " PF " 2"), EXIT_OK);
	assert_string_equal(out, VF0 "\n" VF1 "\n");
	assert_driver(&host, VF0, "vfio-xen-pci");
	assert_driver(&host, VF1, "vfio-xen-pci");
	assert_driver(&host, PF, "igb");
	assert_true(asks_drivers);
	assert_int_equal(run_ctl(&host, "vfs --json " PF), EXIT_OK);
	assert_says(out, "\"" VF1 "\"");
	assert_int_equal(run_ctl(&host, "vfs " PF " 0"), EXIT_OK);
	assert_string_equal(numbers, "2 0 ");
	assert_string_equal(out, "");
}

/* udev loads a driver for a new function at once. */
static void no_host_driver_meets_them(void **state)
{
	(void)state;
	assert_int_equal(run_ctl(&host, "vfs " PF " 2"), EXIT_OK);
	assert_false(was_met);
	assert_int_equal(run_ctl(&host, "vfs " PF " 4"), EXIT_OK);
	assert_false(was_met);
}

static void another_number(void **state)
{
	(void)state;
	assert_int_equal(run_ctl(&host, "vfs " PF " 2"), EXIT_OK);
	assert_int_equal(run_ctl(&host, "vfs " PF " 2"), EXIT_OK);
	assert_int_equal(run_ctl(&host, "vfs --driver vfio-pci " PF " 4"),
			 EXIT_OK);
	assert_string_equal(numbers, "2 0 4 ");
	assert_driver(&host, "0000:05:10.3", "vfio-pci");
}

/* Whoever has told the kernel not to ask drivers is left with that. */
static void drivers_stay_unasked(void **state)
{
	(void)state;
	fake_file(&host, "0\n", PF_DIR "/sriov_drivers_autoprobe");
	asks_drivers = false;
	assert_int_equal(run_ctl(&host, "vfs " PF " 2"), EXIT_OK);
	assert_false(asks_drivers);
	assert_driver(&host, VF1, "vfio-xen-pci");
}

static void what_cannot_be(void **state)
{
	static const struct fake_device plain = { "0000:06:00.0", 0x0200, 15,
						  NULL, NULL };

	(void)state;
	fake_device(&host, &plain);
	assert_refused("vfs 0000:06:00.0 1", "it does not support SR-IOV");
	assert_refused("vfs 0000:07:00.0 1", "0000:07:00.0");
	assert_refused("vfs " PF " 9", "8 virtual functions at most");
	assert_refused("vfs --driver nodriver " PF " 2", "nodriver");
	assert_string_equal(numbers, "");
	assert_int_equal(run_ctl(&host, "vfs " PF " 2x"), EXIT_USAGE);
	assert_int_equal(run_ctl(&host, "vfs " PF " -1"), EXIT_USAGE);
	assert_int_equal(run_ctl(&host, "vfs " PF " 65536"), EXIT_USAGE);
}

static void the_driver_makes_none(void **state)
{
	(void)state;
	refused_nr = 2;
	refusal = -ENOENT;
	assert_refused("vfs " PF " 2", "igb");
	remove_path(PF_DIR, "driver");
	assert_refused("vfs " PF " 2", "has no driver");
}

static void a_dry_run_changes_nothing(void **state)
{
	(void)state;
	assert_int_equal(run_ctl(&host, "vfs --dry-run " PF " 2"), EXIT_OK);
	assert_int_equal(host.nr_writes, 0);
}

static void a_guests_one_stays(void **state)
{
	(void)state;
	assert_int_equal(run_ctl(&host, "vfs " PF " 2"), EXIT_OK);
	fake_file(&host, "", "/sys/kernel/debug/vfio-xen-iommu/stats");
	fake_file(&host, "", "/sys/kernel/debug/vfio-xen-iommu/shells");
	fake_file(&host, VF1 " owner=guest domid=3\n",
		  "/sys/kernel/debug/vfio-xen-iommu/devices");
	assert_refused("vfs " PF " 0", VF1);
	assert_refused("vfs " PF " 4", VF1);
	assert_driver(&host, VF0, "vfio-xen-pci");
}

/* ---- what fails halfway ---- */

static void the_former_number_is_back(void **state)
{
	(void)state;
	assert_int_equal(run_ctl(&host, "vfs " PF " 2"), EXIT_OK);
	refused_nr = 4;
	refusal = -ENOMEM;
	assert_int_equal(run_ctl(&host, "vfs " PF " 4"), EXIT_FAILED);
	assert_says(err, "sriov_numvfs");
	assert_string_equal(numbers, "2 0 4 2 ");
	assert_int_equal(nr_vfs, 2);
	assert_true(asks_drivers);
}

static void what_cannot_be_bound_is_removed(void **state)
{
	(void)state;
	host.refuses = "vfio-xen-pci";
	assert_refused("vfs " PF " 2", VF0);
	assert_string_equal(numbers, "2 0 ");
}

static void what_cannot_be_remembered_is_removed(void **state)
{
	(void)state;
	fake_dir(&host, REMEMBERED ".new");
	assert_refused("vfs --persistent " PF " 2", REMEMBERED);
	assert_string_equal(numbers, "2 0 ");
}

/* Functions that are there are not lost before. */
static void what_cannot_be_remembered_is_not_tried(void **state)
{
	(void)state;
	assert_int_equal(run_ctl(&host, "vfs " PF " 2"), EXIT_OK);
	fake_file(&host, "", "/etc/vfio-xen");
	assert_refused("vfs --persistent " PF " 4", "/etc/vfio-xen");
	assert_refused("vfs --persistent " PF " 0", "/etc/vfio-xen");
	remove_path("/etc", "vfio-xen");
	/* of another device */
	fake_file(&host, "[Device]\nColour=red\n", REMEMBERED);
	assert_refused("vfs --persistent " PF " 4", REMEMBERED);
	assert_string_equal(numbers, "2 ");
}

static void boot_has_one_driver_for_them(void **state)
{
	(void)state;
	fake_dir(&host, "/etc");
	assert_int_equal(run_ctl(&host,
				 "vfs --persistent --driver vfio-pci " PF " 2"),
			 EXIT_USAGE);
	assert_says(err, "bound to vfio-xen-pci");
	assert_string_equal(numbers, "");
	assert_int_equal(run_ctl(&host, "vfs --persistent --driver "
					"vfio-xen-pci " PF " 2"),
			 EXIT_OK);
}

static void it_is_remembered(void **state)
{
	(void)state;
	fake_dir(&host, "/etc");
	assert_int_equal(run_ctl(&host, "vfs --persistent " PF " 2"), EXIT_OK);
	assert_true(fake_exists(&host, REMEMBERED));
	assert_int_equal(run_ctl(&host, "vfs --persistent " PF " 0"), EXIT_OK);
	assert_false(fake_exists(&host, REMEMBERED));
}

static int run_update(struct fake_host *on, const char *line)
{
	(void)on;
	assert_string_equal(line, "update-initramfs -u -k all");
	nr_updates++;
	return update_status;
}

/* It has a copy of the file, and would make the former number at boot. */
static void the_initramfs_knows_it(void **state)
{
	(void)state;
	fake_dir(&host, "/etc");
	fake_file(&host, "", "/usr/sbin/update-initramfs");
	host.run = run_update;
	assert_int_equal(run_ctl(&host, "vfs " PF " 1"), EXIT_OK);
	assert_int_equal(run_ctl(&host, "vfs --persistent " PF " 0"), EXIT_OK);
	assert_int_equal(nr_updates, 0);
	assert_int_equal(run_ctl(&host, "vfs --persistent " PF " 2"), EXIT_OK);
	assert_int_equal(nr_updates, 1);
	assert_int_equal(run_ctl(&host, "vfs --persistent --dry-run " PF " 0"),
			 EXIT_OK);
	assert_says(out, "would run update-initramfs");
	assert_int_equal(run_ctl(&host,
				 "vfs --persistent --no-initramfs " PF " 4"),
			 EXIT_OK);
	assert_says(err, "run update-initramfs -u -k all before");
	assert_int_equal(nr_updates, 1);
	update_status = 1;
	assert_int_equal(run_ctl(&host, "vfs --persistent " PF " 0"),
			 EXIT_FAILED);
	assert_says(err, "set and remembered, but the initramfs");
	assert_int_equal(nr_updates, 2);
	assert_int_equal(nr_vfs, 0);
}

static void note_signal(int number)
{
	(void)number;
	nr_signals++;
	had_finished = asks_drivers && !was_met;
}

/* What ends the process comes after the change: the kernel asks drivers again. */
static void a_signal_waits(void **state)
{
	static const int numbers_of[] = { SIGINT, SIGTERM, SIGHUP };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers_of); i++) {
		nr_signals = 0;
		signal_at_once = numbers_of[i];
		signal(numbers_of[i], note_signal);
		assert_int_equal(run_ctl(&host, "vfs " PF " 2"), EXIT_OK);
		signal(numbers_of[i], SIG_DFL);
		assert_int_equal(nr_signals, 1);
		assert_true(had_finished);
		assert_driver(&host, VF1, "vfio-xen-pci");
		signal_at_once = 0;
		assert_int_equal(run_ctl(&host, "vfs " PF " 0"), EXIT_OK);
	}
}

static void abandon(int number)
{
	(void)number;
	nr_signals++;
	fake_file(&host, "0\n", PF_DIR "/sriov_drivers_autoprobe");
	vfio_xen_abandon();
}

/* An alarm cannot wait: what hangs may hang for good. */
static void an_alarm_restores_probing(void **state)
{
	char path[FAKE_PATH_SIZE];
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s" PF_DIR "/sriov_drivers_autoprobe",
		 host.root);
	nr_signals = 0;
	signal_at_once = SIGALRM;
	signal(SIGALRM, abandon);
	assert_int_equal(run_ctl(&host, "vfs " PF " 2"), EXIT_OK);
	signal(SIGALRM, SIG_DFL);
	signal_at_once = 0;
	assert_int_equal(nr_signals, 1);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fgetc(file), '1');
	fclose(file);
	/* There is nothing to restore now. */
	fake_file(&host, "0\n", PF_DIR "/sriov_drivers_autoprobe");
	vfio_xen_abandon();
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fgetc(file), '0');
	fclose(file);
}

/* Each write of sysfs fails once. */
static void a_write_fails(void **state)
{
	int all;

	(void)state;
	assert_int_equal(run_ctl(&host, "vfs " PF " 2"), EXIT_OK);
	all = host.nr_writes;
	assert_true(all > 4);
	/* The last one has nothing to fail: drivers are asked again, or not. */
	for (int at = 1; at < all; at++) {
		host.fail_at = 0;
		assert_int_equal(run_ctl(&host, "vfs " PF " 0"), EXIT_OK);
		host.nr_writes = 0;
		host.fail_at = at;
		assert_int_equal(run_ctl(&host, "vfs " PF " 2"), EXIT_FAILED);
		assert_int_equal(nr_vfs, 0);
		assert_true(asks_drivers);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(they_are_made_and_bound),
		TEST(no_host_driver_meets_them),
		TEST(another_number),
		TEST(drivers_stay_unasked),
		TEST(what_cannot_be),
		TEST(the_driver_makes_none),
		TEST(a_dry_run_changes_nothing),
		TEST(a_guests_one_stays),
		TEST(the_former_number_is_back),
		TEST(what_cannot_be_bound_is_removed),
		TEST(what_cannot_be_remembered_is_removed),
		TEST(what_cannot_be_remembered_is_not_tried),
		TEST(boot_has_one_driver_for_them),
		TEST(it_is_remembered),
		TEST(the_initramfs_knows_it),
		TEST(a_write_fails),
		TEST(a_signal_waits),
		TEST(an_alarm_restores_probing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
