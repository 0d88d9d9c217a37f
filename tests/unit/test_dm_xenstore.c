// SPDX-License-Identifier: GPL-2.0-only
/*
 * xenstore in the supervisor, when xenstored ends and is started again. libxenstore is
 * the real one, and xenstored a process that answers everything.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <xen/io/xs_wire.h>

#include "fake-log.h"
#include "xenstore.h"

#define MAX_CLIENTS 8
#define FLOOD "/a/path\0vfio-xen-dm" /* an event's path and token */

static char dir[] = "/tmp/test_dm_xenstore.XXXXXX";
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static pid_t daemon_pid;
static unsigned int nr_fired[2]; /* of these watches */
static const char *const paths[] = { "@releaseDomain", "/a/path" };
static unsigned int
	nr_writes; /* of a guest, to the second one, when it is watched */

/* ---- xenstored ---- */

/* A client may be gone. */
static bool send_message(int fd, struct xsd_sockmsg msg, const void *body,
			 uint32_t len)
{
	msg.len = len;
	return send(fd, &msg, sizeof(msg), MSG_NOSIGNAL) == sizeof(msg) &&
	       send(fd, body, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static bool serve(int fd)
{
	struct xsd_sockmsg msg, event = { .type = XS_WATCH_EVENT };
	char body[XENSTORE_PAYLOAD_MAX];

	if (recv(fd, &msg, sizeof(msg), MSG_WAITALL) != sizeof(msg) ||
	    recv(fd, body, msg.len, MSG_WAITALL) != (ssize_t)msg.len)
		return false;
	if (!send_message(fd, msg, "7", 2))
		return false;
	if (msg.type == XS_WATCH && !send_message(fd, event, body, msg.len))
		return false;
	if (msg.type == XS_WATCH && !strcmp(body, paths[0])) {
		for (unsigned int i = 0; i < nr_writes; i++)
			send_message(fd, event, FLOOD, sizeof(FLOOD));
	}
	return true;
}

static void be_xenstored(int listener)
{
	struct pollfd fds[MAX_CLIENTS] = {
		{ .fd = listener, .events = POLLIN },
	};
	nfds_t nr = 1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		if (poll(fds, nr, -1) < 0)
			_exit(1);
		for (nfds_t i = 1; i < nr; i++) {
			if (fds[i].revents && !serve(fds[i].fd)) {
				close(fds[i].fd);
				fds[i].fd = -1;
			}
		}
		if (fds[0].revents && nr < MAX_CLIENTS)
			fds[nr++] = (struct pollfd){
				.fd = accept(listener, NULL, NULL),
				.events = POLLIN,
			};
	}
}

static void start_xenstored(void)
{
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	unlink(address.sun_path);
	assert_int_equal(bind(listener, (struct sockaddr *)&address,
			      sizeof(address)),
			 0);
	assert_int_equal(listen(listener, MAX_CLIENTS), 0);
	daemon_pid = fork();
	if (daemon_pid == 0)
		be_xenstored(listener);
	close(listener);
}

/* The socket stays, as that of one that was killed does. */
static void kill_xenstored(void)
{
	kill(daemon_pid, SIGKILL);
	waitpid(daemon_pid, NULL, 0);
}

/* ---- its client ---- */

static void fired(void *data, const char *path)
{
	(void)data;
	for (unsigned int i = 0; i < 2; i++)
		nr_fired[i] += strcmp(path, paths[i]) == 0;
}

static void run_for(sd_event *event, unsigned int ms)
{
	uint64_t now, end;

	sd_event_now(event, CLOCK_MONOTONIC, &end);
	end += ms * 1000ULL;
	while (sd_event_now(event, CLOCK_MONOTONIC, &now) >= 0 && now < end)
		assert_true(sd_event_run(event, end - now) >= 0);
}

static void open_store(struct xenstore **store, sd_event **event)
{
	assert_true(sd_event_new(event) >= 0);
	assert_int_equal(xenstore_open(store, *event), 0);
	xenstore_set_fn(*store, fired, NULL);
	memset(nr_fired, 0, sizeof(nr_fired));
	fake_log_clear();
}

static void close_store(struct xenstore *store, sd_event *event)
{
	xenstore_close(store);
	sd_event_unref(event);
}

static void assert_works(struct xenstore *store)
{
	uint32_t value = 0;

	assert_true(xenstore_is_there(store));
	assert_int_equal(xenstore_read_u32(store, &value, "/a"), 0);
	assert_int_equal(value, 7);
}

static void assert_lost(struct xenstore *store)
{
	uint32_t value;

	assert_false(xenstore_is_there(store));
	assert_int_equal(xenstore_read_u32(store, &value, "/a"), -ENOTCONN);
	assert_int_equal(xenstore_write(store, "1", "/a"), -ENOTCONN);
	assert_int_equal(xenstore_begin(store), -ENOTCONN);
	assert_int_equal(xenstore_watch(store, "/b"), -ENOTCONN);
	assert_null(xenstore_read(store, "/a"));
}

/* It says so at once, and nobody waits for an answer. */
static void test_end(void **state)
{
	struct xenstore *store;
	sd_event *event;

	(void)state;
	start_xenstored();
	open_store(&store, &event);
	assert_int_equal(xenstore_watch(store, paths[0]), 0);
	run_for(event, 100);
	assert_works(store);
	assert_string_equal(last_message, "");
	kill_xenstored();
	run_for(event, 200);
	assert_non_null(strstr(last_message, "xenstored has ended"));
	assert_lost(store);
	run_for(event, 2500);
	assert_lost(store);
	close_store(store, event);
}

/* The watches are those of before, but for the one that nobody wants any more. */
static void test_restart(void **state)
{
	struct xenstore *store;
	sd_event *event;

	(void)state;
	start_xenstored();
	open_store(&store, &event);
	assert_int_equal(xenstore_watch(store, paths[0]), 0);
	assert_int_equal(xenstore_watch(store, paths[1]), 0);
	run_for(event, 100);
	assert_int_equal(nr_fired[0], 1);
	for (unsigned int i = 2; i <= 3; i++) {
		kill_xenstored();
		run_for(event, 100);
		assert_lost(store);
		xenstore_unwatch(store, paths[1]);
		start_xenstored();
		run_for(event, 1500);
		assert_non_null(strstr(last_message, "there again"));
		assert_works(store);
		assert_int_equal(nr_fired[0], i);
		assert_int_equal(nr_fired[1], 1);
	}
	close_store(store, event);
	kill_xenstored();
}

/* Not even libxenstore's way through the kernel is tried, which has no end. */
static void test_none(void **state)
{
	struct xenstore *store = NULL;
	sd_event *event;

	(void)state;
	start_xenstored();
	kill_xenstored();
	assert_true(sd_event_new(&event) >= 0);
	assert_int_equal(xenstore_open(&store, event), -ECONNREFUSED);
	assert_null(store);
	sd_event_unref(event);
}

static uint64_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec;
}

