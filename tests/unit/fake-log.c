/* SPDX-License-Identifier: GPL-2.0-only */
#include "fake-log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "log.h"

unsigned int nr_messages;
char last_message[FAKE_LOG_SIZE];
char last_error[FAKE_LOG_SIZE];
char last_event[FAKE_LOG_SIZE];

void fake_log_clear(void)
{
	nr_messages = 0;
	last_message[0] = '\0';
	last_error[0] = '\0';
	last_event[0] = '\0';
}

static void take(int level, const char *fmt, va_list args)
{
	vsnprintf(last_message, sizeof(last_message), fmt, args);
	nr_messages++;
	if (level <= LOG_ERR)
		strcpy(last_error, last_message);
}

void log_message(int level, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	take(level, fmt, args);
	va_end(args);
}

void log_event(const struct log_event *event, int level, const char *fmt, ...)
{
	va_list args;

	snprintf(last_event, sizeof(last_event), "%s %s %u", event->name,
		 event->device ? event->device : "-", event->domid);
	va_start(args, fmt);
	take(level, fmt, args);
	va_end(args);
}
