/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The width of I/O virtual addresses: how much of an address the IOMMU translates.
 */
#ifndef VXI_IOVA_WIDTH_H
#define VXI_IOVA_WIDTH_H

#include "pure.h"

/* Every VT-d unit translates at least that many, and all of AMD's 48. */
#define MIN_IOVA_BITS	39U

/* As far as the 4 levels of a shell domain's p2m reach. */
#define MAX_IOVA_BITS	48U

/**
 * vxi_iova_width() - choose a width that no IOMMU of the machine falls short of
 * @vtd:	the IOMMU is VT-d
 * @host_bits:	the host address width of firmware's DMAR table; 0 if unknown
 * @phys_bits:	the width of the processor's physical addresses; 0 if unknown
 *
 * dom0 cannot ask a VT-d unit. Small ones have 3 levels, and then the table says
 * 39, although the processor can have 46.
 *
 * Return: MIN_IOVA_BITS to MAX_IOVA_BITS, the former in doubt.
 */
unsigned int vxi_iova_width(bool vtd, unsigned int host_bits,
			    unsigned int phys_bits);

#endif
