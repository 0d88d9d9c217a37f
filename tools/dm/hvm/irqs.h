/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Select which of INTx, MSI and MSI-X a device uses in the guest, by its registers; one
 * at a time.
 */
#ifndef DM_HVM_IRQS_H
#define DM_HVM_IRQS_H

#include <stdbool.h>
#include <stdint.h>

#include "bars.h"
#include "msi.h"
#include "msix.h"

struct irqs {
	const struct vfio_device *vfio;
	struct state_hvm *state;
	struct msi *msi;
	struct msix *msix;
	const struct bars *bars;
	unsigned int slot; /* on the guest's bus */
	const char *name;
	/* The destination of MSI, as far as known */
	bool msi_known;
	uint64_t msi_address;
	uint16_t msi_data;
};

/* Applies the selection, with @command in the COMMAND register, now or soon. */
void irqs_update(struct irqs *irqs, uint16_t command);
void irqs_disconnect(struct irqs *irqs);

#endif
