/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MSI and MSI-X for devices that VFIO has.
 *
 * Xen maps an MSI for a device's owner only, and while VFIO has a device its
 * owner is quarantine or a shell domain. But an MSI that dom0 mapped while it
 * was the owner goes on firing in dom0. So a device takes its vectors along:
 * they are mapped when it leaves dom0 and unmapped when it comes back, and what
 * a VFIO driver allocates in between comes from these. Nothing in between needs
 * the device to be dom0's, so its DMA is never interrupted, let alone in dom0.
 *
 * The MSI-X table is Xen's all that time. Xen makes a PV dom0's new mappings of
 * it read-only from the first mapped vector on, and the first is mapped before
 * VFIO or its user can have a mapping.
 */
#ifndef XEN_IOMMU_MSI_H
#define XEN_IOMMU_MSI_H

#include <linux/types.h>

struct seq_file;
struct xen_dev;

/* Make the irq domain that VFIO's devices get their vectors from. */
int msi_init(void);
void msi_exit(void);

/* Route a device's MSI allocations through this file; undo that. */
void msi_add_device(struct xen_dev *xdev);
void msi_remove_device(struct xen_dev *xdev);

/**
 * msi_take() - map the vectors of a device that is about to leave dom0
 *
 * What cannot be mapped is logged, and VFIO has so many vectors less.
 */
void msi_take(struct xen_dev *xdev);

/**
 * msi_give_back() - unmap them, when it is about to return
 *
 * No driver has any of them allocated then.
 */
void msi_give_back(struct xen_dev *xdev);

/**
 * msi_enter_guest() - let a guest have the vectors of a device instead
 *
 * Return: 0, or -errno after a message.
 */
int msi_enter_guest(struct xen_dev *xdev);

/*
 * The reverse, but for dom0's vectors: they come when it leaves dom0 again. Waits,
 * for up to a second, for those of a guest that is gone.
 */
void msi_leave_guest(struct xen_dev *xdev);

/*
 * Have the device's MSI-X as after a reset, not masked as a whole: Xen assigns no
 * other. A driver may have left it so, or Xen itself.
 */
void msi_clear_maskall(struct xen_dev *xdev);

/* Append " msi=N/M" (vectors in use, mapped) to a line, if there are any. */
void msi_show(struct seq_file *s, struct xen_dev *xdev);

#endif
