/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The steps of a change of owner, for borrow.c, which has the lock for several of
 * them. All are called with vxi_owner_lock held.
 */
#ifndef VXI_OWNER_INTERNAL_H
#define VXI_OWNER_INTERNAL_H

#include <linux/mutex.h>
#include <linux/types.h>

#include "xen_dev.h"

struct shell;
struct vxi_guest;

extern struct mutex vxi_owner_lock;

/* Record the owner, and the shell domain if it is one. */
void vxi_owner_set(struct xen_dev *xdev, enum owner owner,
		   struct shell *shell);

/* Return: 0 if the device is in quarantine, though it is not on record yet. */
int vxi_owner_leave_shell(struct xen_dev *xdev);

/* Return: -EBUSY if a guest other than @next may still access the BARs. */
int vxi_owner_check_out_of_reach(struct xen_dev *xdev,
				 const struct vxi_guest *next);

/* Whether the device is the only one of its group. */
bool vxi_owner_is_alone(const struct xen_dev *xdev);

#endif
