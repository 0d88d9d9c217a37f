// SPDX-License-Identifier: GPL-2.0-only
/*
 * The destination of messages.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include <systemd/sd-journal.h>

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
