// SPDX-License-Identifier: GPL-2.0
/*
 * The width of I/O virtual addresses.
 */
#include "iova_width.h"

unsigned int vxi_iova_width(bool vtd, unsigned int host_bits,
			    unsigned int phys_bits)
{
	unsigned int bits = min(host_bits, phys_bits);

	if (!vtd)
		return MAX_IOVA_BITS;
	/* Also used if one of them is unknown */
	if (bits < MIN_IOVA_BITS)
		return MIN_IOVA_BITS;
	return min(bits, MAX_IOVA_BITS);
}
