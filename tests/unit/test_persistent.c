// SPDX-License-Identifier: GPL-2.0-only
/*
 * bind --persistent, unbind and names, as the user of vfio-xen-ctl sees them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake-cards.h"
#include "run-ctl.h"

#define A "0000:05:00.0"
#define B "0000:05:00.1"
#define DIR "/etc/vfio-xen/devices.d/"
#define UPDATE "update-initramfs -u -k all"

static struct fake_host host;
static int nr_updates, update_status;
static const char *update; /* the command that is run */

static int run_update(struct fake_host *on, const char *line)
{
	(void)on;
	assert_string_equal(line, update);
	nr_updates++;
	return update_status;
}

/* Two functions of a card, in one group */
static int setup(void **state)
{
	static const struct fake_card cards[] = {
		{ A, "1c.0", "10d3", 0x525400ffff123456, 5, "e1000e",
		  "e1000e" },
		{ B, "1c.0", "10d4", 0, 5, "igb", "igb" },
	};

	(void)state;
	fake_host_init(&host);
	fake_dir(&host, "/etc");
	fake_file(&host, "", "/usr/sbin/update-initramfs");
	for (size_t i = 0; i < ARRAY_SIZE(cards); i++)
		fake_card(&host, &cards[i]);
	host.run = run_update;
	update = UPDATE;
	nr_updates = update_status = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_host_release(&host);
	discard_output();
	return 0;
}

static int run(const char *line)
{
	return run_ctl(&host, line);
}

static const char *read_file(const char *file)
{
	static char found[1024];
	char path[FAKE_PATH_SIZE];
	FILE *in;
	size_t len;

	snprintf(path, sizeof(path), "%s" DIR "%s", host.root, file);
	in = fopen(path, "r");
	assert_non_null(in);
	len = fread(found, 1, sizeof(found) - 1, in);
	found[len] = '\0';
	fclose(in);
	return found;
}

static void assert_file(const char *file, const char *text)
{
	assert_string_equal(read_file(file), text);
}

static bool has_line(const char *file, const char *text)
{
	return strstr(read_file(file), text);
}

static void assert_untouched(void)
{
	assert_driver(&host, A, "e1000e");
	assert_driver(&host, B, "igb");
	assert_override(&host, A, "");
	assert_false(fake_exists(&host, DIR A ".conf"));
	assert_false(fake_exists(&host, DIR "nic0.conf"));
	assert_int_equal(nr_updates, 0);
}

static void there_and_back(void **state)
{
	(void)state;
	assert_int_equal(run("bind --persistent --name nic0 --group 5:0.0"),
			 EXIT_OK);
	assert_driver(&host, A, "vfio-pci");
	assert_driver(&host, B, "vfio-pci");
	assert_file("nic0.conf", "# See vfio-xen-devices(5).\n"
				 "[Device]\n"
				 "Name=nic0\n"
				 "Address=" A "\n"
				 "Driver=vfio-pci\n"
				 "Id=8086:10d3\n"
				 "Subsystem=8086:a01f\n"
				 "Serial=52-54-00-ff-ff-12-34-56\n"
				 "Path=pci0000:00/1c.0/00.0\n"
				 "Unique=yes\n");
	/* The name is for the device that was named. */
	assert_file(B ".conf", "# See vfio-xen-devices(5).\n"
			       "[Device]\n"
			       "Address=" B "\n"
			       "Driver=vfio-pci\n"
			       "Id=8086:10d4\n"
			       "Subsystem=8086:a01f\n"
			       "Path=pci0000:00/1c.0/00.1\n"
			       "Unique=yes\n");
	assert_int_equal(nr_updates, 1);
	assert_int_equal(run("unbind --group nic0"), EXIT_OK);
	assert_int_equal(nr_updates, 2);
	nr_updates = 0;
	assert_untouched();
}

