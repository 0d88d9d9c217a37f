/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Giving a device to the guest and taking it back, in steps: those that are the same
 * for all guests, between those of the guest's kind.
 *
 * There is one attachment or detachment at a time: others that are asked for before
 * the guest has started take turns, each holding its device.
 */
#ifndef DM_ATTACH_H
#define DM_ATTACH_H

#include <stdint.h>

#include "devices.h"

/*
 * Before the first device. @failed is called with @all when no worker can live: the
 * devices are to be dropped. 0 or -errno.
 */
int attach_init(struct devices *all, uint32_t first_uid,
		void (*failed)(void *data));

/* See steps_start(); from then on the device's steps are used. */
void attach_start(struct device *dev, unsigned int timeout_s, steps_fn done,
		  void *data);
/* The guest is gone: undo everything at once, without asking it. */
void attach_drop(struct device *dev);
/* One that was queued may go on, if it has its turn. */
void attach_give_turn(struct devices *all);

#endif
