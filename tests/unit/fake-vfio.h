/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device in place of VFIO's, with which a test can see what a guest got of it.
 *
 * It has two memory BARs, the second with the MSI-X table in its second page and
 * the pending bits in the last; one of a few bytes; one in I/O space; a ROM; MSI and
 * MSI-X; and every way to reset it. What VFIO or Xen would not survive, or not allow,
 * fails an assertion.
 */
#ifndef FAKE_VFIO_H
#define FAKE_VFIO_H

#include "vfio.h"

#define FAKE_BAR0_SIZE 0x100000
#define FAKE_BAR2_SIZE 0x4000 /* 64 bits: 2 and 3 */
#define FAKE_BAR4_SIZE 0x100
#define FAKE_BAR5_SIZE 0x20 /* I/O */
#define FAKE_ROM_SIZE 0x4000
#define FAKE_MSI_CAP 0x50
#define FAKE_MSIX_CAP 0x70
#define FAKE_EXPRESS_CAP 0x80
#define FAKE_ADVANCED_CAP 0xc0
#define FAKE_POWER_CAP 0xd0
#define FAKE_NR_MSIX 5
#define FAKE_TABLE_BAR 2
#define FAKE_TABLE_OFFSET 0x1000
#define FAKE_PENDING_OFFSET 0x3800

#define FAKE_MAX_RANGES 64

struct fake_range {
	uint64_t first;
	uint64_t size;
	bool taken; /* by the ioreq server; otherwise mapped */
	unsigned int bar;
	uint64_t offset;
};

struct fake_vfio {
	struct vfio_device dev;
	uint8_t config[256];
	struct fake_range ranges[FAKE_MAX_RANGES];
	unsigned int nr_ranges;
	int gport; /* of the I/O BAR; -1: not mapped */
	int index; /* whose vectors are connected; -1: none */
	struct vfio_irq_xen_guest vectors[FAKE_NR_MSIX];
	unsigned int nr_connects;
	int connect_err;
	uint64_t bar_value; /* read from and written to BARs */
	unsigned int bar_accesses;
	uint8_t rom[FAKE_ROM_SIZE];
	unsigned int rom_accesses;
	int rom_err;
	uint64_t ram_end; /* the guest has RAM below */
};

extern struct fake_vfio fake;

void fake_vfio_reset(void);
/* What the guest sees at an address, or NULL. */
const struct fake_range *fake_find(uint64_t address);

#endif