/* One that hangs is waited for once, and noticed when it goes on. */
static void test_hang(void **state)
{
	struct xenstore *store;
	sd_event *event;
	uint64_t begin;
	uint32_t value;

	(void)state;
	start_xenstored();
	open_store(&store, &event);
	assert_int_equal(xenstore_watch(store, paths[0]), 0);
	run_for(event, 100);
	kill(daemon_pid, SIGSTOP);
	run_for(event, 1500);
	assert_string_equal(last_message, "");
	begin = seconds();
	assert_int_equal(xenstore_read_u32(store, &value, "/a"), -ENOTCONN);
	assert_in_range(seconds() - begin, 4, 7);
	assert_non_null(strstr(last_message, "has not answered for 5 s"));
	begin = seconds();
	assert_lost(store);
	xenstore_unwatch(store, "/b");
	run_for(event, 1500);
	assert_lost(store);
	assert_in_range(seconds() - begin, 0, 4);
	kill(daemon_pid, SIGCONT);
	run_for(event, 500);
	assert_non_null(strstr(last_message, "there again"));
	assert_works(store);
	assert_int_equal(nr_fired[0], 2);
	/* It ends while it hangs. */
	kill(daemon_pid, SIGSTOP);
	assert_null(xenstore_read(store, "/a"));
	kill_xenstored();
	run_for(event, 200);
	assert_non_null(strstr(last_message, "xenstored has ended"));
	start_xenstored();
	run_for(event, 1500);
	assert_works(store);
	close_store(store, event);
	kill_xenstored();
}

/* A supervisor that starts then can wait as for one that has not been started. */
static void test_hang_at_start(void **state)
{
	struct xenstore *store = NULL;
	sd_event *event;

	(void)state;
	start_xenstored();
	kill(daemon_pid, SIGSTOP);
	assert_true(sd_event_new(&event) >= 0);
	assert_int_equal(xenstore_open(&store, event), -ETIMEDOUT);
	assert_null(store);
	kill(daemon_pid, SIGCONT);
	assert_int_equal(xenstore_open(&store, event), 0);
	assert_works(store);
	close_store(store, event);
	kill_xenstored();
}

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", dir);
	return setenv("XENSTORED_PATH", address.sun_path, 1);
}

static int teardown(void **state)
{
	(void)state;
	unlink(address.sun_path);
	return rmdir(dir);
}

/* A guest writes without end: one look is enough, and other things get their turn. */
static void test_flood(void **state)
{
	struct xenstore *store;
	sd_event *event;

	(void)state;
	nr_writes = 2000;
	start_xenstored();
	open_store(&store, &event);
	assert_int_equal(xenstore_watch(store, paths[1]), 0);
	assert_int_equal(xenstore_watch(store, paths[0]), 0);
	usleep(500000); /* all have arrived */
	assert_true(sd_event_run(event, 0) >= 0);
	assert_in_range(nr_fired[1], 1, 1);
	run_for(event, 500);
	assert_int_equal(nr_fired[0], 1);
	assert_in_range(nr_fired[1], 2, 2000 / 64 + 2);
	close_store(store, event);
	kill_xenstored();
	nr_writes = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_hang),
		cmocka_unit_test(test_hang_at_start),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
