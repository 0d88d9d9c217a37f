/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The MSI vectors that a device takes along from dom0.
 *
 * Xen maps an MSI only for the owner of the device, and while VFIO has a device its
 * owner is quarantine or a shell domain. An MSI that dom0 mapped while it owned the
 * device continues to fire in dom0. A device therefore takes its vectors along: they
 * are mapped when it leaves dom0 and unmapped when it returns, and a VFIO driver
 * allocates its vectors from these. Nothing in between requires dom0 to own the
 * device, so DMA is never interrupted and never reaches dom0's memory.
 *
 * Xen owns the MSI-X table during that time. From the first mapped vector on, Xen
 * makes new mappings of the table by a PV dom0 read-only. The first vector is mapped
 * before VFIO or its user can map the table.
 */
#ifndef VXI_MSI_POOL_H
#define VXI_MSI_POOL_H

#include <linux/types.h>

#include <xen/interface/event_channel.h>

struct pci_dev;
struct seq_file;
struct xen_dev;

/**
 * struct msi_vector - one vector of a device
 * @pirq:	Xen's number of it, or -1 if it is not mapped
 * @port:	event channel that it is bound to while in use
 * @irq:	Linux's number of that event channel, or 0
 */
struct msi_vector {
	int pirq;
	evtchn_port_t port;
	unsigned int irq;
};

/**
 * struct msi_pool - the vectors that a device takes along
 * @cap:	PCI_CAP_ID_MSIX or PCI_CAP_ID_MSI; Xen allows one of them at a time
 * @nr:		number of vectors
 * @vectors:	by index in the MSI-X table; the first is also that of MSI
 *
 * Locking: mapped and unmapped under vxi_owner_lock while no driver has MSI
 * enabled; allocated and freed under the device's MSI descriptor mutex.
 */
struct msi_pool {
	u8 cap;
	unsigned int nr;
	struct msi_vector vectors[] __counted_by(nr);
};

/**
 * vxi_msi_pool_take() - map the vectors of a device that is about to leave dom0
 *
 * A vector that cannot be mapped is logged, and VFIO does not have it.
 */
void vxi_msi_pool_take(struct xen_dev *xdev);

/**
 * vxi_msi_pool_give_back() - unmap the vectors of a device that returns to dom0
 *
 * No driver may have any of them allocated.
 */
void vxi_msi_pool_give_back(struct xen_dev *xdev);

/**
 * vxi_msi_pool_enter_guest() - unmap dom0's vectors so that a guest can map its own
 *
 * Return: 0, or -errno after a message.
 */
int vxi_msi_pool_enter_guest(struct xen_dev *xdev);

/*
 * The device has left a guest. dom0's vectors are mapped again when the device next
 * leaves dom0. Waits up to a second for vectors of a guest that has ended.
 */
void vxi_msi_pool_leave_guest(struct xen_dev *xdev);

/*
 * Clear MSI-X's function mask, as after a reset: Xen refuses to assign a device that
 * has it set. A driver, or Xen itself, may have set it.
 */
void vxi_msi_pool_clear_maskall(struct xen_dev *xdev);

/* Whether the device can change between MSI-X and plain MSI. */
bool vxi_msi_pool_can_change_kind(const struct pci_dev *pdev);

/**
 * vxi_msi_pool_change_kind() - map MSI in place of MSI-X, or the reverse
 *
 * For vxi_borrow(), so dom0 owns the device meanwhile.
 *
 * Return: 0, or -errno; the former vectors are then mapped again as far as possible.
 */
int vxi_msi_pool_change_kind(struct xen_dev *xdev);

/* The vector with an index in the MSI-X table (0 for MSI), or NULL if it is not mapped. */
struct msi_vector *vxi_msi_pool_vector(struct msi_pool *pool,
				       unsigned int index);

/* Append " msi=N/M" (vectors in use, mapped) to a line, if there are any. */
void vxi_msi_pool_show(struct seq_file *s, struct xen_dev *xdev);

/* Free the pool of a device that is removed. */
void vxi_msi_pool_free(struct xen_dev *xdev);

#endif
