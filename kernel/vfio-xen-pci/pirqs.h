/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guests' pirqs that vectors use.
 */
#ifndef VXP_PIRQS_H
#define VXP_PIRQS_H

#include <linux/types.h>

struct vxi_guest;
struct pci_dev;

/**
 * vxp_pirqs_map_msi() - map a vector in a guest
 * @msix:	one of MSI-X, not MSI
 * @vector:	index in the MSI-X table, 0 for MSI
 * @pirq:	in: the number wanted, or -1; out: the number
 *
 * Return: 0; -EEXIST if another vector has that number; -ENOMEM; Xen's error.
 */
int vxp_pirqs_map_msi(const struct vxi_guest *guest, struct pci_dev *pdev,
		      bool msix, unsigned int vector, int *pirq);

/**
 * vxp_pirqs_map_gsi() - map a line in a guest
 * @pirq:	the number wanted. Other devices of the guest that share the line
 *		have it too.
 *
 * Return: as vxp_pirqs_map_msi().
 */
int vxp_pirqs_map_gsi(const struct vxi_guest *guest, int gsi, int pirq);

/**
 * vxp_pirqs_unmap() - the reverse of both
 * @gone:	the guest has ended, and its number may be another's
 *
 * A pirq that Xen refuses to unmap stays until the guest has ended, and is
 * logged.
 */
void vxp_pirqs_unmap(const struct vxi_guest *guest, int pirq, bool gone);

#endif
