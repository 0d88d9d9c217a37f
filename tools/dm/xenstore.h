/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xenstore, for the supervisor. What guests write there is hostile.
 */
#ifndef DM_XENSTORE_H
#define DM_XENSTORE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <systemd/sd-event.h>

#include "log.h"

struct xenstore;

/* A watch has fired for @path. Each watch also fires once when it is set. */
typedef void (*xenstore_fn)(void *data, const char *path);

/* -ECONNREFUSED: xenstored has ended; -ETIMEDOUT: it does not answer. */
int xenstore_open(struct xenstore **store, sd_event *event);
void xenstore_close(struct xenstore *store);
/*
 * Whether xenstored is there. If it ends, or does not answer within 5 s, all calls fail
 * with -ENOTCONN until it has been started again, or answers. Then the watches are set
 * again, and fire.
 */
bool xenstore_is_there(const struct xenstore *store);

/* Formats the arguments as a path, for the functions below and their doubles in tests. */
#define xenstore_format(path, fmt)                         \
	do {                                               \
		va_list args_;                             \
		va_start(args_, fmt);                      \
		vsnprintf(path, sizeof(path), fmt, args_); \
		va_end(args_);                             \
	} while (0)

/* Paths are formatted. A missing value is NULL or -ENOENT. */
char *xenstore_read(struct xenstore *store, const char *fmt, ...)
	print_format(2, 3);
/*
 * The names in a directory, which the caller frees with one free(); NULL: no such
 * directory
 */
char **xenstore_list(struct xenstore *store, unsigned int *nr, const char *fmt,
		     ...) print_format(3, 4);
int xenstore_read_u32(struct xenstore *store, uint32_t *value, const char *fmt,
		      ...) print_format(3, 4);
int xenstore_write(struct xenstore *store, const char *value, const char *fmt,
		   ...) print_format(3, 4);
int xenstore_write_u32(struct xenstore *store, uint32_t value, const char *fmt,
		       ...) print_format(3, 4);
int xenstore_remove(struct xenstore *store, const char *fmt, ...)
	print_format(2, 3);
/* Removes a directory if it is empty. */
int xenstore_remove_empty(struct xenstore *store, const char *fmt, ...)
	print_format(2, 3);
/* Creates an empty directory that @owner may write and @reader may read. */
int xenstore_mkdir(struct xenstore *store, uint32_t owner, uint32_t reader,
		   const char *fmt, ...) print_format(4, 5);

/* All calls in between take effect together, or not at all: then -EAGAIN. */
int xenstore_begin(struct xenstore *store);
int xenstore_commit(struct xenstore *store);
void xenstore_abort(struct xenstore *store);

/* The function that is called for all watches */
void xenstore_set_fn(struct xenstore *store, xenstore_fn fn, void *data);
int xenstore_watch(struct xenstore *store, const char *path);
void xenstore_unwatch(struct xenstore *store, const char *path);

#endif
