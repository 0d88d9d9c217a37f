// SPDX-License-Identifier: GPL-2.0
/*
 * How long it takes from a device's interrupt to a process that reads the
 * eventfd, in ticks of the TSC: where QEMU counts instructions, a tick is one.
 *
 * usage: irq-latency edu SBDF		MSI that cannot be masked
 *        irq-latency igb SBDF		MSI-X
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

#include "edu.h"
#include "irq.h"
#include "nic.h"
#include "open.h"
#include "tap.h"
#include "util.h"

#define WARM_UP 200
#define ROUNDS 1000

static const char *kind;
static struct opened o;
static struct edu edu;
static struct nic nic;
static int fd;

static uint64_t took[WARM_UP + ROUNDS];

static void raise_one(void)
{
	if (edu.regs)
		edu_irq_raise(&edu);
	else
		nic_raise(&nic, 0);
}

static void end_one(void)
{
	if (edu.regs)
		edu_irq_ack(&edu);
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The median: now and then the processor has other things to do. */
static void report(const char *what)
{
	uint64_t *of = took + WARM_UP;

	qsort(of, ROUNDS, sizeof(*of), by_value);
	comment("irq_latency_%s_%s=%llu", kind, what, (unsigned long long)of[ROUNDS / 2]);
	comment("of %u rounds the fastest took %llu, a tenth %llu or more", ROUNDS,
		(unsigned long long)of[0], (unsigned long long)of[ROUNDS / 10 * 9]);
}

/* What a system call costs, which is in all the figures. */
static void measure_syscall(void)
{
	for (unsigned int i = 0; i < WARM_UP + ROUNDS; i++) {
		uint64_t start = __rdtsc();

		syscall(SYS_getppid);
		took[i] = __rdtsc() - start;
	}
	report("syscall");
}

/* The process is awake and asks again and again. */
static void measure_polling(void)
{
	unsigned int lost = 0;
	uint64_t count;

	for (unsigned int i = 0; i < WARM_UP + ROUNDS; i++) {
		uint64_t deadline = now_ns() + NIC_WAIT_MS * 1000000ull;
		uint64_t start = __rdtsc();

		raise_one();
		while (read(fd, &count, sizeof(count)) != sizeof(count))
			if (now_ns() > deadline)
				break;
		took[i] = __rdtsc() - start;
		lost += count != 1;
		end_one();
	}
	report("polling");
	ok(!lost, "%s: all interrupts arrive, one each, where a process polls", kind);
}

struct reader {
	pthread_t thread;
	int sleeping_fd;
	pid_t tid;
	unsigned int rounds, lost;
	uint64_t arrived;
};

static void *read_all(void *arg)
{
	struct reader *r = arg;
	uint64_t count;

	__atomic_store_n(&r->tid, gettid(), __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < WARM_UP + ROUNDS; i++) {
		ssize_t got = read(r->sleeping_fd, &count, sizeof(count));

		r->arrived = __rdtsc();
		r->lost += got != sizeof(count) || count != 1;
		__atomic_store_n(&r->rounds, i + 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

/* Its state in /proc; it sleeps nowhere but in its read. */
static bool asleep(int stat_fd)
{
	char stat[512];
	ssize_t n = pread(stat_fd, stat, sizeof(stat) - 1, 0);
	const char *end;

	stat[n > 0 ? n : 0] = 0;
	end = strrchr(stat, ')');
	return end && end[1] && end[2] == 'S';
}

static int open_stat(const struct reader *r)
{
	char path[64];
	pid_t tid;
	int stat_fd;

	while (!(tid = __atomic_load_n(&r->tid, __ATOMIC_ACQUIRE)))
		sched_yield();
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	stat_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (stat_fd < 0)
		die("no %s", path);
	return stat_fd;
}

static bool raise_for(struct reader *r, unsigned int round, int stat_fd)
{
	uint64_t deadline = now_ns() + NIC_WAIT_MS * 1000000ull, start;

	while (!asleep(stat_fd))
		if (now_ns() > deadline)
			return false;
	start = __rdtsc();
	raise_one();
	while (__atomic_load_n(&r->rounds, __ATOMIC_ACQUIRE) == round)
		if (now_ns() > deadline)
			return false;
	took[round] = r->arrived - start;
	end_one();
	return true;
}

/* So that a reader that wakes up has the processor at once. */
static void give_way(int policy)
{
	struct sched_param param = { 0 };

	if (sched_setscheduler(0, policy, &param))
		die("no such policy");
}

/* The reader sleeps, for certain; the processor has something idle to do. */
static void measure_asleep(void)
{
	struct reader r = { .sleeping_fd = fd };
	unsigned int i = 0;
	int stat_fd;

	if (fcntl(fd, F_SETFL, 0) || pthread_create(&r.thread, NULL, read_all, &r))
		die("no reader");
	stat_fd = open_stat(&r);
	give_way(SCHED_IDLE);
	while (i < WARM_UP + ROUNDS && raise_for(&r, i, stat_fd))
		i++;
	give_way(SCHED_OTHER);
	if (!ok(i == WARM_UP + ROUNDS, "%s: each interrupt wakes the reader", kind))
		exit(tap_status());
	pthread_join(r.thread, NULL);
	close(stat_fd);
	report("asleep");
	ok(!r.lost, "%s: all interrupts arrive, one each, where a process sleeps", kind);
}

static unsigned int source_init(void)
{
	if (!strcmp(kind, "edu")) {
		if (edu_init(&edu, &o.device))
			die("%s is no edu", o.device.sbdf);
		return VFIO_PCI_MSI_IRQ_INDEX;
	}
	if (nic_init(&nic, &o.device, kind))
		die("%s has no registers", o.device.sbdf);
	nic_arm(&nic);
	return VFIO_PCI_MSIX_IRQ_INDEX;
}

int main(int argc, char **argv)
{
	unsigned int index;
	int64_t calls;

	if (argc != 3)
		die("usage: irq-latency edu|igb SBDF");
	kind = argv[1];
	opened_must_open(&o, argv[2]);
	index = source_init();
	if (!ok0(irq_enable(&o.device, index, 0, 1, &fd), "%s: enable its interrupt", kind))
		return tap_status();
	measure_syscall();
	calls = xen_stat("hypercalls");
	measure_polling();
	if (calls >= 0)
		comment("an interrupt takes %.2f hypercalls of vfio-xen-iommu",
			(double)(xen_stat("hypercalls") - calls) / (WARM_UP + ROUNDS));
	measure_asleep();
	opened_close(&o);
	return tap_status();
}