/* A number that is none, or that a card alike has too, does not tell them apart. */
static void serial_numbers_that_tell_nothing(void **state)
{
	static const struct {
		uint64_t serial;
		uint64_t other;
		bool counts;
	} cases[] = {
		{ FAKE_SERIAL_BLANK, 0, false },
		{ UINT64_MAX, 0, false },
		{ 0x525400ffff111111, 0x525400ffff111111, false },
		{ 0x525400ffff111111, 0x525400ffff222222, true },
	};
	struct fake_card first = {
		.sbdf = "0000:06:00.0", .port = "1c.4", .id = "a808", .group = 6
	};
	struct fake_card second = first;

	(void)state;
	second.sbdf = "0000:07:00.0";
	second.port = "1c.5";
	second.group = 7;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		first.serial = cases[i].serial;
		second.serial = cases[i].other;
		fake_card(&host, &first);
		fake_card(&host, &second);
		assert_int_equal(run("bind --persistent --name disk 6:0.0"),
				 EXIT_OK);
		assert_int_equal(has_line("disk.conf", "Serial="),
				 cases[i].counts);
		assert_true(has_line("disk.conf", "Unique=no\n"));
		assert_int_equal(run("unbind disk"), EXIT_OK);
		fake_card_remove(&host, "0000:06:00.0");
		fake_card_remove(&host, "0000:07:00.0");
	}
}

static void unbind_can_keep_it(void **state)
{
	(void)state;
	assert_int_equal(run("bind --persistent --group 5:0.0"), EXIT_OK);
	assert_int_equal(run("unbind --keep --group 5:0.0"), EXIT_OK);
	assert_driver(&host, A, "e1000e");
	assert_true(fake_exists(&host, DIR A ".conf"));
	assert_int_equal(nr_updates, 1);
}

static void what_is_bound_is_remembered(void **state)
{
	int nr_writes;

	(void)state;
	assert_int_equal(run("bind --group 5:0.0"), EXIT_OK);
	nr_writes = host.nr_writes;
	assert_int_equal(run("bind --persistent 5:0.0"), EXIT_OK);
	assert_int_equal(host.nr_writes, nr_writes);
	assert_true(fake_exists(&host, DIR A ".conf"));
	/* A new name replaces the old file, and none keeps the name. */
	assert_int_equal(run("bind --persistent --name nic0 5:0.0"), EXIT_OK);
	assert_false(fake_exists(&host, DIR A ".conf"));
	assert_int_equal(run("bind --persistent 5:0.0"), EXIT_OK);
	assert_true(fake_exists(&host, DIR "nic0.conf"));
	assert_false(fake_exists(&host, DIR A ".conf"));
}

static void rename_dir(const char *from, const char *to)
{
	char old[FAKE_PATH_SIZE], new[FAKE_PATH_SIZE];

	snprintf(old, sizeof(old), "%s%s", host.root, from);
	snprintf(new, sizeof(new), "%s%s", host.root, to);
	assert_int_equal(rename(old, new), 0);
}

static void nothing_is_left_of_a_failure(void **state)
{
	int nr_writes;

	(void)state;
	assert_int_equal(run("bind --persistent --name nic0 5:0.0"),
			 EXIT_FAILED);
	assert_says(err, "use --group");
	assert_untouched();
	host.refuses = "vfio-pci";
	assert_int_equal(run("bind --persistent --name nic0 --group 5:0.0"),
			 EXIT_FAILED);
	assert_untouched();
	host.refuses = NULL;
	/* Where the file can't be written, the devices go back. */
	fake_dir(&host, DIR "nic0.conf.new");
	assert_int_equal(run("bind --persistent --name nic0 --group 5:0.0"),
			 EXIT_FAILED);
	assert_says(err, DIR "nic0.conf");
	assert_untouched();
	/* They are not even taken where no file can be. */
	rename_dir("/etc/vfio-xen", "/etc/was");
	nr_writes = host.nr_writes;
	fake_file(&host, "", "/etc/vfio-xen");
	assert_int_equal(run("bind --persistent --name nic0 --group 5:0.0"),
			 EXIT_FAILED);
	assert_says(err, "/etc/vfio-xen");
	assert_int_equal(host.nr_writes, nr_writes);
	assert_untouched();
}

static void names_that_are_refused(void **state)
{
	static const struct {
		const char *line;
		int code;
		const char *says;
	} cases[] = {
		{ "bind --name nic0 5:0.0", EXIT_USAGE, "--persistent" },
		{ "bind --persistent --name 5:0.0 --group 5:0.0", EXIT_USAGE,
		  "invalid name" },
		{ "bind --persistent --name a/b --group 5:0.0", EXIT_USAGE,
		  "invalid name" },
		{ "bind --persistent --name nic0 5:0.0 5:0.1", EXIT_USAGE,
		  "one device" },
		{ "bind --persistent --name taken --group 5:0.0", EXIT_FAILED,
		  DIR "taken.conf already has that name" },
		{ "bind --persistent --name bad --group 5:0.0", EXIT_FAILED,
		  DIR "bad.conf already has that name" },
		{ "bind --persistent --driver pci-stub --group 5:0.0",
		  EXIT_FAILED, "pci-stub is not a VFIO driver" },
		{ "bind nic1", EXIT_USAGE, "nic1 is neither a PCI address" },
		{ "bind taken", EXIT_FAILED,
		  "is not there; vfio-xen-ctl unbind taken forgets it" },
		{ "unbind --keep taken", EXIT_FAILED, "is not there" },
	};

	(void)state;
	fake_config(&host, "taken.conf",
		    "[Device]\nName=taken\nAddress=0000:09:00.0\n"
		    "Driver=vfio-pci\nId=8086:1533\n");
	fake_config(&host, "bad.conf", "[Device]\nColour=red\n");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(run(cases[i].line), cases[i].code);
		assert_says(err, cases[i].says);
		assert_untouched();
	}
}

