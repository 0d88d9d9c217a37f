/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Close devices in helpers: closing resets a device, which may take more than a minute.
 *
 * A closing outlives its device, the attachment and the guest. Nobody gets the device
 * until it has ended, because VFIO has it open as long. After CLOSING_LATE_S the device
 * is called hung, and nobody waits for it any more.
 */
#ifndef DM_CLOSING_H
#define DM_CLOSING_H

#include <stdbool.h>
#include <stddef.h>

#include "devices.h"
#include "helper.h"

#define CLOSING_LATE_S 5

struct closing;

/*
 * Closes the descriptor of the device, and those of its group if it is the only device of
 * it. The steps of the device are resumed at the end. Returns -EINPROGRESS, or 0 if all is
 * closed.
 */
int closing_start(struct device *dev);
/* An opening that was given up: what it opens is closed when it has ended. */
void closing_of_opening(struct device *dev, struct helper *helper);
/* The device's steps go on without the end, with a problem. */
void closing_leave(struct device *dev);
/* The same, but they are not resumed. */
void closing_forget(struct device *dev);

/* The closing of a device of this group, or of this device if @group is -1; or NULL */
struct closing *closing_find(const struct devices *all, int group,
			     uint32_t sbdf);
/*
 * Whether another device of the group of @dev is being opened, or one is being closed:
 * the kernel opens a group once. A device with waits_for_group is resumed after that.
 */
bool closing_group_is_busy(const struct device *dev);
void closing_resume_waiting(struct devices *all);
/* What it waits for: "0000:05:00.0 has not finished its reset for 12 s" */
void closing_print(const struct closing *closing, char *text, size_t size);
/* Appends the hung devices to @array, except those of which @is_known. */
void closing_describe(const struct devices *all, struct json_object *array,
		      bool (*is_known)(const struct devices *all,
				       uint32_t sbdf));
/* Helpers that have not ended go on. */
void closing_free_all(struct devices *all);

#endif
