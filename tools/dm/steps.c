// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steps that are applied in order, and undone in reverse order.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "steps.h"

/*
 * The time limit of an undo that another process performs: it needs no time unless it is
 * stuck
 */
#define UNDO_TIMEOUT_S 5

static unsigned int nr_steps(const struct steps *steps)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < STEPS_MAX_LISTS; i++)
		nr += steps->lists[i].nr;
	return nr;
}

static const struct step *step_of(const struct steps *steps,
				  unsigned int number)
{
	static const struct step none = { .name = "" };

	for (unsigned int i = 0; i < STEPS_MAX_LISTS; i++) {
		if (number < steps->lists[i].nr)
			return &steps->lists[i].steps[number];
		number -= steps->lists[i].nr;
	}
	return &none;
}

static const struct step *current_step(const struct steps *steps)
{
	return step_of(steps, steps->phase == STEPS_APPLYING ?
				      steps->nr_applied :
				      steps->nr_applied - 1);
}

static void finish(struct steps *steps)
{
	steps_fn done = steps->done;

	steps->timer = sd_event_source_disable_unref(steps->timer);
	steps->done = NULL;
	if (done)
		done(steps->dev, steps->done_data);
}

/* The failed step, in words */
static const char *task_of(const struct steps *steps, const struct step *step)
{
	return steps->phase == STEPS_UNDOING && step->undo_name ?
		       step->undo_name :
		       step->name;
}

static void note_failure(struct steps *steps, const struct step *step, int err)
{
	if (!steps->problem.err)
		problem_note(&steps->problem, err, task_of(steps, step), NULL,
			     NULL);
}

static void abandon_step(struct steps *steps)
{
	const struct step *step = current_step(steps);

	if (step->abandon)
		step->abandon(steps->dev);
}

/* ---- time ---- */

static void begin_timer(struct steps *steps, unsigned int seconds);

static int timed_out(sd_event_source *source, uint64_t now, void *data)
{
	struct steps *steps = data;
	const struct step *step = current_step(steps);
	bool applying = steps->phase == STEPS_APPLYING;
	const struct steps_lateness *late = applying ? steps->late_apply :
						       steps->late_undo;
	char text[128];

	(void)source, (void)now;
	if (!applying && step->hasten_undo) {
		begin_timer(steps, UNDO_TIMEOUT_S);
		step->hasten_undo(steps->dev);
		return 0;
	}
	if (applying && step->late)
		late = step->late;
	abandon_step(steps);
	snprintf(text, sizeof(text), "%s within %u s", late->text,
		 steps->timeout_s);
	problem_note(&steps->problem, -ETIMEDOUT, task_of(steps, step), text,
		     late->hint);
	steps_resume(steps, -ETIMEDOUT);
	return 0;
}

static void begin_timer(struct steps *steps, unsigned int seconds)
{
	int err;

	steps->timer = sd_event_source_disable_unref(steps->timer);
	steps->timeout_s = seconds;
	err = sd_event_add_time_relative(steps->event, &steps->timer,
					 CLOCK_MONOTONIC, seconds * 1000000ULL,
					 0, timed_out, steps);
	if (err < 0)
		log_message(LOG_WARNING, "no timer for %s: %s", steps->name,
			    strerror(-err));
}

/* ---- back ---- */

static void fail_undoing(struct steps *steps, const struct step *step, int err)
{
	note_failure(steps, step, err);
	steps->phase = STEPS_APPLIED;
	finish(steps);
}

static void undo_more(struct steps *steps)
{
	while (steps->nr_applied) {
		const struct step *step = current_step(steps);
		int err = step->undo ? step->undo(steps->dev) : 0;

		if (err == -EINPROGRESS)
			return;
		if (err && !steps->force) {
			fail_undoing(steps, step, err);
			return;
		}
		if (err)
			log_message(LOG_WARNING, "%s: cannot %s: %s",
				    steps->name, task_of(steps, step),
				    strerror(-err));
		steps->nr_applied--;
	}
	finish(steps);
}

static void start_undoing(struct steps *steps)
{
	steps->phase = STEPS_UNDOING;
	steps->held = false;
}

