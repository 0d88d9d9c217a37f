/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The DMAR table, with which firmware describes the VT-d units. Xen keeps it to
 * itself by another signature, but leaves its content as it was.
 */
#ifndef VXI_DMAR_H
#define VXI_DMAR_H

#include <linux/types.h>

/**
 * vxi_dmar_read() - read what this module wants to know of the table
 * @host_bits:	receives the host address width: how far DMA reaches
 *
 * Return: whether there is a table, which means that the IOMMU is VT-d.
 */
bool vxi_dmar_read(unsigned int *host_bits);

#endif
