/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices that the host wants back: its administrator removes them, takes VFs away or
 * unbinds the driver, or somebody pulls the card.
 *
 * The guest is asked to let go, when its turn comes. At the deadline the device is
 * taken, and whatever is on its way with another device fails for that.
 */
#ifndef DM_REMOVAL_H
#define DM_REMOVAL_H

#include <stdbool.h>

#include "devices.h"

/*
 * The host wants it back, and may say so again; go on then. One that is still on its
 * way is undone, and may be gone when this returns.
 */
void removal_ask(struct device *dev, unsigned int timeout_s);
/* Nothing may be on its way: take one that is to go, if there is one. */
void removal_go_on(struct devices *all, steps_fn done, void *data);

#endif
