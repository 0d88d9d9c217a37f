// SPDX-License-Identifier: GPL-2.0
/*
 * INTx of a device that vfio-xen-pci has: the device is kept from asserting it
 * unless it is connected, whatever its user writes, and the user does not see that.
 *
 * usage: intx-hold SBDF	of an edu that vfio-xen-pci has
 *
 * The register itself is read by sysfs, past VFIO.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "evtchn.h"
#include "irq.h"
#include "physical.h"
#include "session.h"
#include "tap.h"
#include "util.h"

#define INTX VFIO_PCI_INTX_IRQ_INDEX
#define MSI VFIO_PCI_MSI_IRQ_INDEX
#define COMMAND 4
#define INTX_DISABLE 0x400u
#define WAIT_MS 3000

static struct session s;
static const char *sbdf;

static void held(const char *when)
{
	ok(physical_word(sbdf, COMMAND) & INTX_DISABLE, "INTx is held %s", when);
}

static void free_to_assert(const char *when)
{
	ok(!(physical_word(sbdf, COMMAND) & INTX_DISABLE), "the device can assert INTx %s", when);
}

static uint16_t read_command(void)
{
	uint16_t command = 0;

	device_config_read(&s.m.device, COMMAND, &command, sizeof(command));
	return command;
}

static void write_disable(bool disable)
{
	uint16_t command = read_command() & (uint16_t)~INTX_DISABLE;

	if (disable)
		command |= INTX_DISABLE;
	device_config_write(&s.m.device, COMMAND, &command, sizeof(command));
}

/* All that a user can do to a device whose INTx is connected to nobody */
static void unconnected(void)
{
	uint8_t high = 0;

	held("when the device has been opened");
	ok(!(read_command() & INTX_DISABLE), "the user does not see that");
	write_disable(true);
	held("when the user disables INTx");
	ok(read_command() & INTX_DISABLE, "which it reads again");
	write_disable(false);
	held("when the user enables it");
	ok(!(read_command() & INTX_DISABLE), "which it reads again");
	write_disable(true);
	device_config_write(&s.m.device, COMMAND + 1, &high, 1);
	held("when the user enables it with one byte");
}

static void by_eventfd(void)
{
	int fd;

	ok0(irq_enable(&s.m.device, INTX, 0, 1, &fd), "connect INTx to an eventfd");
	free_to_assert("to the eventfd");
	edu_irq_raise(&s.m.edu);
	ok(irq_wait(fd, WAIT_MS) == 1, "it arrives");
	edu_irq_ack(&s.m.edu);
	irq_unmask(&s.m.device, INTX, 0);
	free_to_assert("again");
	write_disable(true);
	held("when the user disables it");
	write_disable(false);
	free_to_assert("when the user enables it");
	ok0(irq_disable(&s.m.device, INTX), "disconnect INTx");
	held("when it is disconnected");
	irq_close(&fd, 1);
}

static void with_msi(void)
{
	uint32_t port = evtchn_new_port();
	int fd;

	ok0(irq_enable(&s.m.device, MSI, 0, 1, &fd), "MSI by an eventfd");
	ok0(irq_disable(&s.m.device, MSI), "disable it");
	held("after MSI by an eventfd");
	irq_close(&fd, 1);
	ok0(evtchn_connect(&s.m.device, MSI, 0, 1, &port), "MSI by an event channel");
	ok0(irq_disable(&s.m.device, MSI), "disable it");
	held("after MSI by an event channel");
}

int main(int argc, char **argv)
{
	if (argc != 2)
		die("usage: intx-hold SBDF");
	sbdf = argv[1];
	session_must_open(&s, sbdf);
	unconnected();
	by_eventfd();
	with_msi();
	/* For the close to clear up */
	edu_irq_raise(&s.m.edu);
	held("while the device wants to interrupt");
	session_close(&s);
	return tap_status();
}
