// SPDX-License-Identifier: GPL-2.0-only
/*
 * xenstore, in the supervisor.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include <xenstore.h>

#include "xenstore.h"

#define TOKEN "vfio-xen-dm"
#define PATH_SIZE 256

struct xenstore {
	struct xs_handle *xs;
	xs_transaction_t transaction;
	sd_event_source *source;
	xenstore_fn fn;
	void *data;
};

/* Take all that wait: the descriptor does not become readable for each. */
static int readable(sd_event_source *source, int fd, uint32_t events,
		    void *data)
{
	struct xenstore *store = data;
	char **watch;

	(void)source, (void)fd, (void)events;
	while ((watch = xs_check_watch(store->xs))) {
		if (store->fn)
			store->fn(store->data, watch[XS_WATCH_PATH]);
		free(watch);
	}
	return 0;
}

int xenstore_open(struct xenstore **store, sd_event *event)
{
	struct xenstore *new = calloc(1, sizeof(*new));
	int err;

	if (!new)
		return -ENOMEM;
	new->transaction = XBT_NULL;
	new->xs = xs_open(0);
	if (!new->xs) {
		err = -errno;
		free(new);
		return err ? err : -ENODEV;
	}
	err = sd_event_add_io(event, &new->source, xs_fileno(new->xs), EPOLLIN,
			      readable, new);
	if (err < 0) {
		xenstore_close(new);
		return err;
	}
	*store = new;
	return 0;
}

void xenstore_close(struct xenstore *store)
{
	if (!store)
		return;
	sd_event_source_unref(store->source);
	xs_close(store->xs);
	free(store);
}

char *xenstore_read(struct xenstore *store, const char *fmt, ...)
{
	char path[PATH_SIZE];
	unsigned int len;

	xenstore_format(path, fmt);
	return xs_read(store->xs, store->transaction, path, &len);
}

char **xenstore_list(struct xenstore *store, unsigned int *nr, const char *fmt,
		     ...)
{
	char path[PATH_SIZE];

	xenstore_format(path, fmt);
	return xs_directory(store->xs, store->transaction, path, nr);
}

int xenstore_read_u32(struct xenstore *store, uint32_t *value, const char *fmt,
		      ...)
{
	char path[PATH_SIZE], *text, *end;
	unsigned long number;
	unsigned int len;
	int err = 0;

	xenstore_format(path, fmt);
	text = xs_read(store->xs, store->transaction, path, &len);
	if (!text)
		return -errno;
	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno || end == text || *end || number > UINT32_MAX)
		err = -EBADMSG;
	else
		*value = (uint32_t)number;
	free(text);
	return err;
}

static int write_path(struct xenstore *store, const char *path,
		      const char *value)
{
	return xs_write(store->xs, store->transaction, path, value,
			(unsigned int)strlen(value)) ?
		       0 :
		       -errno;
}

int xenstore_write(struct xenstore *store, const char *value, const char *fmt,
		   ...)
{
	char path[PATH_SIZE];

	xenstore_format(path, fmt);
	return write_path(store, path, value);
}

int xenstore_write_u32(struct xenstore *store, uint32_t value, const char *fmt,
		       ...)
{
	char path[PATH_SIZE], text[16];

	xenstore_format(path, fmt);
	snprintf(text, sizeof(text), "%u", value);
	return write_path(store, path, text);
}

int xenstore_remove(struct xenstore *store, const char *fmt, ...)
{
	char path[PATH_SIZE];

	xenstore_format(path, fmt);
	return xs_rm(store->xs, store->transaction, path) ? 0 : -errno;
}

/* Nobody gets to put something there between the look and the removal. */
int xenstore_remove_empty(struct xenstore *store, const char *fmt, ...)
{
	char path[PATH_SIZE], **names;
	unsigned int count = 0;
	int err;

	xenstore_format(path, fmt);
	do {
		err = xenstore_begin(store);
		if (err)
			return err;
		names = xs_directory(store->xs, store->transaction, path,
				     &count);
		if (names && count == 0)
			xs_rm(store->xs, store->transaction, path);
		free(names);
		err = xenstore_commit(store);
	} while (err == -EAGAIN);
	return err;
}

int xenstore_mkdir(struct xenstore *store, uint32_t owner, uint32_t reader,
		   const char *fmt, ...)
{
	struct xs_permissions perms[] = {
		{ owner, XS_PERM_NONE },
		{ reader, XS_PERM_READ },
	};
	char path[PATH_SIZE];

	xenstore_format(path, fmt);
	if (!xs_mkdir(store->xs, store->transaction, path) ||
	    !xs_set_permissions(store->xs, store->transaction, path, perms, 2))
		return -errno;
	return 0;
}

int xenstore_begin(struct xenstore *store)
{
	store->transaction = xs_transaction_start(store->xs);
	return store->transaction == XBT_NULL ? -errno : 0;
}

static int end(struct xenstore *store, bool abort)
{
	xs_transaction_t transaction = store->transaction;

	store->transaction = XBT_NULL;
	return xs_transaction_end(store->xs, transaction, abort) ? 0 : -errno;
}

int xenstore_commit(struct xenstore *store)
{
	return end(store, false);
}

void xenstore_abort(struct xenstore *store)
{
	if (store->transaction != XBT_NULL)
		end(store, true);
}

void xenstore_set_fn(struct xenstore *store, xenstore_fn fn, void *data)
{
	store->fn = fn;
	store->data = data;
}

int xenstore_watch(struct xenstore *store, const char *path)
{
	return xs_watch(store->xs, path, TOKEN) ? 0 : -errno;
}

void xenstore_unwatch(struct xenstore *store, const char *path)
{
	xs_unwatch(store->xs, path, TOKEN);
}
