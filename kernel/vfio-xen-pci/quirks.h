/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices that need something else than others do.
 */
#ifndef VXP_QUIRKS_H
#define VXP_QUIRKS_H

#include <linux/types.h>

struct pci_dev;

/**
 * vxp_quirks_deny() - whether a device is not to be bound
 *
 * It has errata that an untrusted user can exploit, and disable_denylist is not set.
 * The kernel's log says so.
 */
bool vxp_quirks_deny(struct pci_dev *pdev);

#endif
