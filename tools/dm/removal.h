/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices that the host requests back: an administrator removes them, reduces the number
 * of VFs or unbinds the driver, or somebody pulls the card.
 *
 * In its turn, the supervisor asks the guest to release the device. At the deadline it
 * takes the device, and cancels an attachment or detachment of another device that is in
 * progress.
 */
#ifndef DM_REMOVAL_H
#define DM_REMOVAL_H

#include <stdbool.h>

#include "devices.h"

/*
 * The host requests @dev back. It may repeat the request; call removal_go_on() each time.
 * An attachment in progress is undone, so @dev may be freed when this returns.
 */
void removal_ask(struct device *dev, unsigned int timeout_s);
/*
 * It could not be taken: wait until the host repeats its request or the deadline has come.
 * Whoever calls removal_go_on() after each change would call it for ever otherwise.
 */
void removal_refused(struct device *dev);
/* Takes a device that the host requests back, unless another device is in progress. */
void removal_go_on(struct devices *all, steps_fn done, void *data);

#endif
