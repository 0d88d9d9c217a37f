/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device in a PV guest: registers and interrupts.
 *
 * Its configuration space is VFIO's, which protects registers that a guest must not
 * touch. The exception is interrupts: a PV guest requests them, and Xen programs the
 * device. The guest's writes to the MSI and MSI-X capabilities are only stored for it to
 * read again, because VFIO would disable what Xen has enabled.
 */
#ifndef DM_PV_FUNCTION_H
#define DM_PV_FUNCTION_H

#include "pv/pciif.h"
#include "worker.h"

/* Connects INTx if possible. A successor finds its predecessor's connections. */
int pv_function_add(struct worker_device *dev);
void pv_function_remove(struct worker_device *dev);

/*
 * Performs a request. Returns 0 or XEN_PCI_ERR_*. *value is the result of a read, or the
 * pirq of an MSI; @pirqs has room for SH_INFO_MAX_VEC pirqs of MSI-X.
 */
int32_t pv_function_serve(struct worker_device *dev,
			  const struct pciif_request *req, uint32_t *value,
			  uint16_t *pirqs);

#endif
