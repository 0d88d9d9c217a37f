// SPDX-License-Identifier: GPL-2.0
/*
 * INTx is a level: it arrives once, and again after each unmask for as long as
 * it stays raised. Then as many interrupts as a device can raise in 2 s, of
 * both kinds, while a thread looks at how the machine keeps time.
 *
 * usage: edu-level SBDF
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "irq.h"
#include "session.h"
#include "tap.h"
#include "util.h"

#define MSI VFIO_PCI_MSI_IRQ_INDEX
#define INTX VFIO_PCI_INTX_IRQ_INDEX
#define WAIT_MS 3000
#define QUIET_MS 50
#define STORM_NS 2000000000ull
#define TICK_MS 10
/* Of 200; and emulation on a busy host stops now and then. */
#define TICKS_MIN 40
#define GAP_MAX_MS 1500

static struct session s;

static void raise_irq(void)
{
	edu_irq_raise(&s.m.edu);
}

static void ack(void)
{
	edu_irq_ack(&s.m.edu);
}

static int mask(void)
{
	return irq_mask(&s.m.device, INTX, 0);
}

static int unmask(void)
{
	return irq_unmask(&s.m.device, INTX, 0);
}

static void level(int fd)
{
	unsigned int got = 0;

	ok0(mask(), "INTx: mask");
	raise_irq();
	ok(irq_wait(fd, QUIET_MS) == 0, "raised while masked, it does not arrive");
	ok0(unmask(), "unmask");
	ok(irq_wait(fd, WAIT_MS) == 1, "then it arrives, once");
	for (unsigned int i = 0; i < 100; i++)
		raise_irq();
	ok(irq_wait(fd, QUIET_MS) == 0, "raised 100 times more without an unmask, it does not");
	for (unsigned int i = 0; i < 100; i++) {
		unmask();
		got += (unsigned int)irq_wait(fd, WAIT_MS);
	}
	ok(got == 100, "still raised, it arrives once after each of 100 unmasks (%u)", got);
	ack();
	ok0(unmask(), "acknowledge and unmask");
	ok(irq_wait(fd, QUIET_MS) == 0, "it does not arrive any more");
	raise_irq();
	ok(irq_wait(fd, WAIT_MS) == 1, "raised again it does");
	mask();
	ack();
	unmask();
	ok(irq_wait(fd, QUIET_MS) == 0, "acknowledged while masked it does not come back");
}

/* The same through an eventfd, as a virtual machine monitor does it. */
static void level_by_fd(int fd)
{
	int resample = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	unsigned int got = 0;

	ok0(irq_unmask_fd(&s.m.device, INTX, resample), "INTx: let an eventfd unmask");
	raise_irq();
	for (unsigned int i = 0; i < 100; i++) {
		got += (unsigned int)irq_wait(fd, WAIT_MS);
		eventfd_write(resample, 1);
	}
	ok(got == 100, "still raised, it arrives once after each of 100 of its writes (%u)", got);
	irq_wait(fd, WAIT_MS);
	ack();
	eventfd_write(resample, 1);
	ok(irq_wait(fd, QUIET_MS) == 0, "acknowledged, it is over");
	ok0(irq_unmask_fd(&s.m.device, INTX, -1), "take the eventfd away");
	close(resample);
}

/* The machine's sense of time during a storm. */
struct clock {
	pthread_t thread;
	atomic_bool stop;
	unsigned int ticks;
	uint64_t gap_ns;
};

static void *tick(void *arg)
{
	struct clock *c = arg;
	uint64_t last = now_ns(), now;

	while (!atomic_load(&c->stop)) {
		sleep_ms(TICK_MS);
		now = now_ns();
		if (now - last > c->gap_ns)
			c->gap_ns = now - last;
		last = now;
		c->ticks++;
	}
	return NULL;
}

static void clock_start(struct clock *c)
{
	*c = (struct clock){ .ticks = 0 };
	if (pthread_create(&c->thread, NULL, tick, c))
		die("no thread");
}

static void clock_judge(struct clock *c, const char *name)
{
	atomic_store(&c->stop, true);
	pthread_join(c->thread, NULL);
	ok(c->ticks >= TICKS_MIN && c->gap_ns < GAP_MAX_MS * 1000000ull,
	   "%s: time goes on: %u ticks, the longest took %llu ms", name, c->ticks,
	   (unsigned long long)c->gap_ns / 1000000);
}

/* Never acknowledged, unmasked at once: it comes as often as it is taken. */
static void intx_storm(int fd)
{
	unsigned int got = 0, rounds = 0;
	struct clock c;
	uint64_t end;

	raise_irq();
	clock_start(&c);
	for (end = now_ns() + STORM_NS; now_ns() < end; rounds++) {
		raise_irq();
		got += (unsigned int)irq_wait(fd, WAIT_MS);
		unmask();
	}
	clock_judge(&c, "INTx storm");
	ok(got == rounds, "INTx storm: %u of %u arrive", got, rounds);
	mask();
	ack();
	irq_wait(fd, 0);
	unmask();
	ok(irq_wait(fd, QUIET_MS) == 0, "INTx storm: acknowledged, it is over");
}

static void msi_storm(int fd)
{
	uint64_t end, got = 0, raised = 0;
	struct clock c;

	clock_start(&c);
	for (end = now_ns() + STORM_NS; now_ns() < end; raised += 100) {
		for (unsigned int i = 0; i < 100; i++)
			raise_irq();
		got += irq_wait(fd, 0);
	}
	clock_judge(&c, "MSI storm");
	got += irq_wait(fd, QUIET_MS);
	ok(got > 0 && got <= raised, "MSI storm: %llu of %llu arrive", (unsigned long long)got,
	   (unsigned long long)raised);
	ack();
	raise_irq();
	ok(irq_wait(fd, WAIT_MS) == 1, "MSI storm: the next one arrives once");
	ack();
}

static void with(unsigned int index, void (*test)(int fd), const char *name)
{
	int fd;

	if (!ok0(irq_enable(&s.m.device, index, 0, 1, &fd), "%s: enable", name))
		return;
	test(fd);
	ok0(irq_disable(&s.m.device, index), "%s: disable", name);
	irq_close(&fd, 1);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		die("usage: edu-level SBDF");
	session_must_open(&s, argv[1]);
	ack();
	with(INTX, level, "INTx");
	with(INTX, level_by_fd, "INTx");
	with(INTX, intx_storm, "INTx");
	with(MSI, msi_storm, "MSI");
	with(INTX, level, "INTx after the storms");
	ok(edu_alive(&s.m.edu), "the device is well");
	session_close(&s);
	return tap_status();
}
