// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-xen-ctl events, with a journal for tests; and the events that bind writes.
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

#include <cmocka.h>

#include "fake-journal.h"
#include "run-ctl.h"
#include "schema.h"

#define NIC "0000:05:00.0"
#define KERNEL(text)                                              \
	{ "MESSAGE=vfio-pci " NIC ": " text, "_TRANSPORT=kernel", \
	  "_KERNEL_DEVICE=+pci:" NIC, NULL }

/* 2026-01-31T12:00:00Z */
#define NOON 1769860800000000

static const struct fake_entry entries[] = {
	{ NOON,
	  { "MESSAGE=" NIC ": attached to domain 3", "VFIO_XEN_EVENT=attached",
	    "VFIO_XEN_DEVICE=" NIC, "VFIO_XEN_DOMID=3",
	    "SYSLOG_IDENTIFIER=vfio-xen-dm", NULL } },
	{ NOON + 1, KERNEL("enabling device (0000 -> 0002)") },
	{ NOON + 2000000,
	  KERNEL("cannot be deassigned from quarantine (d32753) to dom0: -16; "
		 "it stays quarantined") },
	{ NOON + 2000001,
	  { "MESSAGE=domain 3: worker 12 has taken over in 4 ms\033[2J",
	    "VFIO_XEN_EVENT=worker-replaced", "VFIO_XEN_DOMID=3", NULL } },
	{ NOON + 60000000, KERNEL("not ready 65535ms after FLR; giving up") },
};

static struct fake_host host;

static int setup(void **state)
{
	static const struct fake_device nic = { NIC, 0x0200, 14, "e1000e",
						"e1000e" };

	(void)state;
	fake_host_init(&host);
	fake_device(&host, &nic);
	fake_journal = entries;
	fake_journal_nr = ARRAY_SIZE(entries);
	fake_journal_error = 0;
	fake_journal_later = 0;
	*fake_journal_sent = '\0';
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	discard_output();
	fake_host_release(&host);
	return 0;
}

static struct json_object *event_at(struct json_object *root, size_t index)
{
	return json_object_array_get_idx(json_object_object_get(root, "events"),
					 index);
}

static size_t nr_events(struct json_object *root)
{
	return json_object_array_length(json_object_object_get(root, "events"));
}

static void as_text(void **state)
{
	(void)state;
	assert_int_equal(run_ctl(&host, "events"), EXIT_OK);
	assert_string_equal(
		out,
		"2026-01-31T12:00:00.000000Z  attached          " NIC
		": attached to domain 3\n"
		"2026-01-31T12:00:02.000000Z  return-pending    vfio-pci " NIC
		": cannot be deassigned from quarantine (d32753) to dom0: "
		"-16; it stays quarantined\n"
		"2026-01-31T12:00:02.000001Z  worker-replaced   domain 3: "
		"worker 12 has taken over in 4 ms?[2J\n"
		"2026-01-31T12:01:00.000000Z  reset-failed      vfio-pci " NIC
		": not ready 65535ms after FLR; giving up\n");
}

static void as_json(void **state)
{
	struct json_object *root;

	(void)state;
	assert_int_equal(run_ctl(&host, "events --json"), EXIT_OK);
	root = parse_out();
	assert_int_equal(nr_events(root), 4);
	assert_string_equal(string_of(event_at(root, 0), "event"), "attached");
	assert_string_equal(string_of(event_at(root, 0), "device"), NIC);
	assert_string_equal(string_of(event_at(root, 0), "domid"), "3");
	assert_string_equal(string_of(event_at(root, 0), "source"),
			    "vfio-xen-dm");
	assert_string_equal(string_of(event_at(root, 0), "cursor"), "c0");
	assert_string_equal(string_of(event_at(root, 1), "device"), NIC);
	assert_string_equal(string_of(event_at(root, 1), "source"), "kernel");
	assert_null(string_of(event_at(root, 1), "domid"));
	assert_string_equal(string_of(event_at(root, 1), "monotonic_us"),
			    "1002");
	assert_null(string_of(event_at(root, 2), "device"));
	json_object_put(root);
}

