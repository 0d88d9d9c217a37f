/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices that are left to the host's toolstack: libxl, or whatever else gives
 * devices to guests by its own hypercalls.
 *
 * For as long as a device is left to it, the toolstack moves it between quarantine
 * and guests, and this module only sees to it that it starts from quarantine and
 * comes back there. VFIO has to be kept from its group by the caller, a driver
 * that is not VFIO's: the IOMMU core does that for such drivers.
 */
#ifndef XEN_IOMMU_TOOLSTACK_H
#define XEN_IOMMU_TOOLSTACK_H

struct pci_dev;

/**
 * xen_leave_to_toolstack() - have a device quarantined and ready to be assigned
 *
 * It is enabled, and decodes its memory.
 *
 * Return: 0, or -errno after a message.
 */
int xen_leave_to_toolstack(struct pci_dev *pdev);

/* Have it ready again, after a guest has had it. */
void xen_renew_for_toolstack(struct pci_dev *pdev);

/*
 * Take it back, from a guest as well, and give it to dom0. What a guest may still
 * reach stays quarantined until that guest has ended.
 */
void xen_take_from_toolstack(struct pci_dev *pdev);

#endif
