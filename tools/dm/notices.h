/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the host says of a device that a guest has: that it wants it back, and errors.
 */
#ifndef DM_NOTICES_H
#define DM_NOTICES_H

#include <systemd/sd-event.h>

#include "vfio.h"

/* Called from the event loop; the notices may be closed there. */
struct notices_ops {
	/* Said again and again until the device's last descriptor is closed. */
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

/* 0 or -errno. Devices that cannot report errors are silent about them. */
int notices_open(struct notices *notices, sd_event *event,
		 const struct vfio_device *vfio, const struct notices_ops *ops,
		 void *data);
void notices_close(struct notices *notices);

#endif
