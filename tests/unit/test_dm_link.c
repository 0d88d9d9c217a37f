// SPDX-License-Identifier: GPL-2.0-only
/*
 * The link between supervisor and worker, and the state that they share.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "guest.h"
#include "link.h"
#include "state.h"

static int ends[2];

static int setup(void **state)
{
	(void)state;
	return link_pair(ends);
}

static int teardown(void **state)
{
	(void)state;
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static int nr_open_fds(void)
{
	int nr = 0;

	for (int fd = 0; fd < 256; fd++)
		nr += fcntl(fd, F_GETFD) >= 0;
	return nr;
}

static void test_message(void **state)
{
	struct link_message sent = { .type = LINK_REMOVE, .index = 7 }, got;
	size_t nr_fds = 0;

	(void)state;
	assert_int_equal(link_receive(ends[1], &got, NULL, &nr_fds), -EAGAIN);
	assert_int_equal(link_wait(ends[1], 0), -ETIMEDOUT);
	assert_int_equal(link_send(ends[0], &sent, NULL, 0), 0);
	assert_int_equal(link_wait(ends[1], 0), 0);
	assert_int_equal(link_receive(ends[1], &got, NULL, &nr_fds), 0);
	assert_int_equal(got.type, LINK_REMOVE);
	assert_int_equal(got.index, 7);
}

static void test_fds(void **state)
{
	struct link_message msg = { .type = LINK_ADD };
	int pipe_fds[2], got[LINK_MAX_FDS];
	size_t nr_fds = LINK_MAX_FDS;
	char byte = 0;

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(link_send(ends[0], &msg, pipe_fds, 2), 0);
	assert_int_equal(link_receive(ends[1], &msg, got, &nr_fds), 0);
	assert_int_equal(nr_fds, 2);
	assert_int_equal(write(got[1], "x", 1), 1);
	assert_int_equal(read(pipe_fds[0], &byte, 1), 1);
	assert_int_equal(byte, 'x');
	assert_true(fcntl(got[0], F_GETFD) & FD_CLOEXEC);
	for (int i = 0; i < 2; i++) {
		close(pipe_fds[i]);
		close(got[i]);
	}
}

static void test_too_many_fds(void **state)
{
	struct link_message msg = { .type = LINK_ADD };
	int fds[] = { 0, 1, 2 }, got[1], before = nr_open_fds();
	size_t nr_fds = 1;

	(void)state;
	assert_int_equal(link_send(ends[0], &msg, fds, 3), 0);
	assert_int_equal(link_receive(ends[1], &msg, got, &nr_fds), 0);
	assert_int_equal(nr_fds, 1);
	close(got[0]);
	assert_int_equal(nr_open_fds(), before);
}

static void test_bad_messages(void **state)
{
	struct link_message msg = { .type = LINK_LOG + 1 };
	size_t nr_fds = 0;

	(void)state;
	assert_int_equal(link_send(ends[0], &msg, NULL, 0), 0);
	assert_int_equal(link_receive(ends[1], &msg, NULL, &nr_fds), -EBADMSG);
	msg.type = LINK_ADDED;
	msg.err = 1;
	assert_int_equal(link_send(ends[0], &msg, NULL, 0), 0);
	assert_int_equal(link_receive(ends[1], &msg, NULL, &nr_fds), -EBADMSG);
	assert_int_equal(send(ends[0], "x", 1, 0), 1);
	assert_int_equal(link_receive(ends[1], &msg, NULL, &nr_fds), -EBADMSG);
}

static void test_text_ends(void **state)
{
	struct link_message msg = { .type = LINK_LOG };
	size_t nr_fds = 0;

	(void)state;
	memset(msg.text, 'x', sizeof(msg.text));
	assert_int_equal(link_send(ends[0], &msg, NULL, 0), 0);
	assert_int_equal(link_receive(ends[1], &msg, NULL, &nr_fds), 0);
	assert_int_equal(strlen(msg.text), sizeof(msg.text) - 1);
}

static void test_closed(void **state)
{
	struct link_message msg = { .type = LINK_READY };
	size_t nr_fds = 0;

	(void)state;
	close(ends[0]);
	ends[0] = -1;
	assert_int_equal(link_receive(ends[1], &msg, NULL, &nr_fds), -EPIPE);
	assert_int_equal(link_send(ends[1], &msg, NULL, 0), -EPIPE);
}

/* A worker that does not read must not hold up the supervisor. */
static void test_full(void **state)
{
	struct link_message msg = { .type = LINK_LOG };
	int err = 0;

	(void)state;
	for (int i = 0; i < 100000 && !err; i++)
		err = link_send(ends[0], &msg, NULL, 0);
	assert_int_equal(err, -EAGAIN);
}

static void test_state(void **state)
{
	struct state *shared, *other;
	int fd;

	(void)state;
	shared = state_create(&fd);
	assert_non_null(shared);
	other = state_map(fd);
	assert_non_null(other);
	shared->domid = 3;
	shared->kind = GUEST_PV;
	assert_int_equal(state_check(other, 3, GUEST_PV), 0);
	assert_int_equal(state_check(other, 4, GUEST_PV), -EBADMSG);
	assert_int_equal(state_check(other, 3, GUEST_HVM), -EBADMSG);
	shared->devices[4].used = 1;
	shared->devices[4].slot = 31;
	assert_int_equal(state_check(other, 3, GUEST_PV), 0);
	shared->devices[9] = shared->devices[4];
	assert_int_equal(state_check(other, 3, GUEST_PV), -EBADMSG);
	shared->devices[9].slot = 32;
	assert_int_equal(state_check(other, 3, GUEST_PV), -EBADMSG);
	shared->devices[9].used = 0;
	shared->devices[4].pv.irq_index = 99;
	assert_int_equal(state_check(other, 3, GUEST_PV), -EBADMSG);
	/* A worker can't take it away under the supervisor. */
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(errno, EPERM);
	state_unmap(other);
	state_unmap(shared);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_message, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_many_fds, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_bad_messages, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_text_ends, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_closed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test(test_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
