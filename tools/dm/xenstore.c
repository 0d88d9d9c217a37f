// SPDX-License-Identifier: GPL-2.0-only
/*
 * xenstore, in the supervisor.
 *
 * xenstored can end, and start again without its contents. libxenstore does not report
 * this. A second connection, used for nothing else, does. xenstored can also hang, and
 * libxenstore waits for it without a limit. Each request is therefore preceded by a
 * question through the second connection, with a limit. A hang between the two is not
 * noticed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <xenstore.h>
#include <xenstore_lib.h>

#include "xenstore.h"
#include "xenstored.h"

#define TOKEN "vfio-xen-dm"
#define PATH_SIZE 256
#define MAX_WATCHES_READ 64 /* at a time */
#define RETRY_USEC 1000000ULL
#define ANSWER_TIMEOUT_MS 5000 /* much less than systemd's watchdog allows */

struct connection {
	struct xs_handle *xs;
	sd_event_source *on_watch;
	struct xenstored daemon;
	sd_event_source *on_end;
};

struct xenstore {
	sd_event *event;
	struct connection connection; /* unusable while is_lost */
	bool is_lost;
	sd_event_source *retry;
	xs_transaction_t transaction;
	char **watches; /* their paths */
	unsigned int nr_watches;
	xenstore_fn fn;
	void *data;
};

/* ---- the connection ---- */

static bool is_among(char **const watches[], unsigned int nr, char **watch)
{
	for (unsigned int i = 0; i < nr; i++)
		if (!strcmp(watches[i][XS_WATCH_PATH], watch[XS_WATCH_PATH]))
			return true;
	return false;
}

/*
 * A guest can write to its nodes faster than the callback handles that, and other sources
 * must get their turn. So read some waiting watches, and report each path once. The
 * descriptor stays readable while more are waiting.
 */
static int readable(sd_event_source *source, int fd, uint32_t events,
		    void *data)
{
	struct xenstore *store = data;
	char **watches[MAX_WATCHES_READ], **watch;
	unsigned int nr = 0;

	(void)source, (void)fd, (void)events;
	for (unsigned int i = 0; i < MAX_WATCHES_READ; i++) {
		watch = xs_check_watch(store->connection.xs);
		if (!watch)
			break;
		if (is_among(watches, nr, watch))
			free(watch);
		else
			watches[nr++] = watch;
	}
	for (unsigned int i = 0; i < nr; i++) {
		if (store->fn)
			store->fn(store->data, watches[i][XS_WATCH_PATH]);
		free(watches[i]);
	}
	return 0;
}

static void close_connection(struct connection *connection)
{
	sd_event_source_disable_unref(connection->on_end);
	sd_event_source_disable_unref(connection->on_watch);
	xenstored_close(&connection->daemon);
	if (connection->xs)
		xs_close(connection->xs);
}

static void retry_later(struct xenstore *store);

static int connect_again(sd_event_source *source, uint64_t now, void *data);

static void ended(struct xenstore *store)
{
	sd_event_source_set_enabled(store->connection.on_end, SD_EVENT_OFF);
	log_message(LOG_ERR,
		    "xenstored has ended; waiting for it to be started again");
	store->is_lost = true;
	retry_later(store);
}

/* Its end, or an answer that comes too late. */
static int daemon_readable(sd_event_source *source, int fd, uint32_t events,
			   void *data)
{
	struct xenstore *store = data;
	int err = xenstored_read(&store->connection.daemon);

	(void)source, (void)fd, (void)events;
	if (err == -EPIPE)
		ended(store);
	else if (!err && store->is_lost)
		connect_again(NULL, 0, store);
	return 0;
}

/* Whether xenstored answers requests now */
static bool answers(struct xenstore *store)
{
	int err;

	if (store->is_lost || store->connection.daemon.fd < 0)
		return !store->is_lost;
	err = xenstored_ask(&store->connection.daemon, ANSWER_TIMEOUT_MS);
	if (!err)
		return true;
	store->is_lost = true; /* its end is reported later */
	if (err == -ETIMEDOUT)
		log_message(
			LOG_ERR,
			"xenstored has not answered for %d s; waiting for it to answer",
			ANSWER_TIMEOUT_MS / 1000);
	return false;
}

static int add_sources(struct xenstore *store, struct connection *connection)
{
	int err = sd_event_add_io(store->event, &connection->on_watch,
				  xs_fileno(connection->xs), EPOLLIN, readable,
				  store);

	if (err >= 0 && connection->daemon.fd >= 0)
		err = sd_event_add_io(store->event, &connection->on_end,
				      connection->daemon.fd, EPOLLIN,
				      daemon_readable, store);
	return err < 0 ? err : 0;
}

/*
 * If nobody listens at the socket, libxenstore would ask the kernel, which would wait
 * for ever.
 */
static int open_connection(struct xenstore *store,
			   struct connection *connection)
{
	int err;

	*connection = (struct connection){ 0 };
	err = xenstored_connect(&connection->daemon);
	if (err && (err != -ENOENT || store->is_lost))
		return err;
	err = err ? 0 : xenstored_ask(&connection->daemon, ANSWER_TIMEOUT_MS);
	if (err) {
		xenstored_close(&connection->daemon);
		return err == -EPIPE ? -ECONNREFUSED : err;
	}
	connection->xs = xs_open(0);
	if (!connection->xs)
		err = errno ? -errno : -ENODEV;
	else
		err = add_sources(store, connection);
	if (err)
		close_connection(connection);
	return err;
}

