/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Notices of the host about a guest's device: a request to release it, and errors.
 */
#ifndef DM_NOTICES_H
#define DM_NOTICES_H

#include <systemd/sd-event.h>

#include "vfio.h"

/* Called from the event loop. The callback may close the notices. */
struct notices_ops {
	/* Repeated until the device's last descriptor is closed. */
	void (*wanted_back)(void *data);
	void (*failed)(void *data);
};

struct notice {
	struct notices *notices;
	void (*fn)(void *data);
	int fd; /* -1: none */
	sd_event_source *source;
};

struct notices {
	struct notice wanted_back, failed;
	void *data;
};

/* Returns 0 or -errno. It is no error if the device cannot report errors. */
int notices_open(struct notices *notices, sd_event *event,
		 const struct vfio_device *vfio, const struct notices_ops *ops,
		 void *data);
void notices_close(struct notices *notices);

#endif