static void undo_by_force(struct steps *steps)
{
	steps->force = true;
	start_undoing(steps);
	undo_more(steps);
}

/* ---- forth ---- */

static void fail_applying(struct steps *steps, const struct step *step, int err)
{
	note_failure(steps, step, err);
	begin_timer(steps, UNDO_TIMEOUT_S);
	undo_by_force(steps);
}

static void apply_more(struct steps *steps)
{
	const struct step *step;
	int err;

	while (steps->nr_applied < nr_steps(steps)) {
		step = current_step(steps);
		err = step->apply ? step->apply(steps->dev) : 0;
		if (err == -EINPROGRESS)
			return;
		if (err) {
			fail_applying(steps, step, err);
			return;
		}
		steps->nr_applied++;
	}
	steps->phase = STEPS_APPLIED;
	steps->held = false;
	finish(steps);
}

/* The guest has started: from now on, it can be late again. */
static void stop_holding(struct steps *steps)
{
	steps->held = false;
	begin_timer(steps, steps->timeout_s);
}

void steps_resume(struct steps *steps, int err)
{
	if (!steps->done)
		return; /* cancelled meanwhile */
	if (steps->held)
		stop_holding(steps);
	if (steps->phase == STEPS_APPLYING) {
		if (err) {
			fail_applying(steps, current_step(steps), err);
			return;
		}
		steps->nr_applied++;
		apply_more(steps);
	} else if (steps->phase == STEPS_UNDOING) {
		if (err) {
			fail_undoing(steps, current_step(steps), err);
			return;
		}
		steps->nr_applied--;
		undo_more(steps);
	}
}

static void begin(struct steps *steps, unsigned int timeout_s, steps_fn done,
		  void *data)
{
	steps->problem = (struct problem){ 0 };
	steps->done = done;
	steps->done_data = data;
	begin_timer(steps, timeout_s);
}

void steps_set_waiting(struct steps *steps, steps_fn waiting)
{
	steps->waiting = waiting;
	steps->may_hold = true;
}

void steps_hold(struct steps *steps)
{
	steps_fn waiting = steps->waiting;

	if (!steps->may_hold)
		return;
	steps->timer = sd_event_source_disable_unref(steps->timer);
	steps->waiting = NULL;
	steps->held = true;
	if (waiting)
		waiting(steps->dev, steps->done_data);
}

void steps_start(struct steps *steps, unsigned int timeout_s, steps_fn done,
		 void *data)
{
	steps->phase = STEPS_APPLYING;
	begin(steps, timeout_s, done, data);
	apply_more(steps);
}

void steps_undo(struct steps *steps, unsigned int timeout_s, steps_fn done,
		void *data)
{
	if (steps->phase == STEPS_APPLYING) {
		abandon_step(steps);
		steps->force = true;
	}
	start_undoing(steps);
	begin(steps, timeout_s, done, data);
	undo_more(steps);
}

void steps_cancel(struct steps *steps, int err, const char *text)
{
	const struct step *step = current_step(steps);

	if (!steps->done || steps->phase == STEPS_APPLIED)
		return;
	if (steps->phase == STEPS_UNDOING && step->hasten_undo) {
		step->hasten_undo(steps->dev);
		return;
	}
	abandon_step(steps);
	problem_note(&steps->problem, err, task_of(steps, step), text, NULL);
	steps_resume(steps, err);
}

void steps_force(struct steps *steps)
{
	const struct step *step = current_step(steps);

	if (!steps->done || steps->phase != STEPS_UNDOING)
		return;
	steps->force = true;
	begin_timer(steps, UNDO_TIMEOUT_S);
	if (step->hasten_undo) {
		step->hasten_undo(steps->dev);
		return;
	}
	abandon_step(steps);
	undo_more(steps);
}

void steps_drop(struct steps *steps, int err, const char *text)
{
	steps->dropped = true;
	if (steps->done) {
		abandon_step(steps);
		problem_note(&steps->problem, err, current_step(steps)->name,
			     text, NULL);
	}
	undo_by_force(steps);
}
