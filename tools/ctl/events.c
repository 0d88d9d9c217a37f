// SPDX-License-Identifier: GPL-2.0-only
/*
 * events: show what has happened to devices, from the journal.
 *
 * vfio-xen-dm and this program write events with fields of their own. The kernel's
 * messages about a device have its address as a field, and their texts tell the event.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"
#include "event-fields.h"
#include "journal.h"

#define US_PER_S 1000000U
#define PCI_DEVICE "+pci:"

struct event {
	char name[JOURNAL_TEXT_SIZE];
	char device[JOURNAL_TEXT_SIZE];
	char domid[JOURNAL_TEXT_SIZE];
	char source[JOURNAL_TEXT_SIZE];
	char message[JOURNAL_TEXT_SIZE];
	struct journal_times times;
	char *cursor;
};

/* Of the first that is in the text. test_events.c looks for them in the kernel modules. */
const struct kernel_event kernel_events[] = {
	{ "cannot be deassigned from quarantine", "return-pending" },
	{ "bus mastering is off", "quarantine-failed" },
	{ "cannot be returned to quarantine", "quarantine-failed" },
	{ "stays quarantined", "quarantined" },
	{ " MSI vectors: ", "vectors-refused" },
	{ "to which a toolstack has given it", "taken-back" },
	{ "is known to Xen again", "known-again" },
};
const size_t nr_kernel_events = ARRAY_SIZE(kernel_events);

/* Of Linux's PCI core: "not ready 65535ms after FLR; giving up" */
#define RESET_FAILED "; giving up"

/* ---- an entry of the journal ---- */

static const char *kernel_event_name(const char *message)
{
	for (size_t i = 0; i < nr_kernel_events; i++)
		if (strstr(message, kernel_events[i].text))
			return kernel_events[i].name;
	return strstr(message, RESET_FAILED) ? "reset-failed" : NULL;
}

static bool read_kernel_event(struct journal *journal, struct event *event)
{
	char device[JOURNAL_TEXT_SIZE];
	const char *name = kernel_event_name(event->message);
	size_t prefix = strlen(PCI_DEVICE);

	if (!name || !journal_get(journal, "_KERNEL_DEVICE", device) ||
	    strncmp(device, PCI_DEVICE, prefix))
		return false;
	strcpy(event->name, name);
	memcpy(event->device, device + prefix, sizeof(device) - prefix);
	strcpy(event->source, "kernel");
	*event->domid = '\0';
	return true;
}

/* Control characters would reach the terminal. */
static void clean(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == '\x7f')
			*text = '?';
}

/* Returns whether the entry is an event. Release it with event_release(). */
static bool event_read(struct journal *journal, struct event *event)
{
	event->cursor = NULL;
	journal_get(journal, "MESSAGE", event->message);
	clean(event->message);
	if (journal_get(journal, EVENT_FIELD_NAME, event->name)) {
		journal_get(journal, EVENT_FIELD_DEVICE, event->device);
		journal_get(journal, EVENT_FIELD_DOMID, event->domid);
		journal_get(journal, "SYSLOG_IDENTIFIER", event->source);
	} else if (!read_kernel_event(journal, event)) {
		return false;
	}
	if (journal_get_times(journal, &event->times))
		return false;
	event->cursor = journal_get_cursor(journal);
	return true;
}

static void event_release(struct event *event)
{
	free(event->cursor);
}

/* ---- output ---- */

static void format_time(uint64_t us, char text[40])
{
	time_t seconds = (time_t)(us / US_PER_S);
	struct tm tm;
	size_t len = 0;

	if (gmtime_r(&seconds, &tm))
		len = strftime(text, 40, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + len, 40 - len, ".%06uZ", (unsigned int)(us % US_PER_S));
}

static void show_plain(struct ctl *ctl, const struct event *event)
{
	char time[40];

	format_time(event->times.realtime_us, time);
	fprintf(ctl->out, "%s  %-16s  %s\n", time, event->name, event->message);
}

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

static struct json_object *event_to_json(const struct event *event)
{
	struct json_object *object = json_object_new_object();
	struct json_object *domid = NULL;
	char time[40];

	if (*event->domid)
		domid = json_object_new_int(atoi(event->domid));
	format_time(event->times.realtime_us, time);
	json_add_string(object, "time", time);
	json_object_object_add(
		object, "monotonic_us",
		json_object_new_uint64(event->times.monotonic_us));
	json_add_string(object, "boot_id", event->times.boot_id);
	json_add_string(object, "event", event->name);
	json_add_string(object, "device", or_null(event->device));
	json_object_object_add(object, "domid", domid);
	json_add_string(object, "source", or_null(event->source));
	json_add_string(object, "message", event->message);
	json_add_string(object, "cursor", event->cursor);
	return object;
}

static void print_json(struct ctl *ctl, struct json_object *array)
{
	struct json_object *root = json_object_new_object();

	json_object_object_add(root, "events", array);
	json_print(ctl, root);
}

/* ---- reading ---- */

static int report_problem(struct ctl *ctl, int err)
{
	switch (err) {
	case -EOPNOTSUPP:
		return ctl_fail(ctl, EXIT_FAILED,
				"cannot read the journal: this " PROGRAM
				" was built without libsystemd");
	case -ENOENT:
		return ctl_fail(ctl, EXIT_FAILED,
				"cannot read the journal: there is none, or "
				"permission is denied; events need "
				"systemd-journald, and root");
	default:
		return ctl_fail(ctl, EXIT_FAILED, "cannot read the journal: %s",
				strerror(-err));
	}
}

/* Shows the events that are there. Returns 0 or -errno. */
static int show(struct ctl *ctl, struct journal *journal)
{
	bool json = has_option(ctl, OPT_JSON);
	struct json_object *array = json ? json_object_new_array() : NULL;
	struct event event;
	int more;

	while ((more = journal_next(journal)) > 0) {
		if (!event_read(journal, &event))
			continue;
		if (json)
			json_object_array_add(array, event_to_json(&event));
		else
			show_plain(ctl, &event);
		event_release(&event);
	}
	if (json &&
	    (json_object_array_length(array) || !has_option(ctl, OPT_FOLLOW)))
		print_json(ctl, array);
	else
		json_object_put(array);
	return more;
}

/* Runs until a signal arrives, or the reader has closed the pipe. */
static int follow(struct ctl *ctl, struct journal *journal)
{
	int signals = request_block_signals(), more;

	if (signals < 0)
		return ctl_fail(ctl, EXIT_FAILED, "cannot wait for signals: %s",
				strerror(-signals));
	do {
		more = show(ctl, journal);
		if (!more && (fflush(ctl->out) || ferror(ctl->out)))
			more = -EPIPE;
		if (!more)
			more = journal_wait(journal, signals);
	} while (more > 0);
	close(signals);
	if (more == -EPIPE)
		return EXIT_FAILED;
	return more ? report_problem(ctl, more) : EXIT_OK;
}

int run_events(struct ctl *ctl)
{
	struct journal *journal;
	int code, err = journal_open(&journal, ctl->args.cursor);

	if (err == -EINVAL && ctl->args.cursor)
		return ctl_fail(ctl, EXIT_USAGE,
				"%s is no cursor of the journal; take one from "
				"the output of events --json",
				ctl->args.cursor);
	if (err)
		return report_problem(ctl, err);
	if (has_option(ctl, OPT_FOLLOW)) {
		code = follow(ctl, journal);
	} else {
		err = show(ctl, journal);
		code = err ? report_problem(ctl, err) : EXIT_OK;
	}
	journal_close(journal);
	return code;
}
