/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The machine's lines that devices of guests are connected to.
 *
 * Xen shares a line among all domains that have a pirq for it: each of them hears of
 * each interrupt, and the line is free again when all have ended it. What dom0 hears
 * of a guest's device no handler of dom0's knows, and its kernel turns a line off on
 * which too much of that happens. So dom0 has a handler for guests' devices on each
 * line that it uses itself. It has none on other lines: these interrupts do not
 * reach dom0.
 *
 * A guest that does not quiet its device could keep dom0 busy. After
 * LINE_MAX_PER_SECOND interrupts its device is held (intx.h) for some time.
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
 * @throttled:	it is held, as it was too fast
 */
struct line_user {
	struct vfio_pci_core_device *core;
	struct line *line;
	struct list_head node;
	bool throttled;
};

/**
 * vxp_line_take() - before a device is connected to its line
 * @share:	also if others use the line
 *
 * Under igate, as is what follows.
 *
 * Return: 0; -EBUSY if others use the line, and @share is false or dom0's driver does
 * not share it; -ENOMEM.
 */
int vxp_line_take(struct vfio_pci_core_device *core, struct line_user *user,
		  bool share);

/* After it has been disconnected. */
void vxp_line_release(struct line_user *user);

/* A driver of dom0's may use the line from now on. */
void vxp_line_used(unsigned int irq);

int vxp_lines_init(void);
void vxp_lines_exit(void);

#endif
