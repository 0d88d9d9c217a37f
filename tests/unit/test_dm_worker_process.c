// SPDX-License-Identifier: GPL-2.0-only
/*
 * The worker's life: what a worker can do to others. The worker is this program.
 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "clock.h"
#include "fake-log.h"
#include "log.h"
#include "worker_process.h"

#define WORKER_LINK 3
#define FIRST_UID 100000
#define FLOOD UINT32_MAX /* in place of a victim */

struct guest_of_test {
	struct worker_process *process;
	uint32_t victim; /* what its worker is to attack */
	unsigned int nr_refusals; /* of hello() */
	bool failed;
	unsigned int nr_deaths, nr_answers;
};

/* ---- the worker ---- */

static const char *outcome(int result)
{
	return result ? strerror(errno) : "done";
}

/* Until it is killed */
static void flood(void)
{
	const struct link_message msg = { .type = LINK_ADDED };

	while (link_send(WORKER_LINK, &msg, NULL, 0) != -EPIPE)
		;
}

static void attack(pid_t victim, uint32_t uid)
{
	struct link_message msg = { .type = LINK_LOG, .value = LOG_ERR };
	char signalled[64], traced[64];

	snprintf(signalled, sizeof(signalled), "%s", outcome(kill(victim, 0)));
	snprintf(traced, sizeof(traced), "%s",
		 outcome(ptrace(PTRACE_SEIZE, victim, NULL, NULL) ? -1 : 0));
	snprintf(msg.text, sizeof(msg.text), "kill %s, trace %s, user %u\033",
		 signalled, traced, uid);
	link_send(WORKER_LINK, &msg, NULL, 0);
}

/* Until its parent closes the link */
static int worker(void)
{
	struct link_message msg;
	size_t nr_fds;
	int fd;

	for (;;) {
		nr_fds = 1;
		if (link_wait(WORKER_LINK, -1) ||
		    link_receive(WORKER_LINK, &msg, &fd, &nr_fds))
			return 0;
		if (nr_fds)
			close(fd);
		if (msg.type == LINK_READY)
			link_send(WORKER_LINK, &msg, NULL, 0);
		if (msg.type == LINK_HELLO && msg.hello.domid == FLOOD)
			flood();
		if (msg.type == LINK_HELLO)
			attack((pid_t)msg.hello.domid, msg.hello.uid);
	}
}

/* ---- the supervisor's side ---- */

static int hello(void *data, struct link_hello *msg)
{
	struct guest_of_test *guest = data;

	if (guest->nr_refusals) {
		guest->nr_refusals--;
		return -ENOMEM;
	}

	msg->domid = guest->victim;
	return 0;
}

static int device(void *data, unsigned int index)
{
	(void)data, (void)index;
	return -1;
}

static void answered(void *data, unsigned int index, int err)
{
	(void)index, (void)err;
	((struct guest_of_test *)data)->nr_answers++;
}

static void removed(void *data, unsigned int index)
{
	(void)data, (void)index;
}

static bool died(void *data)
{
	((struct guest_of_test *)data)->nr_deaths++;
	return true;
}

static void failed(void *data)
{
	((struct guest_of_test *)data)->failed = true;
}

static void open_guest(struct guest_of_test *guest, sd_event *event,
		       uint32_t victim)
{
	const struct worker_process_options options = {
		.event = event,
		.first_uid = FIRST_UID,
		.state_fd = STDIN_FILENO,
		.ops = { hello, device, answered, removed, died, failed },
		.data = guest,
	};

	*guest = (struct guest_of_test){ .victim = victim };
	assert_int_equal(worker_process_new(&guest->process, &options), 0);
	assert_int_equal(worker_process_start(guest->process), 0);
}

/* Namespaces are root's. */
static bool can_unshare(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(unshare(CLONE_NEWPID) != 0);
	return waitpid(pid, &status, 0) == pid && status == 0;
}

static sd_event *new_event(void)
{
	sigset_t mask;
	sd_event *event;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	assert_true(sd_event_new(&event) >= 0);
	return event;
}

