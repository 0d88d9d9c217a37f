// SPDX-License-Identifier: GPL-2.0
/*
 * Frames: translate Linux's pfns to Xen's mfns, and tell which may be mapped.
 */
#include <linux/ioport.h>
#include <linux/minmax.h>
#include <linux/pci.h>
#include <linux/pfn.h>

#include <asm/xen/page.h>

#include "frames.h"
#include "runs.h"

u64 vxi_frame_of_pfn(u64 pfn)
{
	/*
	 * Not pfn_to_mfn(): it drops the bits that distinguish a page of dom0
	 * from one that another domain has granted.
	 */
	unsigned long mfn = __pfn_to_mfn(pfn);

	if (mfn == INVALID_P2M_ENTRY)
		return FRAME_INVALID;
	if (mfn & IDENTITY_FRAME_BIT)
		return (mfn & ~IDENTITY_FRAME_BIT) | FRAME_MMIO;
	if (mfn & FOREIGN_FRAME_BIT)
		return FRAME_INVALID;
	return mfn;
}

static const struct resource *bar_with(struct pci_dev *pdev,
				       const struct resource *range)
{
	unsigned int i;

	for (i = PCI_STD_RESOURCES; i <= PCI_STD_RESOURCE_END; i++) {
		const struct resource *bar = &pdev->resource[i];

		if (resource_type(bar) == IORESOURCE_MEM && bar->parent &&
		    resource_contains(bar, range))
			return bar;
	}
	return NULL;
}

static struct resource range_of(u64 mfn, u64 nr)
{
	return (struct resource) {
		.start = PFN_PHYS(mfn),
		.end = PFN_PHYS(mfn + nr) - 1,
		.flags = IORESOURCE_MEM,
	};
}

u64 vxi_frames_in_bar_of(struct pci_dev *pdev, u64 mfn, u64 nr)
{
	const struct resource first = range_of(mfn, 1);
	const struct resource *bar = bar_with(pdev, &first);

	return bar ? min(nr, PFN_DOWN(bar->end + 1) - mfn) : 0;
}

bool vxi_frames_find_bar(u64 mfn, u64 nr, u64 *bar_mfn, u64 *bar_nr)
{
	const struct resource range = range_of(mfn, nr);
	struct pci_dev *pdev = NULL;

	for_each_pci_dev(pdev) {
		const struct resource *bar = bar_with(pdev, &range);

		if (!bar)
			continue;
		*bar_mfn = PFN_UP(bar->start);
		*bar_nr = PFN_DOWN(bar->end + 1) - *bar_mfn;
		pci_dev_put(pdev);
		return true;
	}
	return false;
}

static bool has_any_of(struct pci_dev *pdev, const struct resource *range)
{
	unsigned int i;

	for (i = PCI_STD_RESOURCES; i <= PCI_ROM_RESOURCE; i++) {
		const struct resource *bar = &pdev->resource[i];

		if (resource_type(bar) == IORESOURCE_MEM && bar->parent &&
		    resource_overlaps(bar, range))
			return true;
	}
	return false;
}

bool vxi_frames_are_only_of(struct pci_dev *pdev, u64 mfn, u64 nr)
{
	const struct resource range = range_of(mfn, nr);
	struct pci_dev *other = NULL;

	for_each_pci_dev(other) {
		if (other != pdev && has_any_of(other, &range)) {
			pci_dev_put(other);
			return false;
		}
	}
	return true;
}
