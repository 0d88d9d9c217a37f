// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests of a PV guest's PCI frontend.
 */
#include <stdbool.h>
#include <string.h>

#include "pv/pciif.h"

#define CONFIG_SIZE 4096
#define MAX_TABLE_ENTRIES 2048

static const int kinds[] = {
	[XEN_PCI_OP_conf_read] = PCIIF_READ,
	[XEN_PCI_OP_conf_write] = PCIIF_WRITE,
	[XEN_PCI_OP_enable_msi] = PCIIF_ENABLE_MSI,
	[XEN_PCI_OP_disable_msi] = PCIIF_DISABLE_MSI,
	[XEN_PCI_OP_enable_msix] = PCIIF_ENABLE_MSIX,
	[XEN_PCI_OP_disable_msix] = PCIIF_DISABLE_MSIX,
};

static bool decode_register(const struct xen_pci_op *op,
			    struct pciif_request *req)
{
	uint32_t offset = (uint32_t)op->offset, size = (uint32_t)op->size;

	if (size != 1 && size != 2 && size != 4)
		return false;
	if (offset >= CONFIG_SIZE || offset % size)
		return false;
	req->offset = offset;
	req->size = size;
	req->value = size == 4 ? op->value : op->value & ((1U << 8 * size) - 1);
	return true;
}

static bool decode_vectors(const struct xen_pci_op *op,
			   struct pciif_request *req)
{
	uint8_t seen[MAX_TABLE_ENTRIES / 8] = { 0 };

	if (!op->value || op->value > SH_INFO_MAX_VEC)
		return false;
	req->nr_vectors = op->value;
	for (unsigned int i = 0; i < req->nr_vectors; i++) {
		uint16_t entry = op->msix_entries[i].entry;

		if (entry >= MAX_TABLE_ENTRIES ||
		    seen[entry / 8] & 1 << entry % 8)
			return false;
		seen[entry / 8] |= (uint8_t)(1 << entry % 8);
		req->vectors[i] = entry;
	}
	return true;
}

int32_t pciif_decode(const struct xen_pci_op *op, struct pciif_request *req)
{
	memset(req, 0, sizeof(*req));
	if (op->cmd >= sizeof(kinds) / sizeof(kinds[0]))
		return XEN_PCI_ERR_not_implemented;
	req->kind = (enum pciif_kind)kinds[op->cmd];
	/* Each device is function 0 of a slot of its own. */
	if (op->domain || op->bus || op->devfn > 0xff || op->devfn & 7)
		return XEN_PCI_ERR_dev_not_found;
	req->slot = op->devfn >> 3;
	switch (req->kind) {
	case PCIIF_READ:
	case PCIIF_WRITE:
		return decode_register(op, req) ? XEN_PCI_ERR_success :
						  XEN_PCI_ERR_invalid_offset;
	case PCIIF_ENABLE_MSIX:
		return decode_vectors(op, req) ? XEN_PCI_ERR_success :
						 XEN_PCI_ERR_op_failed;
	case PCIIF_ENABLE_MSI:
	case PCIIF_DISABLE_MSI:
	case PCIIF_DISABLE_MSIX:
		break;
	}
	return XEN_PCI_ERR_success;
}
