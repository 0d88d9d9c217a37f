/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames: what a PV dom0 may let a device reach.
 */
#ifndef VXI_FRAMES_H
#define VXI_FRAMES_H

#include <linux/types.h>

struct pci_dev;

/**
 * vxi_frame_of_pfn() - the frame behind a pfn, in the terms of runs.h
 *
 * Return: the mfn of dom0's own RAM; an mfn with FRAME_MMIO; or FRAME_INVALID
 * for a hole (a ballooned page) and for a page of another domain (a grant).
 */
u64 vxi_frame_of_pfn(u64 pfn);

/**
 * vxi_frames_find_bar() - the BAR that has all these frames
 * @bar_mfn:	receives its first frame
 * @bar_nr:	receives how many whole frames it has
 *
 * MMIO that is no BAR, such as interrupt controllers, the IOMMU's own registers
 * or ECAM, must not become a target of DMA.
 *
 * Return: whether there is such a BAR.
 */
bool vxi_frames_find_bar(u64 mfn, u64 nr, u64 *bar_mfn, u64 *bar_nr);

/* How many of the frames, from the first on, are in one BAR of the device. */
u64 vxi_frames_in_bar_of(struct pci_dev *pdev, u64 mfn, u64 nr);

/* Whether no other PCI device has a BAR in any of these frames. */
bool vxi_frames_are_only_of(struct pci_dev *pdev, u64 mfn, u64 nr);

#endif
