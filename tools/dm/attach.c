// SPDX-License-Identifier: GPL-2.0-only
/*
 * The steps of giving a device to the guest, and their way back.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "attach.h"
#include "host.h"
#include "log.h"
#include "supervisor.h"

/* ---- steps that are the same for all guests ---- */

static int nothing(struct attach_device *dev)
{
	(void)dev;
	return 0;
}

static int find_device(struct attach_device *dev)
{
	dev->group_number = host_check_device(dev->address, &dev->problem);
	return dev->group_number < 0 ? dev->group_number : 0;
}

static int open_group(struct attach_device *dev)
{
	return supervisor_get_group(dev);
}

static int close_group(struct attach_device *dev)
{
	supervisor_put_group(dev->sup, dev->group);
	dev->group = NULL;
	return 0;
}

static int open_device(struct attach_device *dev)
{
	int fd =
		vfio_group_open_device(dev->group, dev->address, &dev->problem);

	return fd < 0 ? fd : vfio_device_init(&dev->vfio, fd);
}

static int close_device(struct attach_device *dev)
{
	vfio_device_close(&dev->vfio);
	return 0;
}

static bool slot_is_free(const struct supervisor *sup, int slot)
{
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		if (sup->state->devices[i].used &&
		    (int)sup->state->devices[i].slot == slot)
			return false;
	}
	return true;
}

static int choose_slot(struct attach_device *dev)
{
	int slot = dev->slot;

	if (slot == DEVICE_ANY_SLOT) {
		slot = dev->sup->kind->first_slot;
		while (slot < STATE_MAX_DEVICES &&
		       !slot_is_free(dev->sup, slot))
			slot++;
	}
	if (slot < 0 || slot >= STATE_MAX_DEVICES ||
	    !slot_is_free(dev->sup, slot))
		return problem_note(&dev->problem, -EBUSY, "choose a slot",
				    "the slot is taken, or there is none",
				    NULL);
	dev->slot = slot;
	return 0;
}

static int enter_state(struct attach_device *dev)
{
	struct state_device *entry = &dev->sup->state->devices[dev->index];
	int err = choose_slot(dev);

	if (err)
		return err;
	memset(entry, 0, sizeof(*entry));
	entry->sbdf = dev->sbdf;
	entry->slot = (uint32_t)dev->slot;
	entry->permissive = dev->permissive;
	entry->used = 1;
	return 0;
}

static int leave_state(struct attach_device *dev)
{
	dev->sup->state->devices[dev->index].used = 0;
	return 0;
}

static int give_to_worker(struct attach_device *dev)
{
	return supervisor_give_to_worker(dev->sup, dev);
}

static int take_from_worker(struct attach_device *dev)
{
	return supervisor_take_from_worker(dev->sup, dev);
}

static int wait_for_worker(struct attach_device *dev)
{
	return dev->waits_for_worker ? -EINPROGRESS : 0;
}

/* Those that come before it may have to wait until the guest has started. */
static int take_turn(struct attach_device *dev)
{
	dev->queued = !supervisor_has_turn(dev);
	if (!dev->queued)
		return 0;
	attach_needs_guest(dev);
	return -EINPROGRESS;
}

static void leave_queue(struct attach_device *dev)
{
	dev->queued = false;
}

static const struct attach_step first_steps[] = {
	{ "find the device", find_device, nothing, NULL },
};

static const struct attach_step open_steps[] = {
	{ "give the device's group to the guest", open_group, close_group,
	  NULL },
	{ "open the device with VFIO", open_device, close_device, NULL },
	{ "wait for its turn", take_turn, nothing, leave_queue },
};

static const struct attach_step worker_steps[] = {
	{ "choose its place in the guest", enter_state, leave_state, NULL },
	{ "hand the device to the worker", give_to_worker, take_from_worker,
	  NULL },
	{ "have the worker serve it", wait_for_worker, nothing, NULL },
};

/* For a worker to close a device, which it does at once unless it is stuck */
#define UNDO_TIMEOUT_S 5

#define NR(array) (sizeof(array) / sizeof((array)[0]))

/* The step with a number, or NULL after the last one. */
static const struct attach_step *step_of(const struct attach_device *dev,
					 unsigned int number)
{
	const struct supervisor_kind *kind = dev->sup->kind;
	const struct attach_steps parts[] = {
		{ first_steps, NR(first_steps) },   kind->before_open,
		{ open_steps, NR(open_steps) },	    kind->before_worker,
		{ worker_steps, NR(worker_steps) }, kind->after_worker,
	};

	for (size_t i = 0; i < NR(parts); i++) {
		if (number < parts[i].nr)
			return &parts[i].steps[number];
		number -= parts[i].nr;
	}
	return NULL;
}

/* ---- going through them ---- */

static void finish(struct attach_device *dev)
{
	void (*done)(struct attach_device *dev, void *data) = dev->done;

	sd_event_source_disable_unref(dev->timer);
	dev->timer = NULL;
	dev->done = NULL;
	if (done)
		done(dev, dev->done_data);
}

static void note_failure(struct attach_device *dev,
			 const struct attach_step *step, int err)
{
	if (!dev->problem.err)
		problem_note(&dev->problem, err, step->name, NULL, NULL);
}

static const struct attach_step *current_step(const struct attach_device *dev)
{
	return step_of(dev, dev->phase == DEVICE_ATTACHING ?
				    dev->nr_applied :
				    dev->nr_applied - 1);
}

static void abandon_step(struct attach_device *dev)
{
	const struct attach_step *step = current_step(dev);

	if (step->abandon)
		step->abandon(dev);
}

