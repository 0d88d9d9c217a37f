/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many MSIs dom0 can still have.
 *
 * Xen has a number (pirq) for each interrupt of dom0's, and only so many: two hundred
 * on a small host. A device that VFIO may use takes its vectors before it is known who
 * wants how many. So it gets up to half of what is free beyond msi_reserve, which the
 * host's own drivers can still have.
 */
#ifndef VXI_MSI_BUDGET_H
#define VXI_MSI_BUDGET_H

#include <linux/types.h>

/* Xen has given a number to a vector. Under vxi_owner_lock, as are the others. */
void vxi_msi_budget_take(int pirq);

/**
 * vxi_msi_budget_left() - how many numbers are free
 * @pirq: the one that Xen has given last
 *
 * Looks at each interrupt that Linux has: once for a device, not for each of its vectors.
 *
 * Return: how many numbers are free beside those that are kept for the host; negative if
 * @pirq is one of the latter.
 */
int vxi_msi_budget_left(int pirq);

/* The vector has been unmapped. */
void vxi_msi_budget_put(int pirq);

#endif
