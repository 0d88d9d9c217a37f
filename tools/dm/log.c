// SPDX-License-Identifier: GPL-2.0-only
/*
 * The destination of messages.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include <systemd/sd-journal.h>

#include "event-fields.h"
#include "log.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

static void to_stderr(void *data, int level, const char *text)
{
	(void)data, (void)level;
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, text);
}

static void to_syslog(void *data, int level, const char *text)
{
	(void)data;
	syslog(level, "%s", text);
}

static void to_journal(void *data, int level, const char *text)
{
	(void)data;
	sd_journal_print(level, "%s", text);
}

static log_fn sink = to_stderr;
static void *sink_data;

void log_set_fn(log_fn fn, void *data)
{
	sink = fn;
	sink_data = data;
}

void log_open(const char *name, bool daemon)
{
	if (access(JOURNAL_SOCKET, W_OK) == 0) {
		log_set_fn(to_journal, NULL);
	} else if (daemon) {
		openlog(name, LOG_PID, LOG_DAEMON);
		log_set_fn(to_syslog, NULL);
	}
}

void log_message(int level, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	sink(sink_data, level, text);
}

static void send_event(const struct log_event *event, int level,
		       const char *text)
{
	sd_journal_send("MESSAGE=%s", text, "PRIORITY=%d", level,
			"MESSAGE_ID=" EVENT_MESSAGE_ID, EVENT_FIELD_NAME "=%s",
			event->name, EVENT_FIELD_DOMID "=%u", event->domid,
			event->device ? EVENT_FIELD_DEVICE "=%s" : NULL,
			event->device, NULL);
}

void log_event(const struct log_event *event, int level, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (sink == to_journal)
		send_event(event, level, text);
	else
		sink(sink_data, level, text);
}
