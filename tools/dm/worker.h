/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The worker: serves the guest, without privileges except over its devices.
 *
 * It is the same program, run with --worker and its end of the link. While it still is
 * root it receives LINK_HELLO and prepares its kind: it opens Xen's libraries and maps
 * what it shares with the guest. Then it restricts these handles to the guest and drops
 * all privileges. Devices come later.
 *
 * All input from the guest is hostile.
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

/* The operations of a kind of guest in the worker; all return 0 or -errno. */
struct worker_kind {
	/* As root: opens and maps. Adds no event sources yet. */
	int (*prepare)(struct worker *worker);
	/*
	 * Without privileges: adds event sources and serves requests that already wait.
	 */
	int (*start)(struct worker *worker);
	/* Takes a device, either a fresh one or one of a former worker. */
	int (*add)(struct worker_device *dev);
	/* Disconnects what the guest has set up, before the device leaves. */
	void (*remove)(struct worker_device *dev);
};

struct worker {
	sd_event *event;
	int link;
	struct link_hello hello;
	struct state *state;
	const struct worker_kind *kind;
	void *kind_data;
	/* By index in the state; NULL: none */
	struct worker_device *devices[STATE_MAX_DEVICES];
};

/* The device in a slot of the guest's bus, or NULL. */
struct worker_device *worker_find(struct worker *worker, unsigned int slot);

/* Runs until the link is closed. Returns the exit status. */
int worker_main(int link);

#endif
