// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever a PV guest writes into the shared page, what is decoded is in range.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "pv/pciif.h"

static void must(int holds)
{
	if (!holds)
		abort();
}

static void check_vectors(const struct pciif_request *req)
{
	must(req->nr_vectors >= 1 && req->nr_vectors <= SH_INFO_MAX_VEC);
	for (unsigned int i = 0; i < req->nr_vectors; i++) {
		must(req->vectors[i] < 2048);
		for (unsigned int k = 0; k < i; k++)
			must(req->vectors[i] != req->vectors[k]);
	}
}

const unsigned long fuzz_rounds = 200000;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xen_pci_op op = { 0 };
	struct pciif_request req;

	memcpy(&op, data, size < sizeof(op) ? size : sizeof(op));
	if (pciif_decode(&op, &req))
		return 0;
	must(req.slot < 32);
	if (req.kind == PCIIF_READ || req.kind == PCIIF_WRITE) {
		must(req.size == 1 || req.size == 2 || req.size == 4);
		must(req.offset % req.size == 0);
		must(req.offset + req.size <= 4096);
		must(req.size == 4 || req.value < 1U << 8 * req.size);
	}
	if (req.kind == PCIIF_ENABLE_MSIX)
		check_vectors(&req);
	return 0;
}
