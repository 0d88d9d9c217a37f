/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attach a device to the guest and detach it, in steps: the steps of all guests, and
 * between them those of the guest's kind.
 *
 * One attachment or detachment runs at a time. Attachments before the guest has started
 * take turns, each holding its device.
 */
#ifndef DM_ATTACH_H
#define DM_ATTACH_H

#include <stdint.h>

#include "devices.h"

/*
 * Call before the first device. @failed is called with @all when workers keep dying: drop
 * the devices then. Returns 0 or -errno.
 */
int attach_init(struct devices *all, uint32_t first_uid,
		void (*failed)(void *data));

/* See steps_start(). From then on the device's steps are in use. */
void attach_start(struct device *dev, unsigned int timeout_s, steps_fn done,
		  void *data);
/* The guest has ended: undo everything at once, without asking it. */
void attach_drop(struct device *dev);
/* A queued attachment goes on if it has its turn. */
void attach_give_turn(struct devices *all);
/*
 * The worker has ended, and has so closed the devices that were to be taken from it:
 * their detachments go on, which may free them. Call this after worker_process_stop().
 */
void attach_worker_ended(struct devices *all);

#endif
