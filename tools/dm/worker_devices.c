// SPDX-License-Identifier: GPL-2.0-only
/*
 * Look up the worker's devices for pv/ and hvm/.
 */
#include "worker.h"

struct worker_device *worker_find(struct worker *worker, unsigned int slot)
{
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		struct worker_device *dev = worker->devices[i];

		if (dev && dev->state->slot == slot)
			return dev;
	}
	return NULL;
}
