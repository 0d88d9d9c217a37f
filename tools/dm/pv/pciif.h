/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests of a PV guest's PCI frontend: pure logic, no I/O.
 *
 * The frontend writes one request at a time to a shared page. It can change the page at
 * any time, so the request is copied first, and pciif_decode() reads the copy.
 */
#ifndef DM_PV_PCIIF_H
#define DM_PV_PCIIF_H

#include <stdint.h>

#include <xen/xen.h>
#include <xen/io/pciif.h>

enum pciif_kind {
	PCIIF_READ,
	PCIIF_WRITE,
	PCIIF_ENABLE_MSI,
	PCIIF_DISABLE_MSI,
	PCIIF_ENABLE_MSIX,
	PCIIF_DISABLE_MSIX,
};

struct pciif_request {
	enum pciif_kind kind;
	unsigned int slot; /* the device's, on bus 0 */
	uint32_t offset; /* of a register; aligned to its size */
	unsigned int size; /* 1, 2 or 4 */
	uint32_t value; /* to write; at most @size bytes */
	unsigned int nr_vectors; /* MSI-X: up to SH_INFO_MAX_VEC */
	uint16_t vectors[SH_INFO_MAX_VEC]; /* table indices, all different */
};

/* Returns 0, or the XEN_PCI_ERR_* to answer with. */
int32_t pciif_decode(const struct xen_pci_op *op, struct pciif_request *req);

#endif
