// SPDX-License-Identifier: GPL-2.0-only
/*
 * Persistent devices: what their files may say, and which device each of them is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake-cards.h"

#define A "0000:05:00.0"
#define B "0000:06:00.0"
#define DIR "/etc/vfio-xen/devices.d/"
#define MODEL "Driver=vfio-pci\nId=8086:10d3\nSubsystem=8086:a01f\n"

static struct fake_host host;
static struct vfio_xen_config *config;

static const struct fake_card card_a = {
	.sbdf = A,
	.port = "1c.0",
	.id = "10d3",
	.group = 5,
};
static const struct fake_card card_b = {
	.sbdf = B,
	.port = "1c.4",
	.id = "10d3",
	.group = 6,
};

static int setup(void **state)
{
	static const struct fake_device bridge = { "0000:00:1c.0", 0x0604, 1,
						   "pcieport", "pcieport" };

	(void)state;
	fake_host_init(&host);
	fake_device(&host, &bridge);
	config = NULL;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vfio_xen_config_free(config);
	fake_host_release(&host);
	return 0;
}

static void load(void)
{
	vfio_xen_config_free(config);
	config = NULL;
	assert_int_equal(vfio_xen_scan(host.ctx), 0);
	assert_int_equal(vfio_xen_config_new(host.ctx, &config), 0);
}

/* The only entry is in this state, and is this device (NULL: none). */
static void assert_found(const char *sbdf, enum vfio_xen_entry_state state)
{
	const struct vfio_xen_device *dev;
	const struct vfio_xen_entry *entry;

	load();
	assert_int_equal(vfio_xen_config_get_nr_errors(config), 0);
	assert_int_equal(vfio_xen_config_get_nr_entries(config), 1);
	entry = vfio_xen_config_get_entry(config, 0);
	dev = vfio_xen_entry_get_device(entry);
	if (sbdf && dev)
		assert_string_equal(vfio_xen_device_get_address(dev), sbdf);
	else
		assert_true(!sbdf && !dev);
	assert_int_equal(vfio_xen_entry_get_state(entry), state);
}

static void assert_error(const char *text)
{
	assert_int_equal(vfio_xen_config_get_nr_errors(config), 1);
	if (!strstr(vfio_xen_config_get_error(config, 0), text))
		fail_msg("\"%s\" is not in: %s", text,
			 vfio_xen_config_get_error(config, 0));
}

/* ---- files ---- */

/* Each mistake has its line, and leaves out its file only. */
static void mistakes(void **state)
{
	static const struct {
		const char *text;
		const char *error;
	} cases[] = {
		{ "[Device]\nAdress=0000:05:00.0\n",
		  "bad.conf:2: unknown key \"Adress\"" },
		{ "[Device]\n\nAddress=nic\n", "bad.conf:3: Address must be" },
		{ "[Device]\nDriver=nvme\n",
		  "bad.conf:2: Driver must be a VFIO" },
		{ "[Device]\nDriver=../vfio\n", "bad.conf:2: Driver must be" },
		{ "[Device]\nId=8086\n", "bad.conf:2: Id must be" },
		{ "[Device]\nId=8086:10d3x\n", "bad.conf:2: Id must be" },
		{ "[Device]\nSubsystem=:\n", "bad.conf:2: Subsystem must be" },
		{ "[Device]\nSerial=12\n", "bad.conf:2: Serial must be" },
		{ "[Device]\nPath=1c.0\n", "bad.conf:2: Path must be" },
		{ "[Device]\nUnique=maybe\n", "bad.conf:2: Unique must be" },
		{ "[Device]\nVFs=-1\n", "bad.conf:2: VFs must be" },
		{ "[Device]\nVFs=65536\n", "bad.conf:2: VFs must be" },
		{ "[Device]\n# a comment\nName=05:00.0\n",
		  "bad.conf:3: Name must be" },
		{ "[Device]\nName=a b\n", "bad.conf:2: Name must be" },
		{ "[Device]\nName=-a\n", "bad.conf:2: Name must be" },
		{ "[Device]\nName=\n", "bad.conf:2: Name must be" },
		{ "[Device]\nName=a\n  b\n", "Name must be" },
		{ "[Device]\nAddress\n", "bad.conf:2: " },
		{ "[Device\n", "bad.conf:1: " },
		{ "[Device]\nAddress=0000:05:00.0\n[Guest]\nName=x\n",
		  "bad.conf:4: unknown section [Guest]" },
		{ "Address=0000:05:00.0\n[Device]\n",
		  "bad.conf:1: the key \"Address\" is before" },
		{ "", "bad.conf:1: " },
		{ "[Device]\nAddress=0000:05:00.0\nDriver=vfio-pci\n",
		  "bad.conf:1: the key Id is missing" },
	};

	(void)state;
	fake_card(&host, &card_a);
	fake_config(&host, "good.conf", "[Device]\nAddress=" A "\n" MODEL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fake_config(&host, "bad.conf", cases[i].text);
		load();
		assert_error(cases[i].error);
		assert_error(DIR);
		assert_int_equal(vfio_xen_config_get_nr_entries(config), 1);
	}
}

