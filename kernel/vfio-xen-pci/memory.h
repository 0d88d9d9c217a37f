/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory decode, which must be enabled while Xen writes to the MSI-X table.
 */
#ifndef VXP_MEMORY_H
#define VXP_MEMORY_H

#include <linux/pci.h>
#include <linux/vfio_pci_core.h>

/* As vfio-pci-core does it. Its users cannot. Returns the value to restore. */
static inline u16 memory_lock(struct vfio_pci_core_device *core)
{
	u16 command;

	down_write(&core->memory_lock);
	pci_read_config_word(core->pdev, PCI_COMMAND, &command);
	if (!(command & PCI_COMMAND_MEMORY))
		pci_write_config_word(core->pdev, PCI_COMMAND,
				      command | PCI_COMMAND_MEMORY);
	return command;
}

static inline void memory_unlock(struct vfio_pci_core_device *core, u16 command)
{
	pci_write_config_word(core->pdev, PCI_COMMAND, command);
	up_write(&core->memory_lock);
}

#endif
