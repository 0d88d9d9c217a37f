/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Device quirks.
 */
#ifndef VXP_QUIRKS_H
#define VXP_QUIRKS_H

#include <linux/types.h>

struct pci_dev;

/**
 * vxp_quirks_deny() - whether a device is not to be bound
 *
 * Denies a device with errata that an untrusted user can exploit, unless
 * disable_denylist is set. Logs the reason.
 */
bool vxp_quirks_deny(struct pci_dev *pdev);

#endif
