/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The supervisor: holds all that outlives a worker, for one guest.
 */
#ifndef DM_SUPERVISOR_H
#define DM_SUPERVISOR_H

#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "attach.h"
#include "guest.h"
#include "link.h"
#include "state.h"

struct store;
struct supervisor;

/* What a kind of guest does in the supervisor. */
struct supervisor_kind {
	/* Before the first device: refuse, or make what all devices share. */
	int (*open)(struct supervisor *sup, struct problem *problem);
	/* After the last one, or when the guest is gone; cannot fail. */
	void (*close)(struct supervisor *sup);
	/* Something in xenstore that this kind watches has changed. */
	void (*store_changed)(struct supervisor *sup, const char *path);
	/* Fill in what the worker must know; -EAGAIN if it cannot start yet. */
	int (*hello)(struct supervisor *sup, struct link_hello *hello);
	/* May be NULL. The worker serves: it has all the devices. */
	void (*worker_ready)(struct supervisor *sup);
	/* Done before the device goes to the worker. */
	struct attach_steps before_worker;
	/* Done after the worker has it: the guest gets to see it. */
	struct attach_steps after_worker;
};

extern const struct supervisor_kind pv_supervisor;
extern const struct supervisor_kind hvm_supervisor;

struct supervisor {
	sd_event *event;
	struct store *store; /* xenstore */
	struct guests *guests;
	struct guest guest;
	const struct supervisor_kind *kind;
	void *kind_data;
	bool kind_open;

	struct state *state;
	int state_fd;
	struct attach_device *devices[STATE_MAX_DEVICES];

	pid_t worker; /* 0: none */
	int worker_pidfd;
	int link;
	bool worker_serves; /* has said LINK_READY */
	unsigned int restarts;

	struct supervisor_private *private;
};

/*
 * Start the worker if there is none and kind->hello() is ready for it: when a
 * kind has become ready, and when a worker has died. It gets all devices that
 * are in the state.
 */
int supervisor_start_worker(struct supervisor *sup);
/* End the worker, if there is one, so that the next one says hello anew. */
void supervisor_stop_worker(struct supervisor *sup);
/* Write to /run/vfio-xen/<uuid>.json what a later supervisor has to clean up. */
void supervisor_record(struct supervisor *sup);

struct supervisor_options {
	uint32_t domid;
	const char *run_dir;
	const char *user; /* the worker's */
	bool exit_when_idle;
};

/* Runs until the guest is gone or the last device is detached; exit status. */
int supervisor_main(const struct supervisor_options *options);

#endif
