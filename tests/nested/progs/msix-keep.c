// SPDX-License-Identifier: GPL-2.0
/*
 * Vectors that come and go: opens, enables, raises and closes a number of
 * times; or keeps all vectors firing until it is killed.
 *
 * usage: msix-keep e1000e|igb|igbvf SBDF CYCLES|fire
 */
#include <stdlib.h>
#include <string.h>

#include "irq.h"
#include "nic.h"
#include "open.h"
#include "tap.h"
#include "util.h"

#define MSIX VFIO_PCI_MSIX_IRQ_INDEX

static struct opened o;
static struct nic n;
static int fds[NIC_VECTORS_MAX];

static void open_enabled(const char *kind, const char *sbdf)
{
	opened_must_open(&o, sbdf);
	if (nic_init(&n, &o.device, kind))
		die("%s has no registers", sbdf);
	nic_arm(&n);
	if (irq_enable(&o.device, MSIX, 0, n.nr_vectors, fds))
		die("%s: MSI-X can't be enabled", sbdf);
}

/* Every other time the close has to disable them. */
static bool cycle(const char *kind, const char *sbdf, unsigned int i)
{
	bool fine;

	open_enabled(kind, sbdf);
	fine = nic_all_fire(&n, fds);
	if (i & 1)
		fine &= !irq_disable(&o.device, MSIX);
	nic_fini(&n);
	opened_close(&o);
	irq_close(fds, n.nr_vectors);
	return fine;
}

static void fire(void)
{
	bool said = false;

	for (;;) {
		if (!nic_all_fire(&n, fds) || said)
			continue;
		comment("firing");
		said = true;
	}
}

int main(int argc, char **argv)
{
	unsigned int cycles, bad = 0;

	if (argc != 4)
		die("usage: msix-keep e1000e|igb|igbvf SBDF CYCLES|fire");
	if (!strcmp(argv[3], "fire")) {
		open_enabled(argv[1], argv[2]);
		fire();
	}
	cycles = (unsigned int)atoi(argv[3]);
	for (unsigned int i = 0; i < cycles; i++)
		bad += !cycle(argv[1], argv[2], i);
	ok(cycles && !bad, "%s: %u times open, enable, all vectors, close", argv[2], cycles);
	return tap_status();
}
