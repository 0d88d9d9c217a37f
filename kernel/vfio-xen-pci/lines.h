/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interrupt lines (GSIs) that guests' devices are connected to.
 *
 * Xen shares a line among all domains that have a pirq for it: each domain gets every
 * interrupt, and the line is unmasked when all have acknowledged it. Drivers in dom0
 * do not handle interrupts of a guest's device, and dom0's kernel disables a line with
 * too many unhandled interrupts. So this module has a handler for guests' devices on
 * each line that dom0 uses itself. It has none on other lines: their interrupts do not
 * reach dom0.
 *
 * A guest that does not acknowledge interrupts in its device could keep dom0 busy.
 * After LINE_MAX_PER_SECOND interrupts INTx of the device is held (intx.h) for a while.
 */
#ifndef VXP_LINES_H
#define VXP_LINES_H

#include <linux/list.h>
#include <linux/types.h>

struct line;
struct vfio_pci_core_device;

/**
 * struct line_user - a device of a guest that is connected to a line
 * @core:	the device
 * @line:	the line, or NULL
 * @node:	on line->users
 * @throttled:	INTx is held because it interrupted too often
 */
struct line_user {
	struct vfio_pci_core_device *core;
	struct line *line;
	struct list_head node;
	bool throttled;
};

/**
 * vxp_line_take() - reserve the line of a device before connecting the device to it
 * @share:	take the line even if others use it
 *
 * Called under igate, as is vxp_line_release().
 *
 * Return: 0; -EBUSY if others use the line, and @share is false or dom0's driver does
 * not share it; -ENOMEM.
 */
int vxp_line_take(struct vfio_pci_core_device *core, struct line_user *user,
		  bool share);

/* Undo vxp_line_take(), after the device has been disconnected. */
void vxp_line_release(struct line_user *user);

/* A driver of dom0 may use the line from now on. */
void vxp_line_used(unsigned int irq);

int vxp_lines_init(void);
void vxp_lines_exit(void);

#endif
