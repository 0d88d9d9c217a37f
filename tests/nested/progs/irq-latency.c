// SPDX-License-Identifier: GPL-2.0
/*
 * How long it takes from a device's MSI to a process that waits for the
 * eventfd. Where QEMU counts instructions, a nanosecond is one of them.
 *
 * usage: irq-latency SBDF
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "irq.h"
#include "session.h"
#include "tap.h"
#include "util.h"

#define WARM_UP 200
#define ROUNDS 1000

static struct session s;

/* One system call a round, for reading the clock costs one under Xen. */
static bool rounds(int fd, unsigned int n)
{
	volatile uint32_t *raise = (volatile uint32_t *)(s.m.edu.regs + EDU_REG_IRQ_RAISE);
	volatile uint32_t *ack = (volatile uint32_t *)(s.m.edu.regs + EDU_REG_IRQ_ACK);
	uint64_t arrived;

	for (unsigned int i = 0; i < n; i++) {
		*raise = 1;
		if (read(fd, &arrived, sizeof(arrived)) != sizeof(arrived) || arrived != 1)
			return false;
		*ack = 1;
	}
	return true;
}

static void *spin(void *unused)
{
	(void)unused;
	for (;;)
		pthread_testcancel();
	return NULL;
}

/* Something else to do for the processor, that gives way to all. */
static pthread_t keep_busy(void)
{
	struct sched_param param = { 0 };
	pthread_t thread;

	if (pthread_create(&thread, NULL, spin, NULL) ||
	    pthread_setschedparam(thread, SCHED_IDLE, &param))
		die("no thread");
	return thread;
}

static void measure(int fd, const char *name)
{
	int64_t calls, ns;
	uint64_t start;
	bool all = rounds(fd, WARM_UP);

	calls = xen_stat("hypercalls");
	ns = xen_stat("hypercall_ns");
	start = now_ns();
	all &= rounds(fd, ROUNDS);
	comment("irq_latency_%s_ns=%llu", name, (unsigned long long)(now_ns() - start) / ROUNDS);
	if (calls >= 0)
		comment("irq_latency_%s_hypercalls=%.2f irq_latency_%s_hypercall_ns=%lld", name,
			(double)(xen_stat("hypercalls") - calls) / ROUNDS, name,
			(long long)(xen_stat("hypercall_ns") - ns) / ROUNDS);
	ok(all, "%s: all interrupts arrive, one each", name);
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int fd;

	if (argc != 2)
		die("usage: irq-latency SBDF");
	session_must_open(&s, argv[1]);
	if (!ok0(irq_enable(&s.m.device, VFIO_PCI_MSI_IRQ_INDEX, 0, 1, &fd), "enable MSI"))
		return tap_status();
	/* A read that waits */
	if (fcntl(fd, F_SETFL, 0))
		die("fcntl");
	measure(fd, "idle");
	thread = keep_busy();
	measure(fd, "busy");
	pthread_cancel(thread);
	pthread_join(thread, NULL);
	session_close(&s);
	return tap_status();
}
