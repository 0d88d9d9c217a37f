// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest reaches of a device, the device decodes: whatever is written to its
 * configuration space, while it is reset, and when a guest has lost it that goes on.
 * Looks at the registers and at the hypercalls: QEMU answers what no device decodes.
 *
 * usage: guest-decode SBDF OTHER DOMID UUID pv|hvm	SBDF has FLR and a low-power
 *							state; OTHER is of another group;
 *							the guest is paused
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "calls.h"
#include "give.h"
#include "irq.h"
#include "open.h"
#include "owner.h"
#include "physical.h"
#include "tap.h"
#include "target.h"
#include "util.h"

/* Nothing of a small guest is there. */
#define FREE GIB(3)
#define BAR 0
#define DECODE (PCI_COMMAND_MEMORY | PCI_COMMAND_IO)
/* Longer than a device stays awake that nobody uses */
#define SLEEP_MS 2500
#define RACES 300

static struct target guest;
static const char *sbdf, *other;
static uint16_t pm, express;

/* ---- the hardware's registers, as dom0 sees them ---- */

static uint16_t hardware(unsigned int offset)
{
	return physical_word(sbdf, offset);
}

static bool decodes(void)
{
	return (hardware(PCI_COMMAND) & PCI_COMMAND_MEMORY) &&
	       !(hardware(pm + PCI_PM_CTRL) & PCI_PM_CTRL_STATE_MASK);
}

static bool is_awake(void)
{
	char path[80], state[16] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/power/runtime_status", sbdf);
	f = fopen(path, "r");
	if (!f || !fgets(state, sizeof(state), f))
		die("no state of %s", sbdf);
	fclose(f);
	return !strncmp(state, "active", 6);
}

/* ---- what is written ---- */

static int command(struct device *d, uint16_t bits, bool on)
{
	uint16_t value;
	int ret = device_config_read(d, PCI_COMMAND, &value, sizeof(value));

	value = (uint16_t)(on ? value | bits : value & ~bits);
	return ret ? ret : device_config_write(d, PCI_COMMAND, &value, sizeof(value));
}

static int power(struct device *d, uint16_t state)
{
	return device_config_write(d, pm + PCI_PM_CTRL, &state, sizeof(state));
}

static int function_reset(struct device *d)
{
	uint16_t value;
	int ret = device_config_read(d, express + PCI_EXP_DEVCTL, &value, sizeof(value));

	value |= PCI_EXP_DEVCTL_BCR_FLR;
	return ret ? ret : device_config_write(d, express + PCI_EXP_DEVCTL, &value, sizeof(value));
}

/* ---- a PV guest: nothing can be taken from it ---- */

static void stays_on(struct device *d, const char *when)
{
	static const uint8_t zeros[8];
	uint32_t dword = 0;

	ok0(command(d, DECODE, false), "%s: memory and I/O are turned off", when);
	ok(decodes(), "%s: the device has them on", when);
	ok0(device_config_write(d, PCI_COMMAND, zeros, 1), "%s: by a byte", when);
	ok(decodes(), "%s: the device has them on", when);
	ok0(device_config_write(d, PCI_COMMAND, &dword, sizeof(dword)), "%s: by 32 bits", when);
	ok(decodes(), "%s: the device has them on", when);
	ok0(device_config_write(d, PCI_COMMAND - 1, zeros, sizeof(zeros)),
	    "%s: by 8 bytes that begin before them", when);
	ok(decodes(), "%s: the device has them on", when);
	ok0(command(d, PCI_COMMAND_MASTER, true), "%s: bus mastering is turned on", when);
	ok(hardware(PCI_COMMAND) & PCI_COMMAND_MASTER, "%s: it is on", when);
	ok0(power(d, 3), "%s: it is put to sleep", when);
	ok(decodes(), "%s: it is awake", when);
}

static void is_paused_for(int ret, const char *what)
{
	ok0(ret, "%s", what);
	ok(calls_of("pause") == 1 && calls_of("unpause") == 1,
	   "the guest is paused, and unpaused (%u, %u)", calls_of("pause"), calls_of("unpause"));
	ok(decodes(), "the device decodes its BARs after it");
}

static void is_kept_from_resets(struct device *d)
{
	calls_start();
	is_paused_for(function_reset(d), "the guest resets it");
	calls_start();
	is_paused_for(device_reset(d), "the process resets it");
}

