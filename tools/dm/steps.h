/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Steps that are applied in order, and undone in reverse order.
 *
 * If a step fails, the steps before it are undone, last first; so are all steps of a
 * detachment. A step may take time: it returns -EINPROGRESS, and calls steps_resume()
 * later, always from the event loop. This file does not look into struct device.
 */
#ifndef DM_STEPS_H
#define DM_STEPS_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "problem.h"

struct device;

/* The text of a timeout: "@text within 10 s", and the way out */
struct steps_lateness {
	const char *text, *hint;
};

/*
 * Both return 0, -EINPROGRESS or -errno, and note the cause of an error in the problem of
 * their steps. A step whose undo fails stays applied, so that the undo can be tried
 * again; by force it must not fail. Each function may be NULL.
 */
struct step {
	const char *name; /* completes "cannot ..." */
	const char *undo_name; /* the same when undoing fails; NULL: name */
	int (*apply)(struct device *dev);
	int (*undo)(struct device *dev);
	/* Cancels what is in progress. */
	void (*abandon)(struct device *dev);
	/* Makes an undo end that takes too long, instead of cancelling it. */
	void (*hasten_undo)(struct device *dev);
	/* What is late if not the guest; NULL: the guest */
	const struct steps_lateness *late;
};

struct step_list {
	const struct step *steps;
	unsigned int nr;
};

#define STEP_LIST(array) \
	{ .steps = (array), .nr = sizeof(array) / sizeof((array)[0]) }

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
	bool dropped; /* undo without waiting for anybody */

	/* For the owner of the steps to read */
	enum steps_phase phase;
	unsigned int nr_applied;
	bool held; /* being applied, without a time limit */
	struct problem problem; /* filled in by steps */

	/* internal */
	bool may_hold; /* more than once, but @waiting is called once */
	steps_fn waiting;
	sd_event_source *timer;
	unsigned int timeout_s;
	steps_fn done;
	void *done_data;
};

/*
 * Starts the steps. @done is called exactly once, with the problem's err 0 or an error.
 * After a failed start, or when all is undone, no step is applied: the owner may free the
 * device. Steps that are being applied can be undone, too: then only the undo calls
 * @done.
 */
void steps_start(struct steps *steps, unsigned int timeout_s, steps_fn done,
		 void *data);
void steps_undo(struct steps *steps, unsigned int timeout_s, steps_fn done,
		void *data);
/* @waiting is called if a step holds before @done. Set it before steps_start(). */
void steps_set_waiting(struct steps *steps, steps_fn waiting);
/* For a step: it waits without a time limit, which starts anew when the step resumes. */
void steps_hold(struct steps *steps);
/* The step in progress has ended with 0 or -errno. */
void steps_resume(struct steps *steps, int err);
/*
 * Makes the step in progress fail with @err and @text: steps that are being applied are
 * undone; a step that is being undone stays applied.
 */
void steps_cancel(struct steps *steps, int err, const char *text);
/* Continues an undo by force. */
void steps_force(struct steps *steps);
/* Undoes everything at once and by force. @done gets @err and @text. */
void steps_drop(struct steps *steps, int err, const char *text);

#endif
