// SPDX-License-Identifier: GPL-2.0
/*
 * A device asserts INTx only while somebody serves it.
 */
#include <linux/lockdep.h>
#include <linux/pci.h>
#include <linux/rwsem.h>
#include <linux/unaligned.h>
#include <linux/vfio_pci_core.h>

#include "intx.h"

static bool user_wants_it(const struct vfio_pci_core_device *core)
{
	return !(get_unaligned_le16(core->vconfig + PCI_COMMAND) &
		 PCI_COMMAND_INTX_DISABLE);
}

/* The user may write other bits of the register at the same time. */
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
	/*
	 * vfio-pci-core unmasks INTx if the user clears its bit while this bit
	 * is set.
	 */
	core->virq_disabled = false;
}

/* vfio-pci-core takes care of it while it has a handler for INTx, or MSI. */
static bool is_ours(const struct vfio_pci_core_device *core)
{
	return core->irq_type == VFIO_PCI_NUM_IRQS;
}

void vxp_intx_follow(struct vfio_pci_core_device *core, bool to_guest)
{
	if (!is_ours(core))
		return;
	if (!to_guest) {
		vxp_intx_hold(core);
		return;
	}
	core->virq_disabled = !user_wants_it(core);
	set(core, !core->virq_disabled);
}

void vxp_intx_leave_to_core(struct vfio_pci_core_device *core)
{
	lockdep_assert_held(&core->igate);

	if (is_ours(core))
		core->virq_disabled = !user_wants_it(core);
}

bool vxp_intx_try_release(struct vfio_pci_core_device *core)
{
	bool done;

	if (!mutex_trylock(&core->igate))
		return false;
	done = down_write_trylock(&core->memory_lock);
	if (done) {
		if (is_ours(core) && user_wants_it(core))
			pci_intx(core->pdev, true);
		up_write(&core->memory_lock);
	}
	mutex_unlock(&core->igate);
	return done;
}
