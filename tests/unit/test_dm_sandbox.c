// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a worker may still ask the kernel for, in a child that has given up the rest.
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
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include <cmocka.h>

#include "link.h"
#include "sandbox.h"

/* Not by _exit(), before which AddressSanitizer makes calls of its own. */
static void leave(int status)
{
	syscall(SYS_exit_group, status);
}

/* The child's exit status is the line of what is not as it should be. */
#define want(condition)                  \
	do {                             \
		if (!(condition))        \
			leave(__LINE__); \
	} while (0)

static void in_sandbox(void (*fn)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		want(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
		want(sandbox_enter() == 0);
		fn();
		leave(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static bool is_refused(long result)
{
	return result == -1 && errno == EPERM;
}

/* As the system calls themselves: libraries would do more. */
static void attack(void)
{
	static char path[] = "/bin/true";
	char *const argv[] = { path, NULL };

	want(is_refused(open("/dev/null", O_RDONLY)));
	want(is_refused(syscall(SYS_open, "/dev/null", O_RDONLY)));
	want(is_refused(socket(AF_UNIX, SOCK_STREAM, 0)));
	want(is_refused(syscall(SYS_fork)));
	want(is_refused(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)));
	want(is_refused(execv(path, argv)));
	want(is_refused(kill(getpid(), 0)));
	want(is_refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL)));
	want(is_refused(setuid(0)));
	want(is_refused(unlink("/nowhere")));
	want(is_refused(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)));
	/* the same numbers with another meaning */
	want(is_refused(syscall(SYS_read | 0x40000000, 0, NULL, 0)));
}

static void execute(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	want(page != MAP_FAILED);
	want(mprotect(page, 4096, PROT_READ) == 0);
	want(is_refused(mprotect(page, 4096, PROT_READ | PROT_EXEC)));
	want(mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
	want(errno == EPERM);
	want(munmap(page, 4096) == 0);
}

static int stop(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct link_message msg;
	int fds[LINK_MAX_FDS];
	size_t nr_fds = LINK_MAX_FDS;

	(void)events, (void)data;
	want(link_receive(fd, &msg, fds, &nr_fds) == 0);
	want(nr_fds == 1 && close(fds[0]) == 0);
	return sd_event_exit(sd_event_source_get_event(source), 7);
}

static int links[2];

/* What a worker does all day */
static void work(void)
{
	struct link_message msg = { .type = LINK_LOG };
	sd_event *event;
	int one = STDIN_FILENO;

	want(sd_event_new(&event) >= 0);
	want(sd_event_add_io(event, NULL, links[0], EPOLLIN, stop, NULL) >= 0);
	want(link_send(links[1], &msg, &one, 1) == 0);
	want(link_wait(links[0], 1000) == 0);
	want(sd_event_loop(event) == 7);
	sd_event_unref(event);
	for (size_t size = 1; size < 64U << 20; size *= 4)
		free(calloc(1, size));
}

static void test_attack(void **state)
{
	(void)state;
	in_sandbox(attack);
}

static void test_execute(void **state)
{
	(void)state;
	in_sandbox(execute);
}

static void test_work(void **state)
{
	(void)state;
	assert_int_equal(link_pair(links), 0);
	in_sandbox(work);
	close(links[0]);
	close(links[1]);
}

static long read_oom_score(void)
{
	int fd = open("/proc/self/oom_score_adj", O_RDONLY);
	char text[16] = "";

	want(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	return strtol(text, NULL, 10);
}

/* Like systemd; only root can. */
static bool save_from_oom_killer(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);
	bool done = fd >= 0 && write(fd, "-900", 4) == 4;

	close(fd);
	return done;
}

static void use_memory(void)
{
	struct rlimit limit;

	if (save_from_oom_killer())
		want(read_oom_score() == -900);
	want(sandbox_limit_memory() == 0);
	want(read_oom_score() == 0);
	want(getrlimit(RLIMIT_DATA, &limit) == 0);
	want(limit.rlim_cur <= 1U << 30 && limit.rlim_max == limit.rlim_cur);
	want(mmap(NULL, 2UL << 30, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		  0) == MAP_FAILED);
}

static void test_memory(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		use_memory();
		leave(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attack),
		cmocka_unit_test(test_execute),
		cmocka_unit_test(test_work),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
