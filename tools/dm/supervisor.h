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

struct child;
struct control;
struct json_object;
struct store;
struct supervisor;

/* What a kind of guest does in the supervisor. */
struct supervisor_kind {
	/* Before the first device: refuse, or make what all devices share. */
	int (*open)(struct supervisor *sup, struct problem *problem);
	/* After the last one, or when the guest is gone; cannot fail. */
	void (*close)(struct supervisor *sup);
	/* May be NULL. Something in xenstore that this kind watches changed. */
	void (*store_changed)(struct supervisor *sup, const char *path);
	/* Fill in what the worker must know; -EAGAIN if it cannot start yet. */
	int (*hello)(struct supervisor *sup, struct link_hello *hello);
	/* May be NULL. The worker serves: it has all the devices. */
	void (*worker_ready)(struct supervisor *sup);
	/* May be NULL. What a later supervisor needs to know to clean up. */
	void (*record)(struct supervisor *sup, struct json_object *record);
	/* May be NULL. Clean up after a supervisor that has died. */
	void (*recover)(struct supervisor *sup,
			const struct json_object *record);
	int first_slot; /* that a device can have */
	/* Done first: the device is not touched if that fails. */
	struct attach_steps before_open;
	/* Done before the device goes to the worker. */
	struct attach_steps before_worker;
	/* Done after the worker has it: the guest gets to see it. */
	struct attach_steps after_worker;
};

extern const struct supervisor_kind pv_supervisor;
extern const struct supervisor_kind hvm_supervisor;

struct group_use {
	struct vfio_group *group;
	unsigned int users;
};

struct supervisor {
	sd_event *event;
	struct store *store; /* xenstore */
	struct guests *guests;
	struct control *control;
	struct guest guest;
	const struct supervisor_kind *kind;
	void *kind_data;
	bool kind_is_open;

	/* Indexed alike: a device's entry is where the device is. */
	struct state *state;
	int state_fd;
	struct attach_device *devices[STATE_MAX_DEVICES];
	struct group_use groups[STATE_MAX_DEVICES];

	struct child *child; /* the worker; see child.c */
	unsigned int restarts;

	struct supervisor_private *private;
};

struct supervisor_options {
	struct guest guest; /* which one: the UUID is set */
	const char *run_dir;
	uint32_t uid, gid; /* the worker's */
	enum vfio_xen_iommu iommu; /* for requests that leave it open */
	int ready_fd; /* gets a byte when requests are taken; -1: none */
};

/* Exit status: there is no such guest, so that starting again is of no use */
#define EXIT_NO_GUEST 3

/* Runs until the guest is gone or has had no device for a while; exit status. */
int supervisor_main(const struct supervisor_options *options);

/* Whether no other device is on its way, but those in the queue. */
bool supervisor_has_turn(const struct attach_device *dev);

/* Write to <run_dir>/<uuid>.json what a later supervisor has to clean up. */
void supervisor_record(struct supervisor *sup);

/* ---- groups.c: groups that devices of this guest share ---- */

/* Fills in dev->group. */
int supervisor_get_group(struct attach_device *dev);
void supervisor_put_group(struct supervisor *sup, struct vfio_group *group);

/* ---- child.c: the worker's life ---- */

int child_init(struct supervisor *sup, uint32_t uid, uint32_t gid);
void child_release(struct supervisor *sup);
pid_t child_pid(const struct supervisor *sup); /* 0: none */
/*
 * Start the worker if there is none and kind->hello() knows all: when a kind has
 * become ready. It gets all devices that it should have. After a worker's death
 * the next one is started by itself.
 */
int supervisor_start_worker(struct supervisor *sup);
/* End the worker, if there is one, so that the next one says hello anew. */
void supervisor_stop_worker(struct supervisor *sup);
/* It is stuck: its successor gets what it should have. */
void supervisor_kill_worker(struct supervisor *sup);
/*
 * Steps of attach.c. Both set dev->waits_for_worker if its answer, or when a device
 * is taken its death, is to come: attach_resume() is called then. A worker that is to
 * give a device up has it open until that.
 */
int supervisor_give_to_worker(struct supervisor *sup,
			      struct attach_device *dev);
int supervisor_take_from_worker(struct supervisor *sup,
				struct attach_device *dev);
/* Workers keep dying: called from child.c. */
void supervisor_give_up(struct supervisor *sup);

#endif
