/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Steps that are applied in order, and undone in the opposite one.
 *
 * If one fails, those before it are undone, last first; taking all back does the
 * same. A step may take time: it returns -EINPROGRESS, and calls steps_resume()
 * later, always from the event loop. What the steps are about is theirs alone:
 * struct device is not looked into here.
 */
#ifndef DM_STEPS_H
#define DM_STEPS_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "problem.h"

struct device;

/*
 * Both return 0, -EINPROGRESS or -errno, and note what they know of an error in
 * the problem of their steps. An undo that fails leaves the step applied, so that
 * it can be tried again; by force it must not fail.
 * A step has what it needs: each of its functions may be NULL.
 */
struct step {
	const char *name; /* completes "cannot ..." */
	const char *undo_name; /* the same when undoing fails; NULL: name */
	int (*apply)(struct device *dev);
	int (*undo)(struct device *dev);
	/* What is in progress is given up. */
	void (*abandon)(struct device *dev);
	/* Undoing takes too long: make it end, in place of giving it up. */
	void (*hasten_undo)(struct device *dev);
};

struct step_list {
	const struct step *steps;
	unsigned int nr;
};

#define STEP_LIST(array) \
	{ .steps = (array), .nr = sizeof(array) / sizeof((array)[0]) }

/* What is said when the time is over: "@text within 10 s", and the way out */
struct steps_lateness {
	const char *text, *hint;
};

enum steps_phase {
	STEPS_APPLYING,
	STEPS_APPLIED,
	STEPS_UNDOING,
};

typedef void (*steps_fn)(struct device *dev, void *data);

#define STEPS_MAX_LISTS 6

struct steps {
	/* Filled in before the start */
	struct device *dev;
	const char *name; /* of that, for messages */
	sd_event *event;
	struct step_list lists[STEPS_MAX_LISTS]; /* one after the other */
	const struct steps_lateness *late_apply, *late_undo;
	bool force; /* undo without asking anybody */

	/* For the steps' owner to look at */
	enum steps_phase phase;
	unsigned int nr_applied;
	bool held; /* being applied, for as long as it takes */
	struct problem problem; /* filled in by steps */

	/* internal */
	steps_fn waiting;
	sd_event_source *timer;
	unsigned int timeout_s;
	steps_fn done;
	void *done_data;
};

/*
 * Start; @done is called exactly once, with the problem's err 0 or an error. After
 * a failed start, or when all has been undone, no step is applied: the owner may
 * free the device. What is being applied can be undone, too: then only that has an
 * end.
 */
void steps_start(struct steps *steps, unsigned int timeout_s, steps_fn done,
		 void *data);
void steps_undo(struct steps *steps, unsigned int timeout_s, steps_fn done,
		void *data);
/*
 * Call @waiting, if that comes before @done, when a step holds. To be set before
 * steps_start().
 */
void steps_set_waiting(struct steps *steps, steps_fn waiting);
/* For a step: what it waits for has no time limit. */
void steps_hold(struct steps *steps);
/* A step in progress has ended with 0 or -errno. */
void steps_resume(struct steps *steps, int err);
/*
 * Have what is in progress fail with @err and @text: what is being applied is undone,
 * and what is being undone stays applied.
 */
void steps_cancel(struct steps *steps, int err, const char *text);
/* What is being undone goes on by force. */
void steps_force(struct steps *steps);
/* Undo everything at once and by force; @done learns @err and @text. */
void steps_drop(struct steps *steps, int err, const char *text);

#endif
