// SPDX-License-Identifier: GPL-2.0
/*
 * Two threads that set a device's interrupts up at the same time, one with eventfds
 * and one with event channels: the second one is refused, whichever it is.
 *
 * usage: irq-race SBDF [SECONDS]	of an edu that vfio-xen-pci has
 *
 * The kernel reads the eventfds in the middle of its work. Here they are in a page
 * that is missing until this process provides it (userfaultfd), which holds one
 * thread up there for as long as it takes, also where there is one processor.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "evtchn.h"
#include "irq.h"
#include "session.h"
#include "tap.h"
#include "util.h"

#define MSI VFIO_PCI_MSI_IRQ_INDEX
#define WAIT_MS 3000
#define HEADER offsetof(struct vfio_irq_set, data)

static struct session s;

struct attempt {
	pthread_t thread;
	void *(*run)(void *self);
	struct vfio_irq_set *set;	/* eventfds only */
	uint32_t port;			/* event channels only */
	atomic_bool over;
	int ret;
};

static void *with_eventfd(void *self)
{
	struct attempt *a = self;

	a->ret = ioctl(s.m.device.fd, VFIO_DEVICE_SET_IRQS, a->set) ? -errno : 0;
	a->over = true;
	return NULL;
}

static void *with_evtchn(void *self)
{
	struct attempt *a = self;

	a->ret = evtchn_connect(&s.m.device, MSI, 0, 1, &a->port);
	a->over = true;
	return NULL;
}

static void start(struct attempt *a)
{
	a->over = false;
	if (pthread_create(&a->thread, NULL, a->run, a))
		die("no thread");
}

/* ---- a page that is missing ---- */

/* -1: this kernel has none. */
static int uffd_open(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	int uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (uffd < 0 && errno == ENOSYS)
		return -1;
	if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api))
		die("no userfaultfd: %s", strerror(errno));
	return uffd;
}

/* A request whose header is at the end of a page, and its data in the missing one. */
static struct vfio_irq_set *request_without_data(int uffd, uint8_t **missing)
{
	uint8_t *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			      -1, 0);
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct vfio_irq_set *set;

	if (pages == MAP_FAILED)
		die("no memory");
	*missing = pages + PAGE;
	reg.range.start = (uintptr_t)*missing;
	reg.range.len = PAGE;
	if (ioctl(uffd, UFFDIO_REGISTER, &reg))
		die("UFFDIO_REGISTER: %s", strerror(errno));
	set = (void *)(*missing - HEADER);
	*set = (struct vfio_irq_set){
		.argsz = HEADER + sizeof(int),
		.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = MSI,
		.count = 1,
	};
	return set;
}

static void wait_for_fault(int uffd)
{
	struct pollfd p = { .fd = uffd, .events = POLLIN };
	struct uffd_msg msg;

	if (poll(&p, 1, WAIT_MS) != 1 || read(uffd, &msg, sizeof(msg)) != sizeof(msg) ||
	    msg.event != UFFD_EVENT_PAGEFAULT)
		die("the kernel has not asked for the page");
}

static void provide(int uffd, uint8_t *missing, int fd)
{
	uint8_t *page = pages_alloc(PAGE);
	struct uffdio_copy copy = {
		.dst = (uintptr_t)missing, .src = (uintptr_t)page, .len = PAGE
	};

	memcpy(page, &fd, sizeof(fd));
	if (ioctl(uffd, UFFDIO_COPY, &copy))
		die("UFFDIO_COPY: %s", strerror(errno));
	pages_free(page, PAGE);
}

static void held_up(void)
{
	struct attempt eventfds = { .run = with_eventfd };
	struct attempt evtchns = { .run = with_evtchn, .port = evtchn_new_port() };
	int uffd = uffd_open(), fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	uint8_t *missing;

	if (uffd < 0) {
		skip("this kernel has no userfaultfd", "a second request waits for the first");
		return;
	}
	eventfds.set = request_without_data(uffd, &missing);
	start(&eventfds);
	wait_for_fault(uffd);
	start(&evtchns);
	sleep_ms(500);
	ok(!evtchns.over, "a second request waits for the first, which waits for its data");
	provide(uffd, missing, fd);
	pthread_join(eventfds.thread, NULL);
	pthread_join(evtchns.thread, NULL);
	ok0(eventfds.ret, "the first one, for an eventfd, succeeds");
	ok(evtchns.ret == -EINVAL, "the second one, for an event channel, is refused: %s",
	   strerror(-evtchns.ret));
	edu_irq_raise(&s.m.edu);
	ok(irq_wait(fd, WAIT_MS) == 1, "the eventfd gets the interrupt");
	edu_irq_ack(&s.m.edu);
	ok0(irq_disable(&s.m.device, MSI), "disable");
	munmap(missing - PAGE, 2 * PAGE);
	close(uffd);
	close(fd);
}

/* ---- as fast as they can ---- */

struct worker {
	pthread_t thread;
	uint32_t port;			/* 0: with eventfds */
	unsigned long wins, refusals;
	int error;
};

static atomic_bool stop;

static int try_once(struct worker *w)
{
	int fd, ret;

	if (w->port)
		return evtchn_connect(&s.m.device, MSI, 0, 1, &w->port);
	ret = irq_enable(&s.m.device, MSI, 0, 1, &fd);
	if (!ret)
		irq_close(&fd, 1);
	return ret;
}

static void *work(void *arg)
{
	struct worker *w = arg;

	while (!stop && !w->error) {
		int ret = try_once(w);

		if (!ret)
			w->wins++;
		else if (ret == -EINVAL)
			w->refusals++;
		else
			w->error = ret;
		/* The other one's as well: it takes notice of the next error only. */
		irq_disable(&s.m.device, MSI);
	}
	return NULL;
}

static void for_a_while(unsigned int seconds)
{
	struct worker w[2] = { { .port = 0 }, { .port = evtchn_new_port() } };

	for (unsigned int i = 0; i < ARRAY_SIZE(w); i++)
		if (pthread_create(&w[i].thread, NULL, work, &w[i]))
			die("no thread");
	sleep_ms(seconds * 1000);
	stop = true;
	for (unsigned int i = 0; i < ARRAY_SIZE(w); i++) {
		const char *kind = w[i].port ? "event channels" : "eventfds";

		pthread_join(w[i].thread, NULL);
		ok0(w[i].error, "%s: all requests succeed or are refused", kind);
		ok(w[i].wins > 0, "%s: %lu succeed, %lu are refused", kind, w[i].wins,
		   w[i].refusals);
	}
}

static void works_after_all(void)
{
	int fd;

	irq_disable(&s.m.device, MSI);
	if (!ok0(irq_enable(&s.m.device, MSI, 0, 1, &fd), "an eventfd after that"))
		return;
	edu_irq_raise(&s.m.edu);
	ok(irq_wait(fd, WAIT_MS) == 1, "gets the interrupt");
	edu_irq_ack(&s.m.edu);
	ok0(irq_disable(&s.m.device, MSI), "disable");
	irq_close(&fd, 1);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		die("usage: irq-race SBDF [SECONDS]");
	session_must_open(&s, argv[1]);
	held_up();
	for_a_while(argc > 2 ? (unsigned int)atoi(argv[2]) : 5);
	works_after_all();
	session_close(&s);
	return tap_status();
}