static void two_files_for_one(void **state)
{
	(void)state;
	fake_config(&host, "a.conf",
		    "[Device]\nName=nic\nAddress=" A "\n" MODEL);
	fake_config(&host, "b.conf",
		    "[Device]\n" MODEL "Name=nic\nAddress=" B "\n");
	load();
	assert_error(DIR "b.conf:5: " DIR "a.conf has the same name");
	assert_int_equal(vfio_xen_config_get_nr_entries(config), 1);
	fake_config(&host, "b.conf", "[Device]\nAddress=05:00.0\n" MODEL);
	load();
	assert_error(DIR "b.conf:2: " DIR "a.conf has the same address");
	/* Where both have ports, these count. */
	fake_config(&host, "a.conf",
		    "[Device]\nAddress=" A "\n" MODEL
		    "Path=pci0000:00/1c.0/00.0\n");
	fake_config(&host, "b.conf",
		    "[Device]\nAddress=" A "\n" MODEL
		    "Path=pci0000:00/1c.0/00.0\n");
	load();
	assert_error(DIR "b.conf:2: " DIR "a.conf has the same address");
	fake_config(&host, "b.conf",
		    "[Device]\nAddress=" A "\n" MODEL
		    "Path=pci0000:00/1c.4/00.0\n");
	load();
	assert_int_equal(vfio_xen_config_get_nr_errors(config), 0);
	assert_int_equal(vfio_xen_config_get_nr_entries(config), 2);
}

static void a_bridge(void **state)
{
	(void)state;
	fake_config(&host, "bridge.conf",
		    "[Device]\nAddress=0000:00:1c.0\n"
		    "Driver=vfio-pci\nId=8086:10d3\n");
	load();
	assert_error(DIR "bridge.conf:2: 0000:00:1c.0 is a bridge");
	assert_int_equal(vfio_xen_config_get_nr_entries(config), 0);
}

static void other_files_do_not_count(void **state)
{
	(void)state;
	fake_config(&host, "nic.conf.dpkg-old", "x");
	fake_config(&host, ".nic.conf", "x");
	fake_config(&host, "README", "x");
	load();
	assert_int_equal(vfio_xen_config_get_nr_errors(config), 0);
	assert_int_equal(vfio_xen_config_get_nr_entries(config), 0);
}

/* ---- which device it is ---- */

static void in_its_place(void **state)
{
	struct fake_card card = card_a;

	(void)state;
	fake_config(&host, "a.conf",
		    "[Device]\nAddress=" A "\nUnique=yes\n" MODEL);
	assert_found(NULL, VFIO_XEN_ENTRY_ABSENT);
	fake_card(&host, &card_a);
	assert_found(A, VFIO_XEN_ENTRY_UNBOUND);
	fake_card_remove(&host, A);
	card.native = card.driver = "vfio-pci";
	fake_card(&host, &card);
	assert_found(A, VFIO_XEN_ENTRY_BOUND);
}

static void another_card_in_its_slot(void **state)
{
	struct fake_card other = card_a;

	(void)state;
	fake_config(&host, "a.conf",
		    "[Device]\nAddress=" A "\nUnique=yes\n" MODEL);
	other.id = "1533";
	fake_card(&host, &other);
	assert_found(NULL, VFIO_XEN_ENTRY_CHANGED);
	/* It has moved, and its place is taken. */
	fake_card(&host, &card_b);
	assert_found(B, VFIO_XEN_ENTRY_UNBOUND);
}

static void a_moved_one_must_be_unique(void **state)
{
	struct fake_card third = card_b;

	(void)state;
	fake_card(&host, &card_b);
	fake_config(&host, "a.conf",
		    "[Device]\nAddress=" A "\nUnique=no\n" MODEL);
	assert_found(NULL, VFIO_XEN_ENTRY_AMBIGUOUS);
	fake_config(&host, "a.conf",
		    "[Device]\nAddress=" A "\nUnique=yes\n" MODEL);
	assert_found(B, VFIO_XEN_ENTRY_UNBOUND);
	third.sbdf = "0000:07:00.0";
	third.port = "1c.5";
	fake_card(&host, &third);
	assert_found(NULL, VFIO_XEN_ENTRY_AMBIGUOUS);
}

/* A card in front shifts the numbers: the address is the second card's by now. */
static void ports_tell_twins_apart(void **state)
{
	struct fake_card a = card_a, b = card_b;

	(void)state;
	fake_config(&host, "b.conf",
		    "[Device]\nAddress=" B "\nUnique=no\n" MODEL
		    "Path=pci0000:00/1c.4/00.0\n");
	a.sbdf = B;
	b.sbdf = "0000:07:00.0";
	fake_card(&host, &a);
	fake_card(&host, &b);
	assert_found("0000:07:00.0", VFIO_XEN_ENTRY_UNBOUND);
	/* The first card alone is not the second. */
	fake_card_remove(&host, "0000:07:00.0");
	assert_found(NULL, VFIO_XEN_ENTRY_AMBIGUOUS);
}

