// SPDX-License-Identifier: GPL-2.0-only
/*
 * Choose between INTx, MSI and MSI-X.
 */
#include <string.h>

#include "../log_limited.h"
#include "irqs.h"

#define NO_INDEX (-1)

/* The guest's address of the MSI-X table; 0: none */
static uint64_t table_address(const struct irqs *irqs)
{
	uint64_t address;

	if (!irqs->msix->cap ||
	    !bars_address(irqs->bars, irqs->msix->table_bar, &address))
		return 0;
	return address + irqs->msix->table_offset;
}

static int wanted_index(const struct irqs *irqs, uint16_t command)
{
	if (msix_is_enabled(irqs->msix) && (command & PCI_COMMAND_MEMORY) &&
	    table_address(irqs))
		return VFIO_PCI_MSIX_IRQ_INDEX;
	if (msi_is_enabled(irqs->msi))
		return VFIO_PCI_MSI_IRQ_INDEX;
	/* A device that decodes nothing has no driver that could silence it. */
	if ((command & (PCI_COMMAND_MEMORY | PCI_COMMAND_IO)) &&
	    !(command & PCI_COMMAND_INTX_DISABLE) && vfio_has_intx(irqs->vfio))
		return VFIO_PCI_INTX_IRQ_INDEX;
	return NO_INDEX;
}

void irqs_disconnect(struct irqs *irqs)
{
	if (!irqs->state->irq_index)
		return;
	vfio_irq_disable(irqs->vfio, irqs->state->irq_index - 1);
	msix_disconnected(irqs->msix);
	irqs->state->refused = 0;
	irqs->msi_known = false;
	irqs->state->irq_index = 0;
}

/*
 * The device is function 0 in the guest and uses INTA, whatever pin it uses on the host.
 */
static int connect_intx(const struct irqs *irqs)
{
	struct vfio_irq_xen_guest entry = {
		.flags = VFIO_IRQ_XEN_GUEST_CONNECT |
			 VFIO_IRQ_XEN_GUEST_UNMASKED |
			 VFIO_IRQ_XEN_GUEST_SHARED,
		.slot = (uint16_t)irqs->slot,
	};

	return vfio_irq_connect(irqs->vfio, VFIO_PCI_INTX_IRQ_INDEX, 0, 1,
				&entry);
}

static int connect_msi(struct irqs *irqs)
{
	int err;

	if (irqs->msi_known && irqs->msi_address == irqs->state->msi_address &&
	    irqs->msi_data == irqs->state->msi_data)
		return 0;
	err = msi_connect(irqs->msi);
	irqs->msi_known = true;
	irqs->msi_address = irqs->state->msi_address;
	irqs->msi_data = irqs->state->msi_data;
	return err;
}

static int connect(struct irqs *irqs, int index, bool is_new)
{
	const char *kind = "INTx";
	int err = 0;

	if (index == VFIO_PCI_MSIX_IRQ_INDEX) {
		msix_connect(irqs->msix, table_address(irqs));
	} else if (index == VFIO_PCI_MSI_IRQ_INDEX) {
		kind = "MSI";
		err = connect_msi(irqs);
	} else if (is_new) {
		err = connect_intx(irqs);
	}
	if (err)
		log_limited(LOG_WARNING,
			    "%s: cannot connect %s to the guest: %s",
			    irqs->name, kind, vfio_irq_strerror(err));
	return err;
}

/*
 * Write the new state before the change, so that a successor never takes a busy index for
 * free.
 */
void irqs_update(struct irqs *irqs, uint16_t command)
{
	int now = (int)irqs->state->irq_index - 1;
	int wanted = wanted_index(irqs, command);
	uint64_t table = table_address(irqs);
	int err;

	if (now != wanted ||
	    (now == VFIO_PCI_MSIX_IRQ_INDEX && irqs->state->table != table))
		irqs_disconnect(irqs);
	if (wanted == NO_INDEX)
		return;
	irqs->state->irq_index = (uint32_t)wanted + 1;
	irqs->state->table = table;
	err = connect(irqs, wanted, now != wanted);
	if (wanted != VFIO_PCI_MSI_IRQ_INDEX)
		return;
	/* It is disabled then, and there may be INTx in its place. */
	if (err == -ENOSPC)
		irqs_update(irqs, command);
	irqs->state->refused = err == -ENOSPC;
}
