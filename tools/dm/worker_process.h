/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life of a worker, as its parent sees it.
 *
 * A worker that dies is replaced at once. The guest notices a pause at most, because
 * everything that matters is in VFIO's descriptors, in the state and in the kind's part
 * of the supervisor. Starting a program would take most of that pause, so a spare worker,
 * which has nothing yet, waits for its first message.
 */
#ifndef DM_WORKER_PROCESS_H
#define DM_WORKER_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "link.h"

struct worker_process;

/* The operations of the parent. All but the first two are called from the event loop. */
struct worker_process_ops {
	/* What the worker must know; -EAGAIN if it cannot start yet. */
	int (*hello)(void *data, struct link_hello *hello);
	/* The descriptor of a device that the worker should have, or -1 */
	int (*device)(void *data, unsigned int index);
	/* The result of worker_process_add() and _remove(): 0 or -errno */
	void (*added)(void *data, unsigned int index, int err);
	void (*removed)(void *data, unsigned int index);
	/* The worker has closed all devices. Returns whether to start a successor. */
	bool (*died)(void *data);
	/* Workers keep dying: no further one is started. */
	void (*failed)(void *data);
};

struct worker_process_options {
	sd_event *event;
	uint32_t first_uid; /* the worker's is this plus the guest's domid */
	int state_fd; /* of struct state */
	struct worker_process_ops ops;
	void *data;
};

/* Starts a spare worker only. Returns 0 or -errno. */
int worker_process_new(struct worker_process **process,
		       const struct worker_process_options *options);
void worker_process_free(struct worker_process *process);

pid_t worker_process_pid(const struct worker_process *process); /* 0: none */
/* The number of successors so far */
unsigned int worker_process_restarts(const struct worker_process *process);

/*
 * Starts the worker if necessary. It gets all devices that it should have. After its
 * death a successor starts by itself.
 */
int worker_process_start(struct worker_process *process);
/* Ends the worker, if there is one, so that the next one gets a new hello. */
void worker_process_stop(struct worker_process *process);
/*
 * A pidfd of the last stopped worker if it has not ended, or -1: one that the kernel keeps
 * in a reset still has its devices open.
 */
int worker_process_stuck(struct worker_process *process);
/* Kills a stuck worker. Its successor gets what it should have. */
void worker_process_kill(struct worker_process *process);

/*
 * Hands a device to the worker, which is started if necessary, or takes it away. Returns
 * 0, and added() or removed() is called later; or -errno, and neither is called. The
 * worker has the device open until removed() or died(). -ESRCH: no worker to take it
 * from.
 */
int worker_process_add(struct worker_process *process, unsigned int index);
int worker_process_remove(struct worker_process *process, unsigned int index);

#endif