/* One has been taken over. */
static void test_attack(void **state)
{
	struct guest_of_test good, bad;
	sd_event *event = new_event();
	char expected[80];

	(void)state;
	if (!can_unshare())
		skip();
	open_guest(&good, event, 1);
	open_guest(&bad, event, (uint32_t)worker_process_pid(good.process));
	snprintf(expected, sizeof(expected), "domain %u: kill", bad.victim);
	while (!strstr(last_message, expected))
		assert_true(sd_event_run(event, UINT64_MAX) >= 0);
	assert_non_null(strstr(last_message,
			       "kill No such process, trace No such process"));
	snprintf(expected, sizeof(expected), "user %u?",
		 FIRST_UID + bad.victim);
	assert_non_null(strstr(last_message, expected));
	worker_process_free(bad.process);
	worker_process_free(good.process);
	sd_event_unref(event);
}

/* Each successor has a namespace, too. */
static void test_successors(void **state)
{
	sd_event *event = new_event();
	struct guest_of_test guest;

	(void)state;
	if (!can_unshare())
		skip();
	open_guest(&guest, event, (uint32_t)getpid());
	for (unsigned int i = 1; i <= 3; i++) {
		fake_log_clear();
		worker_process_kill(guest.process);
		while (guest.nr_deaths < i || !strstr(last_message, "kill "))
			assert_true(sd_event_run(event, UINT64_MAX) >= 0);
		assert_non_null(strstr(last_message, "kill No such process"));
		while (strstr(last_event, "worker-replaced - ") != last_event)
			assert_true(sd_event_run(event, UINT64_MAX) >= 0);
	}
	assert_false(guest.failed);
	worker_process_free(guest.process);
	sd_event_unref(event);
}

static void run_for(sd_event *event, unsigned int ms)
{
	for (uint64_t end = clock_usec() + ms * USEC_PER_MS;
	     clock_usec() < end;)
		assert_true(sd_event_run(event, 10000) >= 0);
}

static void kill_children(void)
{
	char path[64];
	FILE *file;
	int pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	file = fopen(path, "r");
	assert_non_null(file);
	while (fscanf(file, "%d", &pid) == 1)
		kill(pid, SIGKILL);
	fclose(file);
}

/* Somebody kills all: the spare's death may be noticed after it has become the worker. */
static void test_all_die(void **state)
{
	sd_event *event = new_event();
	struct guest_of_test guest;

	(void)state;
	if (!can_unshare())
		skip();
	open_guest(&guest, event, 1);
	for (unsigned int i = 1; i <= 2; i++) {
		run_for(event, 300);
		kill_children();
		while (guest.nr_deaths < i)
			assert_true(sd_event_run(event, UINT64_MAX) >= 0);
		run_for(event, 300);
		assert_int_not_equal(worker_process_pid(guest.process), 0);
	}
	worker_process_free(guest.process);
	sd_event_unref(event);
}

/* A successor that cannot be started is started later. */
static void test_late_successor(void **state)
{
	sd_event *event = new_event();
	struct guest_of_test guest;

	(void)state;
	if (!can_unshare())
		skip();
	open_guest(&guest, event, 1);
	guest.nr_refusals = 1;
	worker_process_kill(guest.process);
	while (!guest.nr_deaths)
		assert_true(sd_event_run(event, UINT64_MAX) >= 0);
	assert_int_equal(worker_process_pid(guest.process), 0);
	assert_non_null(strstr(last_error, "cannot start a worker"));
	run_for(event, 1500);
	assert_int_not_equal(worker_process_pid(guest.process), 0);
	worker_process_free(guest.process);
	sd_event_unref(event);
}

/* Messages without end are that of a worker that has been taken over. */
static void test_flood(void **state)
{
	sd_event *event = new_event();
	struct guest_of_test guest;

	(void)state;
	if (!can_unshare())
		skip();
	open_guest(&guest, event, FLOOD);
	while (!guest.nr_deaths)
		assert_true(sd_event_run(event, UINT64_MAX) >= 0);
	assert_in_range(guest.nr_answers, 1, 20000);
	while (!guest.failed)
		assert_true(sd_event_run(event, UINT64_MAX) >= 0);
	worker_process_free(guest.process);
	sd_event_unref(event);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attack),
		cmocka_unit_test(test_successors),
		cmocka_unit_test(test_late_successor),
		cmocka_unit_test(test_all_die),
		cmocka_unit_test(test_flood),
	};

	if (argc == 2 && strcmp(argv[1], "--worker") == 0)
		return worker();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