/* What is pulled can be forgotten, and the initramfs forgets it, too. */
static void what_is_gone_is_forgotten(void **state)
{
	(void)state;
	fake_config(&host, "gone.conf",
		    "[Device]\nName=gone\nAddress=0000:09:00.0\n"
		    "Driver=vfio-pci\nId=8086:1533\n");
	fake_config(&host, "0000:0a:00.0.conf",
		    "[Device]\nAddress=0000:0a:00.0\n"
		    "Driver=vfio-pci\nId=8086:1533\n");
	/* Another device has its place. */
	fake_config(&host, "other.conf",
		    "[Device]\nName=other\nAddress=" B "\n"
		    "Driver=vfio-pci\nId=8086:1533\n");
	assert_int_equal(run("unbind --dry-run gone"), EXIT_OK);
	assert_says(out, DIR "gone.conf\n");
	assert_says(out, "would run " UPDATE "\n");
	assert_int_equal(run("unbind gone nothing"), EXIT_USAGE);
	assert_true(fake_exists(&host, DIR "gone.conf"));
	assert_int_equal(nr_updates, 0);
	assert_int_equal(run("bind --group 5:0.0"), EXIT_OK);
	assert_int_equal(run("unbind gone 5:0.0 a:0.0"), EXIT_OK);
	assert_driver(&host, A, "e1000e");
	assert_false(fake_exists(&host, DIR "gone.conf"));
	assert_false(fake_exists(&host, DIR "0000:0a:00.0.conf"));
	assert_int_equal(nr_updates, 1);
	/* The address is that of the other device. */
	assert_int_equal(run("unbind 5:0.1"), EXIT_OK);
	assert_driver(&host, B, "igb");
	assert_true(fake_exists(&host, DIR "other.conf"));
	assert_int_equal(run("unbind other"), EXIT_OK);
	assert_false(fake_exists(&host, DIR "other.conf"));
	assert_int_equal(nr_updates, 2);
	assert_int_equal(run("unbind other"), EXIT_USAGE);
}

static void a_dry_run_shows_it(void **state)
{
	(void)state;
	assert_int_equal(
		run("bind --persistent --name nic0 --group --dry-run 5:0.0"),
		EXIT_OK);
	assert_says(out, "/etc/vfio-xen/devices.d/nic0.conf\n");
	assert_says(out, "would run " UPDATE "\n");
	/* Each step once */
	assert_null(strstr(strstr(out, "nic0.conf") + 1, "nic0.conf"));
	assert_untouched();
}

static void the_initramfs(void **state)
{
	(void)state;
	assert_int_equal(run("bind --persistent --no-initramfs --group 5:0.0"),
			 EXIT_OK);
	assert_says(err, "run " UPDATE);
	assert_int_equal(nr_updates, 0);
	/* It fails: the device stays bound, and the user knows what to do. */
	update_status = 1;
	assert_int_equal(run("bind --persistent --group 5:0.0"), EXIT_FAILED);
	assert_says(err, "bound and remembered");
	assert_says(err, "run " UPDATE);
	assert_driver(&host, A, "vfio-pci");
	assert_true(fake_exists(&host, DIR A ".conf"));
	assert_int_equal(run("unbind --group 5:0.0"), EXIT_FAILED);
	assert_says(err, "forgotten");
}

/* One update, however many devices */
static void several_at_once(void **state)
{
	(void)state;
	assert_int_equal(run("bind --persistent 5:0.0 5:0.1"), EXIT_OK);
	assert_true(fake_exists(&host, DIR A ".conf"));
	assert_true(fake_exists(&host, DIR B ".conf"));
	assert_int_equal(nr_updates, 1);
	assert_int_equal(run("unbind 5:0.0 5:0.1"), EXIT_OK);
	assert_int_equal(nr_updates, 2);
}

