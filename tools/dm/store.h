/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xenstore, in the supervisor. What guests write there is as hostile as all else
 * that they say.
 */
#ifndef DM_STORE_H
#define DM_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "log.h"

struct store;

/* A watch has fired for @path; once for each watch when it is set, too. */
typedef void (*store_fn)(void *data, const char *path);

int store_open(struct store **store, sd_event *event);
void store_close(struct store *store);

/* Paths are formatted. A value that is not there is NULL, -ENOENT. */
char *store_read(struct store *store, const char *fmt, ...) print_format(2, 3);
int store_read_u32(struct store *store, uint32_t *value, const char *fmt, ...)
	print_format(3, 4);
int store_write(struct store *store, const char *value, const char *fmt, ...)
	print_format(3, 4);
int store_write_u32(struct store *store, uint32_t value, const char *fmt, ...)
	print_format(3, 4);
int store_remove(struct store *store, const char *fmt, ...) print_format(2, 3);
/* A directory, unless there is something in it. */
int store_remove_empty(struct store *store, const char *fmt, ...)
	print_format(2, 3);
/* An empty directory that @owner writes, and @reader reads. */
int store_mkdir(struct store *store, uint32_t owner, uint32_t reader,
		const char *fmt, ...) print_format(4, 5);

/* All calls in between take effect at once, or not at all: then -EAGAIN. */
int store_begin(struct store *store);
int store_commit(struct store *store);
void store_abort(struct store *store);

/* One function for all watches. */
void store_set_fn(struct store *store, store_fn fn, void *data);
int store_watch(struct store *store, const char *path);
void store_unwatch(struct store *store, const char *path);

#endif
