// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that the host wants back.
 */
#include <errno.h>
#include <string.h>

#include "log.h"
#include "removal.h"

/* The removal's deadline ends it, not the deadline of the steps. */
#define NO_TIMEOUT_S (7 * 86400)
#define FORCED_TIMEOUT_S 5

static void cancel(struct device *dev)
{
	steps_cancel(&dev->steps, -ECANCELED, "the host wants a device back");
}

/* A cancelled attachment may end at once, and take @dev with it. */
static void cancel_others(struct device *dev)
{
	struct devices *all = dev->all;
	unsigned int index = dev->index;

	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		struct device *other = all->devices[i];

		if (all->devices[index] != dev ||
		    dev->steps.phase != STEPS_APPLIED)
			return;
		if (other && other->steps.phase != STEPS_APPLIED)
			cancel(other);
	}
	if (all->devices[index] == dev)
		all->wanted_back(dev);
}

static int is_due(sd_event_source *source, uint64_t now, void *data)
{
	struct device *dev = data;
	const struct log_event event = {
		.name = "removal-overdue",
		.device = dev->request.address,
		.domid = dev->all->guest.domid,
	};

	(void)source, (void)now;
	log_event(&event, LOG_WARNING,
		  "%s: domain %u has not let go of it in time: it is taken",
		  dev->request.address, dev->all->guest.domid);
	dev->removal.overdue = true;
	dev->removal.refused = false;
	if (dev->steps.phase == STEPS_UNDOING)
		steps_force(&dev->steps);
	else
		cancel_others(dev);
	return 0;
}

static void begin(struct device *dev, unsigned int timeout_s)
{
	const struct log_event event = {
		.name = "removal-asked",
		.device = dev->request.address,
		.domid = dev->all->guest.domid,
	};
	int err = sd_event_add_time_relative(
		dev->all->event, &dev->removal.deadline, CLOCK_MONOTONIC,
		timeout_s * 1000000ULL, 0, is_due, dev);

	dev->removal.asked = true;
	dev->removal.overdue = err < 0;
	log_event(&event, LOG_NOTICE,
		  "%s: the host wants it back: domain %u has %u s to let go",
		  dev->request.address, dev->all->guest.domid, timeout_s);
}

void removal_ask(struct device *dev, unsigned int timeout_s)
{
	if (!dev->removal.asked)
		begin(dev, timeout_s);
	dev->removal.refused = false;
	if (dev->steps.phase == STEPS_APPLYING)
		cancel(dev);
}

void removal_refused(struct device *dev)
{
	/* Cancelled for a device that is overdue, it is asked for again after that. */
	dev->removal.refused = dev->steps.problem.err != -ECANCELED;
}

/* An overdue device is taken by force, so it comes before one that waits for the guest. */
static struct device *find_asked(const struct devices *all)
{
	struct device *asked = NULL;

	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		struct device *dev = all->devices[i];

		if (!dev || !dev->removal.asked || dev->removal.refused)
			continue;
		if (dev->removal.overdue)
			return dev;
		if (!asked)
			asked = dev;
	}
	return asked;
}

void removal_go_on(struct devices *all, steps_fn done, void *data)
{
	struct device *dev = find_asked(all);

	if (!dev || devices_are_busy(all))
		return;
	dev->steps.force = dev->removal.overdue;
	steps_undo(&dev->steps,
		   dev->removal.overdue ? FORCED_TIMEOUT_S : NO_TIMEOUT_S, done,
		   data);
}
