// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that firmware reserves for a device.
 */
#include <linux/pci.h>
#include <linux/slab.h>

#include "dmar.h"
#include "hypercall.h"
#include "reserved.h"
#include "xen_dev.h"

/* Page tables have 4 levels of 512 entries. */
#define TABLE_BITS	9
#define TABLE_LEVELS	4

static int add_reserved(void *ctx, u64 mfn, u64 nr)
{
	struct xen_dev *xdev = ctx;
	struct vxi_reserved *grown;

	grown = krealloc_array(xdev->reserved, xdev->nr_reserved + 1,
			       sizeof(*grown), GFP_KERNEL);
	if (!grown)
		return -ENOMEM;
	xdev->reserved = grown;
	grown[xdev->nr_reserved++] = (struct vxi_reserved){ mfn, nr };
	return 0;
}

int vxi_reserved_find(struct xen_dev *xdev)
{
	int ret = vxi_hc_reserved_ranges(xdev->sbdf, add_reserved, xdev);

	/* Not every IOMMU driver of Xen knows reserved memory. */
	return ret == -EOPNOTSUPP ? 0 : ret;
}

void vxi_reserved_forget(struct xen_dev *xdev)
{
	kfree(xdev->reserved);
	xdev->reserved = NULL;
	xdev->nr_reserved = 0;
}

bool vxi_reserved_is_relaxable(const struct xen_dev *xdev)
{
	const struct pci_dev *pdev = xdev->pdev;
	unsigned int host_bits;

	if (!vxi_dmar_read(&host_bits))
		return false;
	return pdev->class >> 8 == PCI_CLASS_SERIAL_USB ||
	       pdev->class >> 16 == PCI_BASE_CLASS_DISPLAY;
}

unsigned long vxi_reserved_tables(const struct xen_dev *xdev)
{
	unsigned long tables = 0;
	unsigned int i, level;

	for (i = 0; i < xdev->nr_reserved; i++) {
		u64 first = xdev->reserved[i].mfn;
		u64 last = first + xdev->reserved[i].nr - 1;

		for (level = 1; level < TABLE_LEVELS; level++)
			tables += (last >> (level * TABLE_BITS)) -
				  (first >> (level * TABLE_BITS)) + 1;
	}
	return tables;
}

bool vxi_reserved_has(const struct xen_dev *xdev, u64 dfn, u64 nr)
{
	unsigned int i;

	for (i = 0; i < xdev->nr_reserved; i++) {
		const struct vxi_reserved *range = &xdev->reserved[i];

		if (dfn < range->mfn + range->nr && range->mfn < dfn + nr)
			return true;
	}
	return false;
}