static void with_dracut(void **state)
{
	char path[FAKE_PATH_SIZE];

	(void)state;
	snprintf(path, sizeof(path), "%s/usr/sbin/update-initramfs", host.root);
	assert_int_equal(remove(path), 0);
	assert_int_equal(run("bind --persistent --group 5:0.0"), EXIT_OK);
	assert_says(err, "neither update-initramfs nor dracut");
	fake_file(&host, "", "/usr/bin/dracut");
	update = "dracut --regenerate-all --force";
	assert_int_equal(run("unbind --no-initramfs --group 5:0.0"), EXIT_OK);
	assert_says(err, "run dracut --regenerate-all --force before");
	assert_int_equal(nr_updates, 0);
	update_status = 1;
	assert_int_equal(run("bind --persistent --group 5:0.0"), EXIT_FAILED);
	assert_says(err, "dracut failed");
	assert_says(err, "run dracut --regenerate-all --force");
	assert_int_equal(nr_updates, 1);
}

static void list_shows_them(void **state)
{
	struct json_object *root, *dev, *entry;

	(void)state;
	assert_int_equal(run("bind --persistent --name nic0 --group 5:0.0"),
			 EXIT_OK);
	assert_int_equal(run("list"), EXIT_OK);
	assert_says(out, "PERSISTENT");
	assert_says(out, " nic0 ");
	assert_says(out, " yes ");
	assert_int_equal(run("list --json nic0"), EXIT_OK);
	root = parse_out();
	dev = json_object_array_get_idx(json_object_object_get(root, "devices"),
					0);
	assert_string_equal(string_of(dev, "device"), A);
	assert_string_equal(string_of(dev, "name"), "nic0");
	entry = json_object_object_get(dev, "persistent");
	assert_string_equal(string_of(entry, "state"), "bound");
	assert_string_equal(string_of(entry, "driver"), "vfio-pci");
	json_object_put(root);
}

/* Virtual functions are called after their device. */
static void virtual_functions(void **state)
{
	(void)state;
	fake_config(&host, "nic0.conf",
		    "[Device]\nName=nic0\nAddress=" A
		    "\nDriver=host\nId=8086:10d3\nVFs=2\n");
	fake_link(&host, "../" B, "/sys/devices/pci0000:00/" A "/virtfn0");
	fake_link(&host, "../" A, "/sys/devices/pci0000:00/" B "/physfn");
	assert_int_equal(run("list --json nic0v0"), EXIT_OK);
	assert_says(out, "\"device\":\"" B "\"");
	assert_says(out, "\"name\":\"nic0v0\"");
	assert_int_equal(run("list nic0v1"), EXIT_USAGE);
	assert_int_equal(run("list nic1v0"), EXIT_USAGE);
	/* unbind is not for what stays with the host. */
	assert_int_equal(run("unbind --group nic0"), EXIT_OK);
	assert_true(fake_exists(&host, DIR "nic0.conf"));
}

/* Two cards of a model in their slots, with these serial numbers */
static void put_cards(uint64_t first_serial, uint64_t second_serial)
{
	struct fake_card card = { .sbdf = "0000:06:00.0",
				  .port = "1c.4",
				  .id = "a808",
				  .serial = first_serial,
				  .group = 6 };

	fake_card(&host, &card);
	card.sbdf = "0000:07:00.0";
	card.port = "1c.5";
	card.serial = second_serial;
	card.group = 7;
	fake_card(&host, &card);
}

static void swap_cards(void)
{
	fake_card_remove(&host, "0000:06:00.0");
	fake_card_remove(&host, "0000:07:00.0");
	put_cards(0x2222, 0x1111);
}

/* One bind is enough: the other file gets its new place, too. */
static void cards_that_swap_slots(void **state)
{
	struct vfio_xen_config *config;

	(void)state;
	put_cards(0x1111, 0x2222);
	assert_int_equal(run("bind --persistent --name a 6:0.0"), EXIT_OK);
	assert_int_equal(run("bind --persistent --name b 7:0.0"), EXIT_OK);
	swap_cards();
	assert_int_equal(run("bind --persistent a"), EXIT_OK);
	assert_true(has_line("a.conf", "Address=0000:07:00.0\n"));
	assert_true(has_line("a.conf", "Path=pci0000:00/1c.5/00.0\n"));
	assert_true(has_line("a.conf", "Serial=00-00-00-00-00-00-11-11\n"));
	assert_true(has_line("b.conf", "Address=0000:06:00.0\n"));
	assert_true(has_line("b.conf", "Path=pci0000:00/1c.4/00.0\n"));
	assert_true(has_line("b.conf", "Serial=00-00-00-00-00-00-22-22\n"));
	assert_int_equal(run("bind --persistent b"), EXIT_OK);
	assert_int_equal(vfio_xen_scan(host.ctx), 0);
	assert_int_equal(vfio_xen_config_new(host.ctx, &config), 0);
	assert_int_equal(vfio_xen_config_get_nr_entries(config), 2);
	assert_int_equal(vfio_xen_config_get_nr_errors(config), 0);
	vfio_xen_config_free(config);
}