static int timed_out(sd_event_source *source, uint64_t now, void *data)
{
	struct attach_device *dev = data;
	const struct attach_step *step = current_step(dev);

	(void)source, (void)now;
	if (dev->waits_for_worker && dev->phase == DEVICE_DETACHING) {
		/* It is not the guest that keeps it. Dead, it has let go. */
		supervisor_kill_worker(dev->sup);
		return 0;
	}
	abandon_step(dev);
	problem_note(
		&dev->problem, -ETIMEDOUT, step->name,
		dev->phase == DEVICE_ATTACHING ?
			"it took too long" :
			"the guest has not let go of it in time",
		dev->phase == DEVICE_ATTACHING ?
			"see whether the guest runs and has the driver; try a longer timeout" :
			"unload the guest's driver, or detach by force");
	attach_resume(dev, -ETIMEDOUT);
	return 0;
}

static void begin_timer(struct attach_device *dev, unsigned int seconds)
{
	int err;

	dev->timer = sd_event_source_disable_unref(dev->timer);
	err = sd_event_add_time_relative(dev->sup->event, &dev->timer,
					 CLOCK_MONOTONIC, seconds * 1000000ULL,
					 0, timed_out, dev);
	if (err < 0)
		log_message(LOG_WARNING, "no timer for %s: %s", dev->address,
			    strerror(-err));
}

static void fail_detachment(struct attach_device *dev,
			    const struct attach_step *step, int err)
{
	note_failure(dev, step, err);
	dev->phase = DEVICE_ATTACHED;
	finish(dev);
}

static void undo_more(struct attach_device *dev)
{
	while (dev->nr_applied) {
		const struct attach_step *step =
			step_of(dev, dev->nr_applied - 1);
		int err = step->undo(dev);

		if (err == -EINPROGRESS)
			return;
		if (err && !dev->force) {
			fail_detachment(dev, step, err);
			return;
		}
		if (err)
			log_message(LOG_WARNING, "%s: undoing \"%s\": %s",
				    dev->address, step->name, strerror(-err));
		dev->nr_applied--;
	}
	finish(dev);
}

static void start_undoing(struct attach_device *dev)
{
	dev->phase = DEVICE_DETACHING;
	dev->held = false;
}

static void undo_by_force(struct attach_device *dev)
{
	dev->force = true;
	start_undoing(dev);
	undo_more(dev);
}

static void fail_attachment(struct attach_device *dev,
			    const struct attach_step *step, int err)
{
	note_failure(dev, step, err);
	begin_timer(dev, UNDO_TIMEOUT_S);
	undo_by_force(dev);
}

static void apply_more(struct attach_device *dev)
{
	const struct attach_step *step;
	int err;

	while ((step = step_of(dev, dev->nr_applied))) {
		err = step->apply(dev);
		if (err == -EINPROGRESS)
			return;
		if (err) {
			fail_attachment(dev, step, err);
			return;
		}
		dev->nr_applied++;
	}
	dev->phase = DEVICE_ATTACHED;
	dev->held = false;
	finish(dev);
}

void attach_resume(struct attach_device *dev, int err)
{
	if (!dev->done)
		return; /* given up meanwhile */
	if (dev->phase == DEVICE_ATTACHING) {
		if (err) {
			fail_attachment(dev, step_of(dev, dev->nr_applied),
					err);
			return;
		}
		dev->nr_applied++;
		apply_more(dev);
	} else if (dev->phase == DEVICE_DETACHING) {
		if (err) {
			fail_detachment(dev, step_of(dev, dev->nr_applied - 1),
					err);
			return;
		}
		dev->nr_applied--;
		undo_more(dev);
	}
}

static void begin(struct attach_device *dev, unsigned int timeout_s,
		  void (*done)(struct attach_device *dev, void *data),
		  void *data)
{
	dev->problem = (struct problem){ 0 };
	dev->done = done;
	dev->done_data = data;
	begin_timer(dev, timeout_s);
}

void attach_set_waiting(struct attach_device *dev,
			void (*waiting)(struct attach_device *dev, void *data))
{
	dev->waiting = waiting;
}

void attach_needs_guest(struct attach_device *dev)
{
	void (*waiting)(struct attach_device *dev, void *data) = dev->waiting;

	if (!waiting)
		return;
	dev->timer = sd_event_source_disable_unref(dev->timer);
	dev->waiting = NULL;
	dev->held = true;
	waiting(dev, dev->done_data);
}

void attach_start(struct attach_device *dev, unsigned int timeout_s,
		  void (*done)(struct attach_device *dev, void *data),
		  void *data)
{
	dev->phase = DEVICE_ATTACHING;
	begin(dev, timeout_s, done, data);
	apply_more(dev);
}

void detach_start(struct attach_device *dev, unsigned int timeout_s,
		  void (*done)(struct attach_device *dev, void *data),
		  void *data)
{
	if (dev->phase == DEVICE_ATTACHING) {
		abandon_step(dev);
		dev->force = true;
	}
	start_undoing(dev);
	begin(dev, timeout_s, done, data);
	undo_more(dev);
}

void attach_cancel(struct attach_device *dev)
{
	if (!dev->done || dev->phase != DEVICE_ATTACHING)
		return;
	abandon_step(dev);
	problem_note(&dev->problem, -ECANCELED, current_step(dev)->name,
		     "it was interrupted, and has been undone", NULL);
	attach_resume(dev, -ECANCELED);
}

void attach_drop(struct attach_device *dev)
{
	if (dev->done) {
		abandon_step(dev);
		problem_note(&dev->problem, -ESRCH, current_step(dev)->name,
			     "the guest is gone", NULL);
	}
	undo_by_force(dev);
}
