/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices that the host wants back: its administrator removes them, takes VFs away or
 * unbinds the driver, or somebody pulls the card.
 *
 * The supervisor asks the guest to release the device when its turn comes. At the
 * deadline it takes the device, and cancels an attachment or detachment of another
 * device that is in progress.
 */
#ifndef DM_REMOVAL_H
#define DM_REMOVAL_H

#include <stdbool.h>

#include "devices.h"

/*
 * The host wants @dev back. It may say so again; call removal_go_on() each time. An
 * attachment in progress is undone, so @dev may be gone when this returns.
 */
void removal_ask(struct device *dev, unsigned int timeout_s);
/* Take a device that the host wants back, unless a device is in progress. */
void removal_go_on(struct devices *all, steps_fn done, void *data);

#endif
