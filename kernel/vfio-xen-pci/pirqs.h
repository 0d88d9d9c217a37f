/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pirqs of guests that vectors have.
 */
#ifndef VFIO_XEN_PCI_PIRQS_H
#define VFIO_XEN_PCI_PIRQS_H

#include <linux/types.h>

#include <xen/interface/xen.h>

/**
 * pirqs_map_msi() - map a vector in a guest
 * @base:	machine address of the MSI-X table's BAR, 0 for MSI
 * @pirq:	in: the number wanted, or -1; out: the number
 *
 * Return: 0; -EEXIST if another vector has that number; -ENOMEM; Xen's error.
 */
int pirqs_map_msi(domid_t domid, u32 sbdf, unsigned int vector, u64 base,
		  int *pirq);

/**
 * pirqs_map_gsi() - map a line in a guest
 * @pirq:	the number wanted. Other devices of the guest that share the line
 *		have it too.
 *
 * Return: as pirqs_map_msi().
 */
int pirqs_map_gsi(domid_t domid, int gsi, int pirq);

/**
 * pirqs_unmap() - the reverse of both
 * @gone:	the guest has ended, and its number may be another's
 *
 * A pirq that Xen won't unmap stays until the guest has ended, and this is logged.
 */
void pirqs_unmap(domid_t domid, int pirq, bool gone);

#endif
