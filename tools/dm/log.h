/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages for the administrator: to the journal, syslog or stderr in the
 * supervisor, and through the supervisor in a worker.
 */
#ifndef DM_LOG_H
#define DM_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <syslog.h>

#define print_format(fmt, args) __attribute__((format(printf, fmt, args)))

/*
 * What has happened to a guest's devices: fields of the journal, which vfio-xen-ctl
 * events reads.
 */
struct log_event {
	const char *name;
	const char *device; /* its address, or NULL */
	unsigned int domid;
};

/* Receives messages in place of stderr, the default. */
typedef void (*log_fn)(void *data, int level, const char *text);

void log_set_fn(log_fn fn, void *data);
/* Logs to the journal if there is one, otherwise to stderr or, for daemons, to syslog. */
void log_open(const char *name, bool daemon);
/* @level as for syslog(): LOG_ERR, LOG_INFO, ... */
void log_message(int level, const char *fmt, ...) print_format(2, 3);
/* The same, and an event where there is a journal. For the supervisor only. */
void log_event(const struct log_event *event, int level, const char *fmt, ...)
	print_format(3, 4);

#endif