/* Files that are named by addresses stay with their devices. */
static void cards_without_names_swap_slots(void **state)
{
	(void)state;
	put_cards(0x1111, 0x2222);
	assert_int_equal(run("bind --persistent 6:0.0 7:0.0"), EXIT_OK);
	swap_cards();
	fake_driver(&host, "vfio-xen-pci");
	assert_int_equal(
		run("bind --persistent --driver vfio-xen-pci 6:0.0 7:0.0"),
		EXIT_OK);
	assert_true(has_line("0000:06:00.0.conf", "Driver=vfio-xen-pci\n"));
	assert_true(has_line("0000:07:00.0.conf", "Driver=vfio-xen-pci\n"));
	assert_true(has_line("0000:06:00.0.conf", "Address=0000:07:00.0\n"));
	assert_true(has_line("0000:06:00.0.conf", "-11-11\n"));
	assert_true(has_line("0000:07:00.0.conf", "Address=0000:06:00.0\n"));
	assert_true(has_line("0000:07:00.0.conf", "-22-22\n"));
	assert_int_equal(run("unbind 6:0.0 7:0.0"), EXIT_OK);
	assert_false(fake_exists(&host, DIR "0000:06:00.0.conf"));
	assert_false(fake_exists(&host, DIR "0000:07:00.0.conf"));
}

/* Bound before its driver was loaded: unbind loads it. */
static void a_driver_that_never_came(void **state)
{
	uint32_t sbdf = make_sbdf("0000:06:00.0");
	static const struct fake_card card = {
		"0000:06:00.0", "1c.4", "1533", 0, 6, NULL, NULL,
	};

	(void)state;
	fake_card(&host, &card);
	fake_file(&host, "igb", "/native/0000:06:00.0");
	fake_file(&host, "pci:v00008086d00001533\n",
		  "/sys/devices/pci0000:00/0000:06:00.0/modalias");
	host.module = "pci:v00008086d00001533";
	host.brings = "igb";
	assert_int_equal(vfio_xen_bind(host.ctx, &sbdf, 1, "vfio-pci",
				       VFIO_XEN_NO_RECORD),
			 0);
	assert_false(fake_exists(&host, "/run/vfio-xen/devices/0000:06:00.0"));
	assert_int_equal(run("unbind 6:0.0"), EXIT_OK);
	assert_driver(&host, "0000:06:00.0", "igb");
	assert_true(fake_exists(&host, "/sys/bus/pci/drivers/igb"));
}

/* Loading the former driver makes it take the device, before unbind asks it to. */
static void a_driver_that_is_faster(void **state)
{
	char path[FAKE_PATH_SIZE];

	(void)state;
	assert_int_equal(run("bind --group 5:0.0"), EXIT_OK);
	snprintf(path, sizeof(path), "%s/sys/bus/pci/drivers/e1000e",
		 host.root);
	assert_int_equal(remove(path), 0);
	host.module = "e1000e";
	host.probes = A;
	assert_int_equal(run("unbind --group 5:0.0"), EXIT_OK);
	assert_untouched();
	assert_false(fake_exists(&host, "/run/vfio-xen/devices/" A));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(there_and_back),
		TEST(serial_numbers_that_tell_nothing),
		TEST(unbind_can_keep_it),
		TEST(what_is_bound_is_remembered),
		TEST(nothing_is_left_of_a_failure),
		TEST(names_that_are_refused),
		TEST(what_is_gone_is_forgotten),
		TEST(a_dry_run_shows_it),
		TEST(the_initramfs),
		TEST(several_at_once),
		TEST(with_dracut),
		TEST(list_shows_them),
		TEST(virtual_functions),
		TEST(cards_that_swap_slots),
		TEST(cards_without_names_swap_slots),
		TEST(a_driver_that_never_came),
		TEST(a_driver_that_is_faster),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
