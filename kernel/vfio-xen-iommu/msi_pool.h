/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The MSI vectors that a device takes along from dom0.
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
#ifndef VXI_MSI_POOL_H
#define VXI_MSI_POOL_H

#include <linux/types.h>

#include <xen/interface/event_channel.h>

struct pci_dev;
struct seq_file;
struct xen_dev;

/**
 * struct msi_vector - one vector of a device
 * @pirq:	Xen's number for it, or -1 if it is not mapped
 * @port:	the event channel that it is bound to while in use
 * @irq:	Linux's number for that, or 0
 */
struct msi_vector {
	int pirq;
	evtchn_port_t port;
	unsigned int irq;
};

/**
 * struct msi_pool - the vectors that a device takes along
 * @cap:	PCI_CAP_ID_MSIX or PCI_CAP_ID_MSI, which Xen has one of at a time
 * @nr:		how many there are
 * @vectors:	by index in the MSI-X table; the first is also that of MSI
 *
 * Locking: mapped and unmapped under owner_lock while no driver has MSI
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
 * What cannot be mapped is logged, and VFIO has so many vectors less.
 */
void vxi_msi_pool_take(struct xen_dev *xdev);

/**
 * vxi_msi_pool_give_back() - unmap them, when it is about to return
 *
 * No driver has any of them allocated then.
 */
void vxi_msi_pool_give_back(struct xen_dev *xdev);

/**
 * vxi_msi_pool_enter_guest() - let a guest have the vectors of a device instead
 *
 * Return: 0, or -errno after a message.
 */
int vxi_msi_pool_enter_guest(struct xen_dev *xdev);

/*
 * The reverse, but for dom0's vectors: they come when it leaves dom0 again. Waits,
 * for up to a second, for those of a guest that is gone.
 */
void vxi_msi_pool_leave_guest(struct xen_dev *xdev);

/*
 * Have the device's MSI-X as after a reset, not masked as a whole: Xen assigns no
 * other. A driver may have left it so, or Xen itself.
 */
void vxi_msi_pool_clear_maskall(struct xen_dev *xdev);

/* Whether the device can have MSI-X and plain MSI in turn. */
bool vxi_msi_pool_can_change_kind(const struct pci_dev *pdev);

/**
 * vxi_msi_pool_change_kind() - map MSI in the place of MSI-X, or the reverse
 *
 * For vxi_owner_borrow(): the device is dom0's meanwhile.
 *
 * Return: 0; otherwise those that there were are mapped, as far as can be.
 */
int vxi_msi_pool_change_kind(struct xen_dev *xdev);

/* The vector with an index in the MSI-X table (0 for MSI), or NULL if it is not mapped. */
struct msi_vector *vxi_msi_pool_vector(struct msi_pool *pool,
				       unsigned int index);

/* Append " msi=N/M" (vectors in use, mapped) to a line, if there are any. */
void vxi_msi_pool_show(struct seq_file *s, struct xen_dev *xdev);

/* Free the record of a device that is going away. */
void vxi_msi_pool_free(struct xen_dev *xdev);

#endif
