/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device as a PV guest sees it: registers and interrupts.
 *
 * Its configuration space is VFIO's, which hides from the guest what it must not
 * touch, except for what has to do with interrupts. A PV guest asks for these by
 * requests, and Xen programs the device. What the guest then writes to the MSI and
 * MSI-X capabilities is kept aside for it to read again, as VFIO would turn off
 * what Xen has turned on.
 */
#ifndef DM_PV_FUNCTION_H
#define DM_PV_FUNCTION_H

#include "pv/pciif.h"
#include "worker.h"

/* Connect INTx if it can be. A successor finds its predecessor's connections. */
int pv_function_add(struct worker_device *dev);
void pv_function_remove(struct worker_device *dev);

/*
 * Fulfil a request: 0 or XEN_PCI_ERR_*. *value is what a read finds, or the pirq
 * of an MSI; pirqs has room for SH_INFO_MAX_VEC, for those of MSI-X.
 */
int32_t pv_function_serve(struct worker_device *dev,
			  const struct pciif_request *req, uint32_t *value,
			  uint16_t *pirqs);

#endif