static void from_a_cursor(void **state)
{
	struct json_object *root;

	(void)state;
	assert_int_equal(run_ctl(&host, "events --json --cursor c2"), EXIT_OK);
	root = parse_out();
	assert_int_equal(nr_events(root), 2);
	assert_string_equal(string_of(event_at(root, 0), "event"),
			    "worker-replaced");
	json_object_put(root);
	assert_int_equal(run_ctl(&host, "events --json --cursor c4"), EXIT_OK);
	root = parse_out();
	assert_int_equal(nr_events(root), 0);
	json_object_put(root);
}

static void unblock_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void followed(void **state)
{
	char problem[SCHEMA_PROBLEM_SIZE], *line, *save;
	size_t nr = 0;

	(void)state;
	fake_journal_nr = 2;
	fake_journal_later = 3;
	assert_int_equal(run_ctl(&host, "events --follow --json"), EXIT_OK);
	unblock_signals();
	for (line = strtok_r(out, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		struct json_object *root = json_tokener_parse(line);

		assert_non_null(root);
		if (!schema_file_check("events", root, problem))
			fail_msg("%s", problem);
		assert_int_equal(nr_events(root), nr ? 3 : 1);
		json_object_put(root);
		nr++;
	}
	assert_int_equal(nr, 2);
}

static void failures(void **state)
{
	(void)state;
	fake_journal = NULL;
	assert_int_equal(run_ctl(&host, "events"), EXIT_FAILED);
	assert_says(err,
		    "cannot read the journal: there is none, or permission "
		    "is denied; events need systemd-journald, and root");
	fake_journal_error = -EOPNOTSUPP;
	assert_int_equal(run_ctl(&host, "events --follow"), EXIT_FAILED);
	assert_says(err, "was built without libsystemd");
	fake_journal_error = -EIO;
	assert_int_equal(run_ctl(&host, "events --json"), EXIT_FAILED);
	assert_says(out, "Input/output error");
	fake_journal_error = 0;
	fake_journal = entries;
	assert_int_equal(run_ctl(&host, "events --cursor x"), EXIT_USAGE);
	assert_says(err, "x is no cursor of the journal");
	assert_int_equal(run_ctl(&host, "events --cursor"), EXIT_USAGE);
	assert_says(err, "--cursor needs CURSOR");
	assert_int_equal(run_ctl(&host, "events now"), EXIT_USAGE);
}

static void of_bind(void **state)
{
	(void)state;
	assert_int_equal(run_ctl(&host, "bind --dry-run 5:0.0"), EXIT_OK);
	assert_int_equal(run_ctl(&host, "bind 6:0.0"), EXIT_FAILED);
	assert_string_equal(fake_journal_sent, "");
	assert_int_equal(run_ctl(&host, "bind 5:0.0"), EXIT_OK);
	assert_string_equal(fake_journal_sent, "bound " NIC ";");
	assert_int_equal(run_ctl(&host, "unbind 5:0.0"), EXIT_OK);
	assert_string_equal(fake_journal_sent,
			    "bound " NIC ";unbound " NIC ";");
}

/* ---- the kernel's messages ---- */

static char *read_source(const char *name)
{
	const char *top = getenv("srcdir");
	char path[512], *text = NULL;
	size_t size;
	FILE *in, *to;
	int c;

	snprintf(path, sizeof(path), "%s/kernel/vfio-xen-iommu/%s",
		 top ? top : ".", name);
	in = fopen(path, "r");
	if (!in)
		fail_msg("cannot open %s", path);
	to = open_memstream(&text, &size);
	assert_non_null(to);
	while ((c = fgetc(in)) != EOF)
		fputc(c, to);
	fclose(in);
	fclose(to);
	return text;
}

/* A module that says something else would lose an event. */
static void the_modules_say_this(void **state)
{
	static const char *const files[] = { "owner.c", "borrow.c",
					     "msi_pool.c" };
	char *texts[ARRAY_SIZE(files)];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		texts[i] = read_source(files[i]);
	for (size_t i = 0; i < nr_kernel_events; i++) {
		bool found = false;

		for (size_t j = 0; j < ARRAY_SIZE(files); j++)
			found |= !!strstr(texts[j], kernel_events[i].text);
		if (!found)
			fail_msg("no module says: %s", kernel_events[i].text);
	}
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		free(texts[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(as_text),
		TEST(as_json),
		TEST(from_a_cursor),
		TEST(followed),
		TEST(failures),
		TEST(of_bind),
		TEST(the_modules_say_this),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
