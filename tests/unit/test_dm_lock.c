// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes that want to be the only one for a guest.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lock.h"

#define GUEST "guest"

static char dir[] = "/tmp/test-lock-XXXXXX";
static char run_dir[64], path[80];

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(run_dir, sizeof(run_dir), "%s/run", dir);
	snprintf(path, sizeof(path), "%s/" GUEST ".lock", run_dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	rmdir(run_dir);
	return rmdir(dir);
}

/* A process that has the lock until it is let go; then it removes the file, or dies. */
struct holder {
	pid_t pid;
	int go;
};

static struct holder hold(bool remove)
{
	int go[2], ready[2];
	struct holder holder;
	char byte;

	assert_int_equal(pipe(go) | pipe(ready), 0);
	holder.pid = fork();
	if (!holder.pid) {
		close(go[1]);
		byte = lock_take(run_dir, GUEST) ? 'n' : 'y';
		if (write(ready[1], &byte, 1) != 1 || byte == 'n')
			_exit(1);
		if (read(go[0], &byte, 1) == 0 && remove)
			lock_remove(run_dir, GUEST);
		_exit(0);
	}
	close(go[0]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	close(ready[0]);
	holder.go = go[1];
	return holder;
}

static void let_go(struct holder *holder)
{
	close(holder->go);
}

static int exit_status(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void has_ended(struct holder *holder)
{
	assert_int_equal(exit_status(holder->pid), 0);
}

/* In a process of its own: who has the lock keeps it. */
static int try(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(-lock_take(run_dir, GUEST));
	return -exit_status(pid);
}

static void test_busy(void **state)
{
	struct holder holder = hold(true);

	(void)state;
	assert_int_equal(try(), -EBUSY);
	let_go(&holder);
	has_ended(&holder);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(try(), 0);
}

/* What a process leaves that was killed is in nobody's way. */
static void test_dead(void **state)
{
	struct holder holder = hold(false);

	(void)state;
	let_go(&holder);
	has_ended(&holder);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(try(), 0);
}

/* The one that waits for a process to end has a file that is there afterwards. */
static void test_wait(void **state)
{
	struct holder holder = hold(true);
	pid_t pid = fork();

	(void)state;
	if (!pid) {
		let_go(&holder);
		_exit(lock_take(run_dir, GUEST) || access(path, F_OK));
	}
	usleep(200000);
	let_go(&holder);
	has_ended(&holder);
	assert_int_equal(exit_status(pid), 0);
}

static void test_no_dir(void **state)
{
	(void)state;
	assert_int_equal(lock_take("/proc/nothing", GUEST), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_dead),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_no_dir),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
