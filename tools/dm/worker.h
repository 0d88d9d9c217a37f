/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The worker: answers the guest, with no rights but those over its devices.
 *
 * It is the program itself, run with --worker and its end of the link. While it
 * still is root it receives LINK_HELLO and prepares its kind: opens Xen's
 * libraries and maps what it shares with the guest. Then it restricts these
 * handles to the guest and gives up all rights. Devices come later.
 *
 * Everything that a kind reads from the guest is hostile.
 */
#ifndef DM_WORKER_H
#define DM_WORKER_H

#include <systemd/sd-event.h>

#include "link.h"
#include "state.h"
#include "vfio.h"

struct worker;

/* A device in the worker. */
struct worker_device {
	struct worker *worker;
	unsigned int index;
	struct vfio_device vfio;
	struct state_device *state;
	void *kind_data; /* of pv/ or hvm/ */
};

/* What a kind of guest does here; all return 0 or -errno. */
struct worker_kind {
	/* As root: open and map. No event sources yet. */
	int (*prepare)(struct worker *worker);
	/* Without rights: add event sources, answer what waits already. */
	int (*start)(struct worker *worker);
	/* Take a device, fresh or one that a former worker has had. */
	int (*add)(struct worker_device *dev);
	/* Disconnect what the guest has set up, as the device is leaving. */
	void (*remove)(struct worker_device *dev);
};

struct worker {
	sd_event *event;
	int link;
	struct link_hello hello;
	struct state *state;
	const struct worker_kind *kind;
	void *kind_data;
	/* NULL where there is none; by index in the state */
	struct worker_device *devices[STATE_MAX_DEVICES];
};

/* The device in a slot of the guest's bus, or NULL. */
struct worker_device *worker_find(struct worker *worker, unsigned int slot);

/* Never comes back before the link is closed; the exit status. */
int worker_main(int link);

#endif
