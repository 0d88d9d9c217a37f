// SPDX-License-Identifier: GPL-2.0
/*
 * An edu device's MSI, raised over and over until stdin ends: each has to arrive, and
 * once, whatever becomes of the processors meanwhile.
 *
 * usage: irq-storm SBDF eventfd
 *        irq-storm SBDF evtchn		vfio-xen-pci sends it to an event channel
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evtchn.h"
#include "irq.h"
#include "session.h"
#include "tap.h"
#include "util.h"

#define MSI VFIO_PCI_MSI_IRQ_INDEX
/* Long, since a machine that looks for mistakes is slow, and what is lost never comes. */
#define WAIT_MS 20000u

static struct session s;
static int fd = -1;
static uint32_t port;

static void start(bool evtchn)
{
	if (evtchn) {
		port = evtchn_new_port();
		ok0(evtchn_connect(&s.m.device, MSI, 0, 1, &port), "connect the MSI");
	} else {
		ok0(irq_enable(&s.m.device, MSI, 0, 1, &fd), "enable the MSI");
	}
}

/* Event channels do not count. */
static uint64_t arrived(unsigned int ms)
{
	if (port)
		return evtchn_wait((int)ms) == port;
	return irq_wait(fd, (int)ms);
}

/* One that is moved may come twice, as edges may, but none may be lost. */
static bool once(void)
{
	uint64_t times;

	edu_irq_raise(&s.m.edu);
	times = arrived(WAIT_MS);
	edu_irq_ack(&s.m.edu);
	if (!times)
		comment("one does not arrive within %u ms", WAIT_MS);
	else if (times > 1)
		comment("one arrives %llu times", (unsigned long long)times);
	return times;
}

/* Input is of no interest, but its end. */
static bool stdin_is_open(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	char c;

	return poll(&p, 1, 0) == 0 || read(STDIN_FILENO, &c, 1) == 1;
}

int main(int argc, char **argv)
{
	unsigned long raised = 0, wrong = 0;

	if (argc != 3 || (strcmp(argv[2], "eventfd") && strcmp(argv[2], "evtchn")))
		die("usage: irq-storm SBDF eventfd|evtchn");
	session_must_open(&s, argv[1]);
	start(!strcmp(argv[2], "evtchn"));
	comment("storm");
	for (; stdin_is_open() && !wrong; raised++)
		wrong += !once();
	ok(raised > 1 && !wrong, "%s: %lu interrupts arrive, each of them", argv[2], raised - wrong);
	ok0(irq_disable(&s.m.device, MSI), "disable");
	session_close(&s);
	return tap_status();
}