static void a_serial_number_decides(void **state)
{
	struct fake_card a = card_a, b = card_b;

	(void)state;
	a.serial = 0x525400ffff111111;
	b.serial = 0x525400ffff222222;
	fake_card(&host, &a);
	fake_card(&host, &b);
	fake_config(&host, "a.conf",
		    "[Device]\nAddress=" A "\nUnique=no\n" MODEL
		    "Path=pci0000:00/1c.0/00.0\n"
		    "Serial=52-54-00-ff-ff-22-22-22\n");
	assert_found(B, VFIO_XEN_ENTRY_UNBOUND);
	fake_card_remove(&host, B);
	assert_found(NULL, VFIO_XEN_ENTRY_CHANGED);
}

/* A file of an earlier version may have one: it means no other card. */
static void a_blank_serial_number_is_none(void **state)
{
	static const char *const blanks[] = { "00-00-00-00-00-00-00-00",
					      "ff-ff-ff-ff-ff-ff-ff-ff" };
	struct fake_card b = card_b;
	char text[512];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		b.serial = i ? UINT64_MAX : FAKE_SERIAL_BLANK;
		fake_card(&host, &b);
		snprintf(text, sizeof(text),
			 "[Device]\nAddress=" A "\nUnique=no\n" MODEL
			 "Path=pci0000:00/1c.0/00.0\nSerial=%s\n",
			 blanks[i]);
		fake_config(&host, "a.conf", text);
		assert_found(NULL, VFIO_XEN_ENTRY_AMBIGUOUS);
		fake_card_remove(&host, B);
	}
}

/* All functions of a card have its serial number. */
static void functions_of_a_card(void **state)
{
	struct fake_card first = card_b, second = card_b;

	(void)state;
	first.serial = second.serial = 0x525400ffff222222;
	second.sbdf = "0000:06:00.1";
	fake_card(&host, &first);
	fake_card(&host, &second);
	fake_config(&host, "a.conf",
		    "[Device]\nAddress=0000:05:00.1\nUnique=no\n" MODEL
		    "Path=pci0000:00/1c.0/00.1\n"
		    "Serial=52-54-00-ff-ff-22-22-22\n");
	assert_found("0000:06:00.1", VFIO_XEN_ENTRY_UNBOUND);
}

/* What is in its place is no other entry's. */
static void a_device_has_one_entry(void **state)
{
	(void)state;
	fake_card(&host, &card_b);
	fake_config(&host, "a.conf",
		    "[Device]\nAddress=" A "\nUnique=yes\n" MODEL);
	fake_config(&host, "b.conf",
		    "[Device]\nAddress=" B "\nUnique=yes\n" MODEL);
	load();
	assert_int_equal(vfio_xen_config_get_nr_entries(config), 2);
	assert_null(vfio_xen_entry_get_device(
		vfio_xen_config_get_entry(config, 0)));
	assert_non_null(vfio_xen_entry_get_device(
		vfio_xen_config_get_entry(config, 1)));
}

static void host_devices_are_named_only(void **state)
{
	struct fake_card card = card_a;

	(void)state;
	card.native = card.driver = "igb";
	fake_card(&host, &card);
	fake_config(&host, "a.conf",
		    "[Device]\nAddress=" A "\nDriver=host\nId=8086:10d3\n"
		    "VFs=4\n");
	assert_found(A, VFIO_XEN_ENTRY_BOUND);
	assert_int_equal(
		vfio_xen_entry_get_nr_vfs(vfio_xen_config_get_entry(config, 0)),
		4);
}

static void what_the_host_uses(void **state)
{
	struct fake_card card = card_a;

	(void)state;
	card.native = card.driver = "e1000e";
	fake_card(&host, &card);
	fake_file(&host, "0x1003\n",
		  "/sys/devices/pci0000:00/" A "/net/eth0/flags");
	fake_link(&host, "../../devices/pci0000:00/" A "/net/eth0",
		  "/sys/class/net/eth0");
	fake_config(&host, "a.conf", "[Device]\nAddress=" A "\n" MODEL);
	assert_found(A, VFIO_XEN_ENTRY_IN_USE);
	assert_int_equal(
		vfio_xen_problem_get_kind(vfio_xen_get_problem(host.ctx)),
		VFIO_XEN_PROBLEM_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(mistakes),
		TEST(two_files_for_one),
		TEST(a_bridge),
		TEST(other_files_do_not_count),
		TEST(in_its_place),
		TEST(another_card_in_its_slot),
		TEST(a_moved_one_must_be_unique),
		TEST(ports_tell_twins_apart),
		TEST(a_serial_number_decides),
		TEST(a_blank_serial_number_is_none),
		TEST(functions_of_a_card),
		TEST(a_device_has_one_entry),
		TEST(host_devices_are_named_only),
		TEST(what_the_host_uses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
