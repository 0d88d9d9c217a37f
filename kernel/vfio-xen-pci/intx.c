// SPDX-License-Identifier: GPL-2.0
/*
 * INTx is asserted only where it is served.
 */
#include <linux/lockdep.h>
#include <linux/pci.h>
#include <linux/rwsem.h>
#include <linux/vfio_pci_core.h>

#include "intx.h"

/* The register has other bits, which its user can write at the same time. */
static void set(struct vfio_pci_core_device *core, bool enable)
{
	lockdep_assert_held(&core->igate);

	if (!core->pci_2_3)
		return;
	down_write(&core->memory_lock);
	pci_intx(core->pdev, enable);
	up_write(&core->memory_lock);
}

void vxp_intx_hold(struct vfio_pci_core_device *core)
{
	set(core, false);
}

void vxp_intx_follow(struct vfio_pci_core_device *core, bool to_guest)
{
	/* With a handler for INTx, or with MSI, vfio-pci-core sees to it. */
	if (core->irq_type == VFIO_PCI_NUM_IRQS)
		set(core, to_guest && !core->virq_disabled);
}
