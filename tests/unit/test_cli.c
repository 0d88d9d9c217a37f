// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-xen-ctl as its user sees it: exit codes, messages, tables and JSON.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run-ctl.h"

static struct fake_host host;

static int setup(void **state)
{
	static const struct fake_device devices[] = {
		{ "0000:05:00.0", 0x0200, 14, "e1000e", "e1000e" },
		{ "0000:05:00.1", 0x0200, 14, "igb", "igb" },
		{ "0000:00:1c.0", 0x0604, 14, "pcieport", "pcieport" },
		{ "0000:06:00.0", 0x0200, -1, "e1000e", NULL },
	};

	(void)state;
	fake_host_init(&host);
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		fake_device(&host, &devices[i]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	discard_output();
	fake_host_release(&host);
	return 0;
}

static int run(const char *line)
{
	return run_ctl(&host, line);
}

static void wrong_usage(void **state)
{
	static const struct {
		const char *line;
		const char *says;
	} cases[] = {
		{ "", "no command given" },
		{ "lost", "did you mean list?" },
		{ "bnid 5:0.0", "did you mean bind?" },
		{ "frobnicate", "unknown command frobnicate" },
		{ "help bindd", "did you mean bind?" },
		{ "--frobnicate", "unknown option --frobnicate" },
		{ "list --frobnicate", "unknown option --frobnicate" },
		{ "list -x", "unknown option -x" },
		{ "list --driver x", "unknown option --driver" },
		{ "list --json=yes", "--json takes no argument" },
		{ "list eth0", "eth0 is neither a PCI address" },
		{ "bind", "no device given" },
		{ "unbind --group", "no device given" },
		{ "bind --driver", "--driver needs DRIVER" },
		{ "bind 5:0.0 6", "6 is neither a PCI address" },
		{ "groups x", "x is not a group number" },
		{ "groups -- -1", "-1 is not a group number" },
		{ "status now", "status takes no operands" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(run(cases[i].line), EXIT_USAGE);
		assert_says(err, cases[i].says);
		assert_string_equal(out, "");
	}
}

static void failures(void **state)
{
	static const struct {
		const char *line;
		const char *says;
	} cases[] = {
		{ "list 5:0.7", "no PCI device 5:0.7; see lspci -D" },
		{ "groups 99", "no IOMMU group 99" },
		{ "bind 5:0.7", "no PCI device 0000:05:00.7; see lspci -D" },
		{ "bind 5:0.0",
		  "0000:05:00.1 of the same group is bound to igb; "
		  "bind it too or use --group" },
		{ "bind 0:1c.0", "0000:00:1c.0 is a bridge" },
		{ "bind 6:0.0", "0000:06:00.0 has no IOMMU group: the IOMMU is "
				"off" },
		{ "bind --group --driver moon 5:0.0", "no PCI driver moon" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(run(cases[i].line), EXIT_FAILED);
		assert_says(err, cases[i].says);
		assert_string_equal(out, "");
	}
}

static void no_group_on_xen(void **state)
{
	(void)state;
	fake_xen(&host, 20, ".0");
	assert_int_equal(run("bind 6:0.0"), EXIT_FAILED);
	assert_says(err, "load vfio-xen-iommu (modprobe vfio-xen-iommu)");
	fake_dir(&host, "/sys/module/vfio_xen_iommu");
	assert_int_equal(run("bind 6:0.0"), EXIT_FAILED);
	assert_says(err, "vfio-xen-iommu does not handle it");
}

static void errors_as_json(void **state)
{
	static const char *const lines[] = {
		"list --json 5:0.7",	  "list 5:0.7 --json",
		"--json list 5:0.7",	  "list --frobnicate --json",
		"--json frobnicate",	  "groups --json 99",
		"groups --json -- \"'\\", "--json bind 5:0.0",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct json_object *root;

		assert_int_not_equal(run(lines[i]), EXIT_OK);
		root = parse_out();
		assert_non_null(string_of(root, "error"));
		assert_string_equal(err, "");
		json_object_put(root);
	}
}

static void quiet_says_nothing(void **state)
{
	(void)state;
	assert_int_equal(run("-q bind 5:0.0"), EXIT_FAILED);
	assert_string_equal(err, "");
	assert_int_equal(run("bind -q 5:0.0"), EXIT_FAILED);
	assert_string_equal(err, "");
}

static void help_and_version(void **state)
{
	(void)state;
	assert_int_equal(run("--version"), EXIT_OK);
	assert_says(out, "vfio-xen-ctl " VERSION);
	assert_int_equal(run("-h"), EXIT_OK);
	assert_says(out, "Commands:");
	assert_int_equal(run("help"), EXIT_OK);
	assert_says(out, "Commands:");
	for (size_t i = 0; i < nr_commands; i++) {
		char line[64];

		snprintf(line, sizeof(line), "help %s", commands[i].name);
		assert_int_equal(run(line), EXIT_OK);
		assert_says(out, commands[i].summary);
		snprintf(line, sizeof(line), "%s --help", commands[i].name);
		assert_int_equal(run(line), EXIT_OK);
		assert_says(out, commands[i].summary);
	}
}

static void list_as_table(void **state)
{
	(void)state;
	assert_int_equal(run("list"), EXIT_OK);
	assert_says(out, "DEVICE");
	assert_says(out, "0000:05:00.0");
	assert_null(strstr(out, "0000:00:1c.0"));
	assert_int_equal(run("list --bridges"), EXIT_OK);
	assert_says(out, "0000:00:1c.0");
	assert_int_equal(run("list 0:1c.0"), EXIT_OK);
	assert_says(out, "0000:00:1c.0");
	assert_null(strstr(out, "0000:05:00.0"));
}

static void list_as_json(void **state)
{
	struct json_object *root, *array, *first;

	(void)state;
	assert_int_equal(run("bind --group 5:0.0"), EXIT_OK);
	assert_int_equal(run("list --json"), EXIT_OK);
	root = parse_out();
	array = json_object_object_get(root, "devices");
	assert_int_equal(json_object_array_length(array), 3);
	first = json_object_array_get_idx(array, 0);
	assert_string_equal(string_of(first, "device"), "0000:05:00.0");
	assert_string_equal(string_of(first, "driver"), "vfio-pci");
	assert_string_equal(string_of(first, "former_driver"), "e1000e");
	assert_null(string_of(first, "owner"));
	assert_string_equal(string_of(first, "reset_method"), "flr bus");
	json_object_put(root);
}

static void groups_both_ways(void **state)
{
	struct json_object *root, *group;

	(void)state;
	assert_int_equal(run("groups"), EXIT_OK);
	assert_says(out, "host");
	assert_int_equal(run("bind --group 5:0.0"), EXIT_OK);
	assert_int_equal(run("groups --json 14"), EXIT_OK);
	root = parse_out();
	group = json_object_array_get_idx(
		json_object_object_get(root, "groups"), 0);
	assert_string_equal(string_of(group, "state"), "vfio");
	assert_int_equal(json_object_array_length(
				 json_object_object_get(group, "devices")),
			 3);
	json_object_put(root);
}

static void bind_tells_with_verbose(void **state)
{
	(void)state;
	assert_int_equal(run("bind --group 5:0.0"), EXIT_OK);
	assert_string_equal(out, "");
	assert_string_equal(err, "");
	assert_int_equal(run("bind -v 5:0.0"), EXIT_OK);
	assert_says(err, "0000:05:00.0 is already bound to vfio-pci");
	assert_says(err, "allow_unsafe_interrupts");
}

static void dry_run_shows_steps(void **state)
{
	(void)state;
	assert_int_equal(run("bind --group --dry-run 5:0.0"), EXIT_OK);
	assert_says(out, "would write vfio-pci to ");
	assert_says(out, "would write 0000:05:00.1 to ");
	assert_null(strstr(out, "owners"));
	assert_string_equal(err, "");
	assert_int_equal(host.nr_writes, 0);
	assert_driver(&host, "0000:05:00.0", "e1000e");
}

static void status_without_xen(void **state)
{
	struct json_object *root;

	(void)state;
	assert_int_equal(run("status"), EXIT_OK);
	assert_says(out, "Xen:             no\n");
	assert_says(out, "not loaded");
	assert_int_equal(run("status --json"), EXIT_OK);
	root = parse_out();
	assert_null(json_object_object_get(root, "xen"));
	json_object_put(root);
}

static void status_with_everything(void **state)
{
	struct json_object *root, *iommu, *shell;

	(void)state;
	fake_dir(&host, "/sys/module/vfio_xen_iommu");
	fake_file(&host, "hypercalls 42\n",
		  "/sys/kernel/debug/vfio-xen-iommu/stats");
	fake_file(&host,
		  "domid=5 mapped_pages=131072 pool_pages=512 "
		  "devices=0000:05:00.0,0000:05:00.1\n",
		  "/sys/kernel/debug/vfio-xen-iommu/shells");
	fake_file(&host,
		  "0000:05:00.0 owner=shell domid=5\n"
		  "0000:06:00.0 owner=quarantine\n",
		  "/sys/kernel/debug/vfio-xen-iommu/devices");
	assert_int_equal(run("status"), EXIT_OK);
	assert_says(out, "Quarantined:     0000:06:00.0\n");
	assert_says(out, "512 MiB");
	assert_says(out, "0000:05:00.0 0000:05:00.1");
	assert_says(out, "hypercalls           42\n");
	assert_int_equal(run("status --json"), EXIT_OK);
	root = parse_out();
	iommu = json_object_object_get(root, "vfio_xen_iommu");
	shell = json_object_array_get_idx(
		json_object_object_get(iommu, "shells"), 0);
	assert_int_equal(json_object_get_int(
				 json_object_object_get(shell, "mapped_bytes")),
			 512 << 20);
	json_object_put(root);
	assert_int_equal(run("list"), EXIT_OK);
	assert_says(out, "shell 5");
}

/* A device with vectors, and one that Xen would not give back. */
static void fake_use(void)
{
	fake_dir(&host, "/sys/module/vfio_xen_iommu");
	fake_file(&host, "", "/sys/kernel/debug/vfio-xen-iommu/stats");
	fake_file(&host, "", "/sys/kernel/debug/vfio-xen-iommu/shells");
	fake_file(&host,
		  "0000:05:00.0 owner=shell domid=5 msi=2/5\n"
		  "0000:05:00.1 owner=dom0\n"
		  "0000:06:00.0 owner=quarantine return_pending=1 msi=0/3\n",
		  "/sys/kernel/debug/vfio-xen-iommu/devices");
	fake_file(
		&host,
		"      CPU0  CPU1\n"
		" 25:  3  4  xen-pirq  -msi-x  vfio-msix[0](0000:05:00.0)\n"
		" 26:  30  40  xen-pirq  -msi-x  vfio-msix[1](0000:05:00.0)\n",
		"/proc/interrupts");
}

static void interrupts_as_text(void **state)
{
	(void)state;
	fake_use();
	assert_int_equal(run("list"), EXIT_OK);
	assert_says(out, " IRQ ");
	assert_says(out, " shell 5                     msi-x 2/5 77 ");
	assert_says(out, " dom0                        -         - ");
	assert_says(out, " quarantine (return pending) -         - ");
	assert_int_equal(run("status"), EXIT_OK);
	assert_says(out, "Quarantined:     0000:06:00.0\n"
			 "Return pending:  0000:06:00.0: dom0 could not get it "
			 "back; that is tried again");
	assert_says(out, "Devices in use:  1\n"
			 "0000:05:00.0\n"
			 "  driver               e1000e\n"
			 "  owner                shell 5\n"
			 "  interrupts           msi-x, to eventfds\n"
			 "  vectors              2 in use, 5 mapped\n"
			 "  arrived              77\n\n");
}

static void other_kinds_of_interrupts(void **state)
{
	static const struct {
		const char *action;
		const char *list;
		const char *status;
	} cases[] = {
		{ "eth0", " none 2/5 0 ", "  interrupts           none\n" },
		{ "eth0, vfio-intx(0000:05:00.0)", " intx 9 ",
		  "  arrived              9, with those of others on the same "
		  "line\n" },
		{ "vfio-msi[0](0000:05:00.0)", " msi 2/5 9 ",
		  "  interrupts           msi, to eventfds\n" },
		{ "vfio-xen-evtchn[0](0000:05:00.0)", " ? 2/5 evtchn 9 ",
		  "  interrupts           unknown, to event channels\n" },
	};

	(void)state;
	fake_use();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[256];

		snprintf(text, sizeof(text), " CPU0\n 25: 9 chip %s\n",
			 cases[i].action);
		fake_file(&host, text, "/proc/interrupts");
		assert_int_equal(run("list 5:0.0"), EXIT_OK);
		assert_says(out, cases[i].list);
		assert_int_equal(run("status"), EXIT_OK);
		assert_says(out, cases[i].status);
	}
}

static void interrupts_as_json(void **state)
{
	struct json_object *root, *array, *dev, *irq;

	(void)state;
	fake_use();
	assert_int_equal(run("list --json"), EXIT_OK);
	root = parse_out();
	array = json_object_object_get(root, "devices");
	dev = json_object_array_get_idx(array, 1);
	assert_null(json_object_object_get(dev, "interrupts"));
	dev = json_object_array_get_idx(array, 2);
	assert_string_equal(string_of(dev, "owner"), "quarantine");
	assert_string_equal(string_of(dev, "return_pending"), "true");
	json_object_put(root);

	assert_int_equal(run("status --json"), EXIT_OK);
	root = parse_out();
	array = json_object_object_get(root, "devices_in_use");
	assert_int_equal(json_object_array_length(array), 1);
	irq = json_object_object_get(json_object_array_get_idx(array, 0),
				     "interrupts");
	assert_string_equal(string_of(irq, "kind"), "msi-x");
	assert_string_equal(string_of(irq, "notification"), "eventfd");
	assert_string_equal(string_of(irq, "vectors_used"), "2");
	assert_string_equal(string_of(irq, "vectors_mapped"), "5");
	assert_string_equal(string_of(irq, "count"), "77");
	assert_string_equal(string_of(irq, "shared"), "false");
	array = json_object_object_get(json_object_object_get(root,
							      "vfio_xen_iommu"),
				       "return_pending");
	assert_int_equal(json_object_array_length(array), 1);
	json_object_put(root);
}

static void status_without_debugfs(void **state)
{
	struct json_object *root;

	(void)state;
	fake_dir(&host, "/sys/module/vfio_xen_iommu");
	assert_int_equal(run("status"), EXIT_FAILED);
	assert_says(out, "vfio-xen-iommu:       loaded");
	assert_says(err, "debugfs");
	assert_int_equal(run("status --json"), EXIT_FAILED);
	root = parse_out();
	assert_says(string_of(root, "error"), "debugfs");
	json_object_put(root);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(wrong_usage),
		TEST(failures),
		TEST(no_group_on_xen),
		TEST(errors_as_json),
		TEST(quiet_says_nothing),
		TEST(help_and_version),
		TEST(list_as_table),
		TEST(list_as_json),
		TEST(groups_both_ways),
		TEST(bind_tells_with_verbose),
		TEST(dry_run_shows_steps),
		TEST(status_without_xen),
		TEST(status_with_everything),
		TEST(interrupts_as_text),
		TEST(other_kinds_of_interrupts),
		TEST(interrupts_as_json),
		TEST(status_without_debugfs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
