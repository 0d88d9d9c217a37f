// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers: real processes, with the descriptors of their work and no others.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "helper.h"
#include "link.h"

struct report {
	pid_t pid;
	unsigned int nr_fds; /* beside standard input and output, and the link */
	bool has_kept;
	char byte; /* read through the kept one */
};

static sd_event *event;
static bool ended;

static void note_end(void *data)
{
	assert_ptr_equal(data, &ended);
	ended = true;
}

static void wait_for_end(void)
{
	for (int i = 0; i < 500 && !ended; i++)
		assert_true(sd_event_run(event, 10000) >= 0);
	assert_true(ended);
}

/* ---- in the helper ---- */

static void tell(int link, void *data)
{
	const int *kept = data;
	struct report report = {
		.pid = getpid(),
		.has_kept = fcntl(*kept, F_GETFD) >= 0,
	};

	for (int fd = STDERR_FILENO + 1; fd < 1024; fd++)
		report.nr_fds += fd != link && fcntl(fd, F_GETFD) >= 0;
	if (read(*kept, &report.byte, 1) != 1)
		report.byte = 0;
	link_send_data(link, &report, sizeof(report), NULL, 0);
}

static void send_file(int link, void *data)
{
	int fd = open("/dev/zero", O_RDONLY);

	(void)data;
	link_send_data(link, "x", 1, &fd, 1);
}

static void wait_for_close(int link, void *data)
{
	(void)data;
	link_wait(link, -1);
}

/* ---- tests ---- */

static void test_descriptors(void **state)
{
	struct report report;
	struct helper *helper;
	struct helper_work work = { .run = tell, .nr_fds = 1 };
	int fds[2], others[2];
	size_t nr = 0;

	(void)state;
	assert_int_equal(pipe(others), 0);
	assert_int_equal(pipe(fds), 0);
	/* High, and with a gap before it */
	work.fds[0] = fcntl(fds[0], F_DUPFD, 200);
	work.data = &work.fds[0];
	assert_int_equal(write(fds[1], "a", 1), 1);
	ended = false;
	assert_int_equal(helper_start(&helper, event, &work, note_end, &ended),
			 0);
	wait_for_end();
	assert_int_equal(link_receive_data(helper_link(helper), &report,
					   sizeof(report), NULL, &nr),
			 0);
	assert_int_not_equal(report.pid, getpid());
	assert_true(report.has_kept);
	assert_int_equal(report.nr_fds, 1);
	assert_int_equal(report.byte, 'a');
	helper_free(helper);
	for (int i = 0; i < 2; i++) {
		close(fds[i]);
		close(others[i]);
	}
	close(work.fds[0]);
}

/* The descriptor waits in the link for a supervisor that asks after the helper's end. */
static void test_answer(void **state)
{
	const struct helper_work work = { .run = send_file };
	struct helper *helper;
	int fds[3] = { -1, -1, -1 };
	size_t nr = 3;
	char byte = 1;

	(void)state;
	ended = false;
	assert_int_equal(helper_start(&helper, event, &work, note_end, &ended),
			 0);
	wait_for_end();
	assert_int_equal(
		link_receive_data(helper_link(helper), &byte, 1, fds, &nr), 0);
	assert_int_equal(byte, 'x');
	assert_int_equal(nr, 1);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	assert_int_equal(byte, 0);
	close(fds[0]);
	helper_free(helper);
}

/* A killed helper has closed its descriptors, and says nothing. */
static void test_killed(void **state)
{
	struct helper_work work = { .run = wait_for_close, .nr_fds = 1 };
	struct helper *helper;
	size_t nr = 0;
	int fds[2];
	pid_t pid;
	char byte;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	work.fds[0] = fds[1];
	ended = false;
	assert_int_equal(helper_start(&helper, event, &work, note_end, &ended),
			 0);
	close(fds[1]);
	assert_int_equal(sd_event_run(event, 10000), 0);
	assert_false(ended);
	pid = helper_pid(helper);
	assert_true(pid > 0);
	kill(pid, SIGKILL);
	wait_for_end();
	assert_int_equal(read(fds[0], &byte, 1), 0);
	assert_int_equal(link_receive_data(helper_link(helper), &byte, 1, NULL,
					   &nr),
			 -EPIPE);
	helper_free(helper);
	close(fds[0]);
}

static void test_close_link(void **state)
{
	const struct helper_work work = { .run = wait_for_close };
	struct helper *helper;

	(void)state;
	ended = false;
	assert_int_equal(helper_start(&helper, event, &work, note_end, &ended),
			 0);
	assert_int_equal(sd_event_run(event, 10000), 0);
	assert_false(ended);
	helper_close_link(helper);
	assert_int_equal(helper_link(helper), -1);
	wait_for_end();
	helper_free(helper);
}

/* Nobody is told of one that is no longer supervised. */
static void test_unsupervised(void **state)
{
	const struct helper_work work = { .run = wait_for_close };
	struct helper *helper;

	(void)state;
	ended = false;
	assert_int_equal(helper_start(&helper, event, &work, note_end, &ended),
			 0);
	helper_free(helper);
	for (int i = 0; i < 10; i++)
		sd_event_run(event, 10000);
	assert_false(ended);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_close_link),
		cmocka_unit_test(test_unsupervised),
	};
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	if (sd_event_new(&event) < 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
