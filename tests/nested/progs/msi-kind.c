// SPDX-License-Identifier: GPL-2.0
/*
 * Whether a device that has MSI-X can have plain MSI in its place, and MSI-X after that.
 *
 * usage: msi-kind SBDF yes|no
 */
#include <string.h>

#include "irq.h"
#include "open.h"
#include "tap.h"
#include "util.h"

static struct opened o;

static int enable(unsigned int index)
{
	int fd, ret = irq_enable(&o.device, index, 0, 1, &fd);

	if (ret)
		return ret;
	irq_close(&fd, 1);
	return irq_disable(&o.device, index);
}

int main(int argc, char **argv)
{
	bool yes = argc == 3 && !strcmp(argv[2], "yes");
	int ret;

	if (argc != 3)
		die("usage: msi-kind SBDF yes|no");
	opened_must_open(&o, argv[1]);
	ret = enable(VFIO_PCI_MSI_IRQ_INDEX);
	ok(!ret == yes, "%s has plain MSI: %s", argv[1], strerror(-ret));
	ok0(enable(VFIO_PCI_MSIX_IRQ_INDEX), "it has MSI-X");
	opened_close(&o);
	return tap_status();
}
