/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory decode, which must be enabled while Xen writes to the MSI-X table.
 *
 * A device in a low-power state decodes nothing whatever COMMAND says, but Xen
 * looks at COMMAND only. Decode is therefore disabled there: Xen then masks all
 * vectors in configuration space instead, and maps none.
 */
#ifndef VXP_MEMORY_H
#define VXP_MEMORY_H

#include <linux/pci.h>
#include <linux/vfio_pci_core.h>

#include <xen/vxi.h>

/* As vfio-pci-core does it. Its users cannot. Returns the value to restore. */
static inline u16 memory_lock(struct vfio_pci_core_device *core)
{
	u16 command, wanted;

	down_write(&core->memory_lock);
	pci_read_config_word(core->pdev, PCI_COMMAND, &command);
	if (vxi_decode_is_asleep(core->pdev))
		wanted = command & ~PCI_COMMAND_MEMORY;
	else
		wanted = command | PCI_COMMAND_MEMORY;
	if (wanted != command)
		pci_write_config_word(core->pdev, PCI_COMMAND, wanted);
	return command;
}

static inline void memory_unlock(struct vfio_pci_core_device *core, u16 command)
{
	pci_write_config_word(core->pdev, PCI_COMMAND, command);
	up_write(&core->memory_lock);
}

#endif
