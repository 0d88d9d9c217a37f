// SPDX-License-Identifier: GPL-2.0
/*
 * A guest's device has a fatal error: Linux resets its link. The guest is kept from it
 * meanwhile, and has its BAR and interrupts again after that.
 *
 * usage: guest-aer SBDF DOMID UUID pv|hvm	SBDF is below a root port; the guest is paused
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "give.h"
#include "irq.h"
#include "physical.h"
#include "tap.h"
#include "target.h"
#include "util.h"

/* Nothing of a small guest is there. */
#define FREE GIB(3)
#define BAR 0
#define MSIX VFIO_PCI_MSIX_IRQ_INDEX
#define RECOVERY_MS 20000

/* What /dev/aer_inject takes: drivers/pci/pcie/aer_inject.c */
struct error {
	uint8_t bus, dev, fn;
	uint32_t uncorrectable, correctable;
	uint32_t header[4];
	uint32_t domain;
};

static struct target guest;
static const char *sbdf;

static bool msix_is_enabled(void)
{
	return physical_word(sbdf, physical_capability(sbdf, PCI_CAP_ID_MSIX) + PCI_MSIX_FLAGS) &
	       PCI_MSIX_FLAGS_ENABLE;
}

static uint32_t bar(void)
{
	return (uint32_t)physical_word(sbdf, PCI_BASE_ADDRESS_0 + 2) << 16 |
	       physical_word(sbdf, PCI_BASE_ADDRESS_0);
}

static bool decodes(void)
{
	return physical_word(sbdf, PCI_COMMAND) & PCI_COMMAND_MEMORY;
}

/* 0 or -errno */
static int inject(void)
{
	struct error error = { .uncorrectable = PCI_ERR_UNC_MALF_TLP };
	unsigned int domain, bus, dev, fn;
	int ret = 0, fd;

	if (sscanf(sbdf, "%x:%x:%x.%x", &domain, &bus, &dev, &fn) != 4)
		die("%s is no address", sbdf);
	error.domain = domain;
	error.bus = (uint8_t)bus;
	error.dev = (uint8_t)dev;
	error.fn = (uint8_t)fn;
	fd = open("/dev/aer_inject", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		die("/dev/aer_inject: %s", strerror(errno));
	if (write(fd, &error, sizeof(error)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static bool wait_for(const char *call)
{
	for (int ms = 0; ms < RECOVERY_MS && !calls_of(call); ms += 100)
		sleep_ms(100);
	return calls_of(call) == 1;
}

static void recovers(const char *from, const char *back)
{
	uint32_t before = bar();

	calls_start();
	if (!ok0(inject(), "it has a fatal error"))
		return;
	ok(wait_for(back), "one %s ends the recovery", back);
	ok(calls_of(from) == 1, "one %s begins it", from);
	ok(bar() == before && decodes(), "it decodes its BAR where that was (%#x, was %#x)", bar(),
	   before);
	for (int ms = 0; ms < 5000 && !msix_is_enabled(); ms += 10)
		sleep_ms(10);
	ok(msix_is_enabled(), "the guest's interrupts are enabled");
}

static void use(void)
{
	struct target_irqs r = target_irqs(MSIX, 0, 1);
	struct given g;
	int fd = -1;

	if (!ok0(give(&g, &guest, sbdf), "the guest gets it"))
		return;
	if (guest.hvm)
		ok0(target_map_bar(&g.o.device, BAR, 0, PAGE, FREE), "a page of its BAR is mapped");
	ok0(target_set_irqs(&g.o.device, &r), "a vector is connected");
	ok0(irq_enable(&g.o.device, VFIO_PCI_ERR_IRQ_INDEX, 0, 1, &fd), "listen to errors");
	recovers(guest.hvm ? "unmap" : "pause", guest.hvm ? "map" : "unpause");
	ok(irq_wait(fd, 1000) >= 1, "the process is told");
	recovers(guest.hvm ? "unmap" : "pause", guest.hvm ? "map" : "unpause");
	given_close(&g);
	irq_close(&fd, 1);
}

int main(int argc, char **argv)
{
	if (argc != 5)
		die("usage: guest-aer SBDF DOMID UUID pv|hvm");
	sbdf = argv[1];
	guest = target_parse(argv[2], argv[3], argv[4]);
	use();
	return tap_status();
}