/* It has left the guest, which can have kept a mapping. */
static void is_parked(void)
{
	struct opened o;

	ok(owner_has(sbdf, "bars_exposed="), "the guest may still reach it");
	sleep_ms(SLEEP_MS);
	ok(is_awake() && decodes(), "it stays awake and decodes its BARs, though nobody has it open");
	opened_must_open(&o, sbdf);
	stays_on(&o.device, "to another process");
	is_kept_from_resets(&o.device);
	opened_close(&o);
	sleep_ms(SLEEP_MS);
	ok(is_awake() && decodes(), "it is as before when that has ended");
}

static void use_in_pv(void)
{
	struct given g;

	if (!ok0(give(&g, &guest, sbdf), "a PV guest gets it"))
		return;
	stays_on(&g.o.device, "in the guest");
	is_kept_from_resets(&g.o.device);
	calls_start();
	given_close(&g);
	ok(calls_of("pause") == calls_of("unpause") && calls_of("pause"),
	   "the guest is paused and unpaused while the device is closed");
	is_parked();
}

/* ---- an HVM guest: what is mapped is taken from it for the time ---- */

/* Xen ends a guest that would get this in the place of another device's BAR. */
static void takes_the_place(void)
{
	struct given g;
	int ret = give(&g, &guest, other);

	if (!ret)
		ret = target_map_bar(&g.o.device, BAR, 0, PAGE, FREE);
	ok(!ret, "another device's BAR takes its place: %s", strerror(-ret));
	if (!ret)
		target_unmap_bar(&g.o.device, BAR, 0, PAGE, FREE);
	given_close(&g);
}

static void is_out(struct device *d, int ret, const char *what)
{
	ok0(ret, "%s", what);
	ok(calls_of("unmap") == 1 && !calls_of("map"), "its BAR is unmapped (%u, %u)",
	   calls_of("unmap"), calls_of("map"));
	ok(owner_has(sbdf, "undecoded="), "that is on record");
	takes_the_place();
	ok(target_map_bar(d, BAR, 0, PAGE, FREE + MIB(1)) == -EIO, "no other part can be mapped");
}

static void is_in(int ret, const char *what)
{
	ok0(ret, "%s", what);
	ok(calls_of("map") == 1 && !calls_of("unmap"), "its BAR is mapped (%u, %u)",
	   calls_of("map"), calls_of("unmap"));
	ok(decodes() && !owner_has(sbdf, "undecoded="), "it decodes it");
}

static void turn_off_and_on(struct device *d)
{
	calls_start();
	is_out(d, command(d, PCI_COMMAND_MEMORY, false), "memory is turned off");
	calls_start();
	is_in(command(d, PCI_COMMAND_MEMORY, true), "memory is turned on");
	calls_start();
	is_out(d, power(d, 3), "it is put to sleep");
	calls_start();
	is_in(power(d, 0), "it is woken");
	calls_start();
	is_out(d, power(d, 3), "it is put to sleep");
	calls_start();
	is_in(device_reset(d), "a reset wakes it");
}

static void change_what_does_not_matter(struct device *d)
{
	calls_start();
	ok0(command(d, PCI_COMMAND_MASTER, false), "bus mastering is turned off");
	ok(!(hardware(PCI_COMMAND) & PCI_COMMAND_MASTER), "it is off");
	ok0(command(d, PCI_COMMAND_MASTER, true), "and on");
	ok(hardware(PCI_COMMAND) & PCI_COMMAND_MASTER, "it is on");
	ok0(power(d, 0), "it is woken though it is awake");
	ok(!calls_of("map") && !calls_of("unmap"), "the guest has its BAR all the time");
}

static void is_out_for(int ret, const char *what)
{
	ok0(ret, "%s", what);
	ok(calls_of("unmap") == 1 && calls_of("map") == 1 && !calls_of("pause"),
	   "its BAR is unmapped meanwhile (%u, %u)", calls_of("unmap"), calls_of("map"));
	ok(decodes(), "it decodes it after that");
}

static void reset(struct device *d)
{
	calls_start();
	is_out_for(function_reset(d), "the guest resets it");
	calls_start();
	is_out_for(device_reset(d), "the process resets it");
}

/* What is not mapped needs no hypercall to be unmapped. */
static void unmap_while_off(struct device *d)
{
	calls_start();
	ok0(command(d, PCI_COMMAND_MEMORY, false), "memory is turned off");
	ok0(target_unmap_bar(d, BAR, 0, PAGE, FREE), "its BAR is unmapped");
	ok0(command(d, PCI_COMMAND_MEMORY, true), "memory is turned on");
	ok(calls_of("unmap") == 1 && !calls_of("map"), "it does not come back (%u, %u)",
	   calls_of("unmap"), calls_of("map"));
	ok0(target_map_bar(d, BAR, 0, PAGE, FREE), "map it");
}

