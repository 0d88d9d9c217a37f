/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The devices that a guest should have, whether or not it has them now.
 */
#ifndef DM_WANTED_H
#define DM_WANTED_H

#include <stdbool.h>

#include "devices.h"

struct wanted_device {
	struct device_request request;
	bool pending; /* not attached again yet */
	struct problem problem; /* if err is not 0: why the guest lacks it */
};

struct wanted {
	struct wanted_device devices[STATE_MAX_DEVICES];
	unsigned int nr;
};

/* NULL if the device is not wanted */
struct wanted_device *wanted_find(struct wanted *wanted, uint32_t sbdf);
bool wanted_has(const struct wanted *wanted, uint32_t sbdf);
/* The guest has the device now. Replaces an older request for it. */
void wanted_add(struct wanted *wanted, const struct device_request *request);
void wanted_remove(struct wanted *wanted, uint32_t sbdf);
/* Whether the guest lacks one of them for a known reason */
bool wanted_misses_any(const struct wanted *wanted);
/* Marks these to be attached again. */
void wanted_retry(struct wanted *wanted);
/* The guest has lost all devices: marks each to be attached again. */
void wanted_restart(struct wanted *wanted);
/* Takes the next device to attach again, or NULL. It is no longer pending. */
struct wanted_device *wanted_next(struct wanted *wanted);

#endif
