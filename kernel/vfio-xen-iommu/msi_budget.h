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

/**
 * vxi_msi_budget_take() - record that Xen has given a number to a vector
 *
 * Return: how many numbers are free now, beside those that are kept for the host;
 * negative if it is one of the latter.
 */
int vxi_msi_budget_take(int pirq);

/* The vector has been unmapped. Under vxi_owner_lock, as is the above. */
void vxi_msi_budget_put(int pirq);

#endif
