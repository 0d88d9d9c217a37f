// SPDX-License-Identifier: GPL-2.0
/*
 * An edu device's MSI, connected to an event channel of this process by
 * vfio-xen-pci.
 *
 * usage: evtchn-irq SBDF [RAISES]
 *        evtchn-irq SBDF hold	connect, raise once and once more for each line
 *				on stdin, and wait to be killed
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "evtchn.h"
#include "irq.h"
#include "session.h"
#include "tap.h"
#include "util.h"

#define WAIT_MS 3000
#define NOBODY 65534
#define MSI VFIO_PCI_MSI_IRQ_INDEX

static struct session s;

static void ack(void)
{
	edu_irq_ack(&s.m.edu);
}

static struct evtchn_request request(uint32_t port)
{
	return evtchn_request(MSI, 0, 1, &port);
}

static int issue(struct evtchn_request r)
{
	return evtchn_issue(&s.m.device, &r);
}

static int connect_port(uint32_t port)
{
	return evtchn_connect(&s.m.device, MSI, 0, 1, &port);
}

static unsigned int count_raises(uint32_t port, unsigned int n)
{
	unsigned int got;

	for (got = 0; got < n; got++) {
		edu_irq_raise(&s.m.edu);
		if (evtchn_wait(WAIT_MS) != port)
			break;
		ack();
	}
	return got;
}

static bool silent(void)
{
	bool none;

	edu_irq_raise(&s.m.edu);
	none = !evtchn_wait(50);
	ack();
	return none;
}

static void kinds(void)
{
	uint32_t flags = 0;

	ok(irq_count(&s.m.device, MSI, &flags) == 1 && flags & VFIO_IRQ_INFO_XEN_EVTCHN,
	   "MSI takes event channels");
	ok(irq_count(&s.m.device, VFIO_PCI_INTX_IRQ_INDEX, &flags) == 1 &&
		   !(flags & VFIO_IRQ_INFO_XEN_EVTCHN),
	   "INTx does not");
}

static void refused(int ret, int want, const char *what)
{
	ok(ret == -want, "%s: %s, want %s", what, strerror(-ret), strerror(want));
}

static void bad_requests(uint32_t port)
{
	struct evtchn_request r;

	r = request(port), r.set.argsz -= 1, refused(issue(r), EINVAL, "a short array");
	r = request(port), r.set.argsz = 8, refused(issue(r), EINVAL, "a short header");
	r = request(port), r.set.count = 0, refused(issue(r), EINVAL, "no entries");
	r = request(port), r.set.count = 2, refused(issue(r), EINVAL, "too many entries");
	r = request(port), r.set.start = 1, refused(issue(r), EINVAL, "a vector beyond");
	r = request(port), r.set.start = ~0u, refused(issue(r), EINVAL, "one far beyond");
	r = request(port), r.set.flags |= VFIO_IRQ_SET_DATA_EVENTFD;
	refused(issue(r), EINVAL, "two kinds of data");
	r = request(port), r.set.flags ^= VFIO_IRQ_SET_ACTION_TRIGGER | VFIO_IRQ_SET_ACTION_MASK;
	refused(issue(r), EINVAL, "another action");
	r = request(port), r.set.flags |= 1u << 25;
	refused(issue(r), EINVAL, "the kind that is kept for guests");
	r = request(port), r.set.index = VFIO_PCI_INTX_IRQ_INDEX;
	refused(issue(r), EOPNOTSUPP, "INTx");
	r = request(port), r.set.index = 99, refused(issue(r), EINVAL, "no such index");
	r = request(port), r.entry[0].flags = 1, refused(issue(r), EOPNOTSUPP, "unknown flags");
	r = request(port), r.entry[0].reserved = 1;
	refused(issue(r), EOPNOTSUPP, "a reserved field");
	r = request(port), r.entry[0].domid = 0x7ff0;
	refused(issue(r), EINVAL, "a domid that cannot be");
	r = request(port), r.entry[0].domid = 999, refused(issue(r), ESRCH, "no such domain");
	r = request(port + 500), refused(issue(r), EINVAL, "a port that does not wait");
}

static void without_capability(uint32_t port)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (setuid(NOBODY))
			_exit(2);
		_exit(connect_port(port) == -EPERM ? 0 : 1);
	}
	ok(waitpid(pid, &status, 0) == pid && status == 0, "an unprivileged user may not");
}

static void exclusive(uint32_t port)
{
	int fd;

	refused(irq_enable(&s.m.device, MSI, 0, 1, &fd), EINVAL, "eventfds beside event channels");
	refused(irq_enable(&s.m.device, VFIO_PCI_INTX_IRQ_INDEX, 0, 1, &fd), EINVAL,
		"INTx beside event channels");
	ok(count_raises(port, 10) == 10, "raises still arrive");
	ok0(irq_disable(&s.m.device, MSI), "disable");
	ok(silent(), "none arrives after that");
	ok0(irq_enable(&s.m.device, MSI, 0, 1, &fd), "now eventfds");
	refused(connect_port(evtchn_new_port()), EINVAL, "event channels beside eventfds");
	edu_irq_raise(&s.m.edu);
	ok(irq_wait(fd, WAIT_MS) == 1, "the eventfd gets the interrupt");
	ack();
	ok0(irq_disable(&s.m.device, MSI), "disable");
	irq_close(&fd, 1);
}

static void hold(void)
{
	char line[16];

	if (connect_port(evtchn_new_port()))
		die("no connection");
	edu_irq_raise(&s.m.edu);
	comment("holding");
	while (fgets(line, sizeof(line), stdin)) {
		ack();
		edu_irq_raise(&s.m.edu);
	}
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	unsigned int n = argc > 2 ? (unsigned int)atoi(argv[2]) : 1000;
	uint32_t port, other;

	if (argc < 2)
		die("usage: evtchn-irq SBDF [RAISES | hold]");
	session_must_open(&s, argv[1]);
	if (argc > 2 && !strcmp(argv[2], "hold"))
		hold();

	kinds();
	port = evtchn_new_port();
	bad_requests(port);
	without_capability(port);
	if (!ok0(connect_port(port), "the vector connects to port %u", port))
		return tap_status();
	ok(count_raises(port, n) == n, "%u raises arrive, one event each", n);
	ok0(connect_port(port), "the same port again");
	ok(count_raises(port, 10) == 10, "gets the events again");
	other = evtchn_new_port();
	ok0(connect_port(other), "another port takes its place");
	ok(count_raises(other, 10) == 10, "and gets the events");
	ok0(connect_port(0), "disconnect");
	ok(silent(), "no event after that");
	other = evtchn_new_port();
	ok0(connect_port(other), "connect again");
	/* The one that was raised in between has been pending. */
	evtchn_wait(50);
	exclusive(other);
	session_close(&s);
	return tap_status();
}
