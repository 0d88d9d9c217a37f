/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The worker's life, as its parent sees it.
 *
 * A worker that dies has a successor at once. The guest notices a pause at most,
 * since all that matters is in VFIO's descriptors, in the state and in the kind's
 * part of the supervisor. Starting a program would be most of that pause, so there
 * is a spare worker, which waits for its first message and has nothing yet.
 */
#ifndef DM_WORKER_PROCESS_H
#define DM_WORKER_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "link.h"

struct worker_process;

/* What the parent knows and does; called from the event loop, but for the first two. */
struct worker_process_ops {
	/* What the worker must know; -EAGAIN if it cannot start yet. */
	int (*hello)(void *data, struct link_hello *hello);
	/* The descriptor of a device that the worker should have, or -1. */
	int (*device)(void *data, unsigned int index);
	/* What has become of worker_process_add() and _remove(): 0 or -errno. */
	void (*added)(void *data, unsigned int index, int err);
	void (*removed)(void *data, unsigned int index);
	/* It has let go of all devices. Whether it is to have a successor. */
	bool (*died)(void *data);
	/* Workers keep dying: this was the last. */
	void (*failed)(void *data);
};

struct worker_process_options {
	sd_event *event;
	uint32_t first_uid; /* the worker's is this plus the guest's domid */
	int state_fd; /* of struct state */
	struct worker_process_ops ops;
	void *data;
};

/* Makes a spare one, but starts no worker. 0 or -errno. */
int worker_process_new(struct worker_process **process,
		       const struct worker_process_options *options);
void worker_process_free(struct worker_process *process);

pid_t worker_process_pid(const struct worker_process *process); /* 0: none */
/* How many successors there have been. */
unsigned int worker_process_restarts(const struct worker_process *process);

/*
 * Start the worker if there is none. It gets all devices that it should have. After
 * its death the next one is started by itself.
 */
int worker_process_start(struct worker_process *process);
/* End the worker, if there is one, so that the next one says hello anew. */
void worker_process_stop(struct worker_process *process);
/* It is stuck: its successor gets what it should have. */
void worker_process_kill(struct worker_process *process);

/*
 * Hand a device to the worker, which is started if need be, or take it away: 0, and
 * added() or removed() is called later; -errno, and neither is. The worker has the
 * device open until removed() or died(). -ESRCH if there is no worker to take from.
 */
int worker_process_add(struct worker_process *process, unsigned int index);
int worker_process_remove(struct worker_process *process, unsigned int index);

#endif
