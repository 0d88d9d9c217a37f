/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses of PCI devices: the segment in bits 16 to 31, the bus in 8 to 15, the
 * slot and function below. Domctls take one as it is, physdev calls in parts.
 */
#ifndef VXI_SBDF_H
#define VXI_SBDF_H

#include "pure.h"

#define SBDF_MAX_SEGMENT	0xffffU

/* Xen has no number for the segments of a VMD, which begin at 0x10000. */
static inline bool sbdf_has_segment(int segment)
{
	return segment >= 0 && (u32)segment <= SBDF_MAX_SEGMENT;
}

/* @bdf: bus, slot and function in 16 bits */
static inline u32 sbdf_make(u32 segment, u16 bdf)
{
	return segment << 16 | bdf;
}

static inline u16 sbdf_segment(u32 sbdf)
{
	return sbdf >> 16;
}

static inline u8 sbdf_bus(u32 sbdf)
{
	return sbdf >> 8 & 0xff;
}

static inline u8 sbdf_devfn(u32 sbdf)
{
	return sbdf & 0xff;
}

/* As physdev_map_pirq has it for MAP_PIRQ_TYPE_MSI_SEG: bits 8 to 15 are unused. */
static inline int sbdf_msi_bus(u32 sbdf)
{
	return (int)((u32)sbdf_segment(sbdf) << 16 | sbdf_bus(sbdf));
}

#endif