/* Each watch fires when it is set, which makes up for missed events. */
static int watch_again(struct xenstore *store)
{
	for (unsigned int i = 0; i < store->nr_watches; i++) {
		if (!xs_watch(store->connection.xs, store->watches[i], TOKEN))
			return -errno;
	}
	return 0;
}

static int connect_again(sd_event_source *source, uint64_t now, void *data)
{
	struct xenstore *store = data;
	struct connection new;

	(void)source, (void)now;
	if (open_connection(store, &new)) {
		retry_later(store);
		return 0;
	}
	close_connection(&store->connection);
	store->connection = new;
	store->is_lost = false;
	log_message(LOG_NOTICE, "xenstored is there again");
	/* If xenstored has ended again, on_end will report it. */
	if (watch_again(store))
		log_message(LOG_ERR, "cannot watch xenstore again: %s",
			    strerror(errno));
	return 0;
}

static void retry_later(struct xenstore *store)
{
	store->retry = sd_event_source_disable_unref(store->retry);
	if (sd_event_add_time_relative(store->event, &store->retry,
				       CLOCK_MONOTONIC, RETRY_USEC, 0,
				       connect_again, store) < 0)
		sd_event_exit(store->event, EXIT_FAILURE);
}

int xenstore_open(struct xenstore **store, sd_event *event)
{
	struct xenstore *new = calloc(1, sizeof(*new));
	int err;

	if (!new)
		return -ENOMEM;
	new->event = event;
	new->transaction = XBT_NULL;
	err = open_connection(new, &new->connection);
	if (err) {
		free(new);
		return err;
	}
	*store = new;
	return 0;
}

void xenstore_close(struct xenstore *store)
{
	if (!store)
		return;
	close_connection(&store->connection);
	sd_event_source_disable_unref(store->retry);
	for (unsigned int i = 0; i < store->nr_watches; i++)
		free(store->watches[i]);
	free(store->watches);
	free(store);
}

bool xenstore_is_there(const struct xenstore *store)
{
	return !store->is_lost;
}

/* ---- values ---- */

/* Hide libxenstore's errors of a lost connection. */
static int failure(const struct xenstore *store)
{
	return store->is_lost ? -ENOTCONN : -errno;
}

char *xenstore_read(struct xenstore *store, const char *fmt, ...)
{
	char path[PATH_SIZE];
	unsigned int len;

	xenstore_format(path, fmt);
	if (!answers(store))
		return NULL;
	return xs_read(store->connection.xs, store->transaction, path, &len);
}

char **xenstore_list(struct xenstore *store, unsigned int *nr, const char *fmt,
		     ...)
{
	char path[PATH_SIZE];

	xenstore_format(path, fmt);
	if (!answers(store))
		return NULL;
	return xs_directory(store->connection.xs, store->transaction, path, nr);
}

int xenstore_read_u32(struct xenstore *store, uint32_t *value, const char *fmt,
		      ...)
{
	char path[PATH_SIZE], *text, *end;
	unsigned long number;
	unsigned int len;
	int err = 0;

	xenstore_format(path, fmt);
	if (!answers(store))
		return -ENOTCONN;
	text = xs_read(store->connection.xs, store->transaction, path, &len);
	if (!text)
		return failure(store);
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
	if (!answers(store))
		return -ENOTCONN;
	return xs_write(store->connection.xs, store->transaction, path, value,
			(unsigned int)strlen(value)) ?
		       0 :
		       failure(store);
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
	if (!answers(store))
		return -ENOTCONN;
	return xs_rm(store->connection.xs, store->transaction, path) ?
		       0 :
		       failure(store);
}

/* A transaction keeps others from adding an entry between the check and the removal. */
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
		names = xs_directory(store->connection.xs, store->transaction,
				     path, &count);
		if (names && count == 0)
			xs_rm(store->connection.xs, store->transaction, path);
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
	if (!answers(store))
		return -ENOTCONN;
	if (!xs_mkdir(store->connection.xs, store->transaction, path) ||
	    !xs_set_permissions(store->connection.xs, store->transaction, path,
				perms, 2))
		return failure(store);
	return 0;
}

int xenstore_begin(struct xenstore *store)
{
	if (!answers(store))
		return -ENOTCONN;
	store->transaction = xs_transaction_start(store->connection.xs);
	return store->transaction == XBT_NULL ? failure(store) : 0;
}

static int end(struct xenstore *store, bool abort)
{
	xs_transaction_t transaction = store->transaction;

	store->transaction = XBT_NULL;
	if (!answers(store))
		return -ENOTCONN;
	return xs_transaction_end(store->connection.xs, transaction, abort) ?
		       0 :
		       failure(store);
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

/* ---- watches ---- */

static int remember(struct xenstore *store, const char *path)
{
	char **more = reallocarray(store->watches, store->nr_watches + 1,
				   sizeof(*more));

	if (!more)
		return -ENOMEM;
	store->watches = more;
	more[store->nr_watches] = strdup(path);
	if (!more[store->nr_watches])
		return -ENOMEM;
	store->nr_watches++;
	return 0;
}

static void forget(struct xenstore *store, const char *path)
{
	for (unsigned int i = 0; i < store->nr_watches; i++) {
		if (strcmp(store->watches[i], path))
			continue;
		free(store->watches[i]);
		store->watches[i] = store->watches[--store->nr_watches];
		return;
	}
}

int xenstore_watch(struct xenstore *store, const char *path)
{
	if (!answers(store))
		return -ENOTCONN;
	if (!xs_watch(store->connection.xs, path, TOKEN))
		return failure(store);
	return remember(store, path);
}

void xenstore_unwatch(struct xenstore *store, const char *path)
{
	forget(store, path);
	if (answers(store))
		xs_unwatch(store->connection.xs, path, TOKEN);
}
