/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The devices that a guest is to have, whether or not it has them now.
 */
#ifndef DM_WANTED_H
#define DM_WANTED_H

#include <stdbool.h>

#include "devices.h"

struct wanted_device {
	struct device_request request;
	bool pending; /* is still to be attached again */
	struct problem problem; /* err is not 0: why the guest has it not */
};

struct wanted {
	struct wanted_device devices[STATE_MAX_DEVICES];
	unsigned int nr;
};

/* NULL if the device is not wanted. */
struct wanted_device *wanted_find(struct wanted *wanted, uint32_t sbdf);
/* The guest has it now; in place of an older request for the same device. */
void wanted_add(struct wanted *wanted, const struct device_request *request);
void wanted_remove(struct wanted *wanted, uint32_t sbdf);
/* Whether there is one that the guest has not got for some reason. */
bool wanted_misses_any(const struct wanted *wanted);
/* These are to be attached again. */
void wanted_retry(struct wanted *wanted);
/* The guest has lost all of them: each is to be attached again. */
void wanted_restart(struct wanted *wanted);
/* The next to be attached again, which is not pending any more; or NULL. */
struct wanted_device *wanted_next(struct wanted *wanted);

#endif