/*
 * Xen writes to the MSI-X table if COMMAND says that the device decodes memory. It masks
 * all vectors otherwise.
 */
static void interrupts_while_asleep(struct device *d)
{
	struct target_irqs r = target_irqs(VFIO_PCI_MSIX_IRQ_INDEX, 0, 1);
	unsigned int control = physical_capability(sbdf, PCI_CAP_ID_MSIX) + PCI_MSIX_FLAGS;

	ok0(target_set_irqs(d, &r), "a vector is connected");
	ok0(power(d, 3), "it is put to sleep");
	r = target_irqs(VFIO_PCI_MSIX_IRQ_INDEX, 1, 1);
	ok(target_set_irqs(d, &r) == -EIO, "no vector can be connected");
	r = target_irqs(VFIO_PCI_MSIX_IRQ_INDEX, 0, 1);
	r.entry[0].flags = 0;
	ok(target_set_irqs(d, &r) == -EIO, "nor disconnected alone");
	ok0(irq_disable(d, VFIO_PCI_MSIX_IRQ_INDEX), "all are disconnected");
	ok(hardware(control) & PCI_MSIX_FLAGS_MASKALL, "Xen has not written to its table");
	ok0(power(d, 0), "it is woken");
	ok(decodes(), "it decodes its BARs");
	r = target_irqs(VFIO_PCI_MSIX_IRQ_INDEX, 0, 1);
	ok0(target_set_irqs(d, &r), "a vector is connected");
	ok((hardware(control) & (PCI_MSIX_FLAGS_MASKALL | PCI_MSIX_FLAGS_ENABLE)) ==
		   PCI_MSIX_FLAGS_ENABLE,
	   "they are enabled, and not masked");
	ok0(irq_disable(d, VFIO_PCI_MSIX_IRQ_INDEX), "it is disconnected");
}

/* ---- a process that changes what it writes while that is looked at ---- */

static volatile uint8_t byte = PCI_COMMAND_MEMORY;
static volatile bool raced;

static void *change(void *unused)
{
	(void)unused;
	while (!raced)
		byte ^= PCI_COMMAND_MEMORY;
	return NULL;
}

static void race(struct device *d)
{
	unsigned int wrong = 0;
	pthread_t thread;

	if (pthread_create(&thread, NULL, change, NULL))
		die("no thread");
	for (int i = 0; i < RACES; i++) {
		device_config_write(d, PCI_COMMAND, (const void *)&byte, 1);
		wrong += decodes() == owner_has(sbdf, "undecoded=");
	}
	raced = true;
	pthread_join(thread, NULL);
	ok(!wrong, "of %d writes whose value changes %u leave mapped what is off", RACES, wrong);
	ok0(command(d, PCI_COMMAND_MEMORY, true), "memory is turned on");
}

static void use_in_hvm(void)
{
	struct given g;

	if (!ok0(give(&g, &guest, sbdf), "an HVM guest gets it"))
		return;
	ok0(target_map_bar(&g.o.device, BAR, 0, PAGE, FREE), "a page of its BAR is mapped");
	change_what_does_not_matter(&g.o.device);
	turn_off_and_on(&g.o.device);
	reset(&g.o.device);
	unmap_while_off(&g.o.device);
	interrupts_while_asleep(&g.o.device);
	race(&g.o.device);
	calls_start();
	given_close(&g);
	ok(calls_of("unmap") == 1 && !calls_of("map") && !calls_of("pause"),
	   "its BAR is unmapped when it is closed");
	takes_the_place();
	sleep_ms(SLEEP_MS);
	ok(!is_awake(), "it sleeps when nobody has it");
}

int main(int argc, char **argv)
{
	if (argc != 6)
		die("usage: guest-decode SBDF OTHER DOMID UUID pv|hvm");
	sbdf = argv[1];
	other = argv[2];
	guest = target_parse(argv[3], argv[4], argv[5]);
	pm = physical_capability(sbdf, PCI_CAP_ID_PM);
	express = physical_capability(sbdf, PCI_CAP_ID_EXP);
	if (!pm || !express)
		die("%s has no power management, or is not PCIe", sbdf);
	if (guest.hvm)
		use_in_hvm();
	else
		use_in_pv();
	return tap_status();
}
