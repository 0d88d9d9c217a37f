/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Open a device in a helper: opening resets the device, which may take more than a minute.
 */
#ifndef DM_OPENING_H
#define DM_OPENING_H

#include "devices.h"
#include "helper.h"

struct opening;

/* What a helper has opened: the caller owns the descriptors, which may be -1. */
struct opened {
	int err;
	int device;
	struct group_files files;
	struct problem problem;
};

typedef void (*opening_fn)(struct device *dev, int err);

/*
 * Opens the device, and its group if that is not open. Returns -EINPROGRESS, and calls
 * @done later; or -errno. dev->vfio.fd is the descriptor then.
 */
int opening_start(struct device *dev, opening_fn done);
/* Gives it up. Returns its helper, which goes on; see opening_receive(). */
struct helper *opening_leave(struct device *dev);
/* The answer of a helper that has ended */
void opening_receive(const struct helper *helper, struct opened *opened);

#endif
