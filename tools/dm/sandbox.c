// SPDX-License-Identifier: GPL-2.0-only
/*
 * The seccomp filter of a worker. It allows no system call that opens, connects,
 * executes, forks, signals or traces.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox.h"

#define MAX_INSTRUCTIONS 160
/* Copies of the expansion ROMs of 32 devices, of 16 MiB each, and as much again */
#define MAX_MEMORY (1ULL << 30)

static const uint32_t allowed[] = {
	/* requests of the guest, VFIO, Xen and the supervisor */
	SYS_ioctl,
	SYS_read,
	SYS_write,
	SYS_readv,
	SYS_writev,
	SYS_pread64,
	SYS_pwrite64,
	SYS_recvmsg,
	SYS_sendmsg,
	SYS_close,
	SYS_fcntl,
	SYS_fstat,
	SYS_newfstatat,
	SYS_lseek,
	/* sd-event, and waiting */
	SYS_epoll_create1,
	SYS_epoll_ctl,
	SYS_epoll_wait,
	SYS_epoll_pwait,
	SYS_epoll_pwait2,
	SYS_poll,
	SYS_ppoll,
	SYS_eventfd2,
	SYS_timerfd_create,
	SYS_timerfd_settime,
	SYS_clock_gettime,
	SYS_clock_getres,
	SYS_clock_nanosleep,
	SYS_nanosleep,
	SYS_gettimeofday,
	SYS_getpid,
	SYS_gettid,
	SYS_getrandom,
	/* memory, if not to execute it: see limited */
	SYS_brk,
	SYS_munmap,
	SYS_mremap,
	SYS_madvise,
	/* the C library */
	SYS_futex,
	SYS_sched_yield,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
	SYS_restart_syscall,
	SYS_exit,
	SYS_exit_group,
};

/* The third argument of these is a protection. */
static const uint32_t limited[] = { SYS_mmap, SYS_mprotect };

struct program {
	struct sock_filter code[MAX_INSTRUCTIONS];
	unsigned short nr;
};

static void add(struct program *program, uint16_t code, uint32_t value,
		uint8_t if_true, uint8_t if_false)
{
	program->code[program->nr++] =
		(struct sock_filter){ code, if_true, if_false, value };
}

static void load(struct program *program, size_t offset)
{
	add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void end(struct program *program, uint32_t action)
{
	add(program, BPF_RET | BPF_K, action, 0, 0);
}

static void refuse(struct program *program)
{
	end(program, SECCOMP_RET_ERRNO | EPERM);
}

/* Only this value executes the next @nr instructions. */
static void unless_skip(struct program *program, uint32_t value, uint8_t nr)
{
	add(program, BPF_JMP | BPF_JEQ | BPF_K, value, 0, nr);
}

/* System call numbers depend on the architecture. */
static void check_architecture(struct program *program)
{
	load(program, offsetof(struct seccomp_data, arch));
	add(program, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
	refuse(program);
	load(program, offsetof(struct seccomp_data, nr));
}

static void allow(struct program *program, uint32_t call)
{
	unless_skip(program, call, 1);
	end(program, SECCOMP_RET_ALLOW);
}

static void allow_without_exec(struct program *program, uint32_t call)
{
	unless_skip(program, call, 4);
	load(program, offsetof(struct seccomp_data, args[2]));
	add(program, BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0);
	end(program, SECCOMP_RET_ALLOW);
	refuse(program);
}

static void make(struct program *program)
{
	check_architecture(program);
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		allow(program, allowed[i]);
	for (size_t i = 0; i < sizeof(limited) / sizeof(limited[0]); i++)
		allow_without_exec(program, limited[i]);
	refuse(program);
}

static int reset_oom_score(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, "0", 1) != 1)
		err = -errno;
	close(fd);
	return err;
}

/* Only what is the worker's own counts: its devices' BARs and the guest's pages do not. */
int sandbox_limit_memory(void)
{
	const struct rlimit limit = { MAX_MEMORY, MAX_MEMORY };

	return setrlimit(RLIMIT_DATA, &limit) ? -errno : reset_oom_score();
}

int sandbox_enter(void)
{
	_Static_assert(
		2 * sizeof(allowed) / sizeof(allowed[0]) +
				5 * sizeof(limited) / sizeof(limited[0]) + 5 <=
			MAX_INSTRUCTIONS,
		"a filter that is too long");
	struct program program = { .nr = 0 };
	struct sock_fprog filter = { .filter = program.code };

	make(&program);
	filter.len = program.nr;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) ?
		       -errno :
		       0;
}
