// SPDX-License-Identifier: GPL-2.0
/*
 * Device quirks: everything that depends on vendor and device ID.
 */
#include <linux/moduleparam.h>
#include <linux/pci.h>

#include "quirks.h"

static bool disable_denylist;
module_param(disable_denylist, bool, 0444);
MODULE_PARM_DESC(disable_denylist, "Bind to devices with known errata that an untrusted user can exploit (default N); as vfio-pci's");

/* vfio-pci refuses these as well, but does not export its list. */
static const struct pci_device_id denylist[] = {
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_QAT_C3XXX) },
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_QAT_C3XXX_VF) },
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_QAT_C62X) },
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_QAT_C62X_VF) },
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_QAT_DH895XCC) },
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_QAT_DH895XCC_VF) },
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_DSA_SPR0) },
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_IAX_SPR0) },
	{ }
};

bool vxp_quirks_deny(struct pci_dev *pdev)
{
	if (!pci_match_id(denylist, pdev))
		return false;
	pci_warn(pdev, "has errata that an untrusted user can exploit: %s\n",
		 disable_denylist ? "bound all the same (disable_denylist)" :
				    "not bound (disable_denylist=1 would)");
	return !disable_denylist;
}
