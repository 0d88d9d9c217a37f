// SPDX-License-Identifier: GPL-2.0-only
/*
 * The steps that attach a device to the guest.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "clock.h"
#include "closing.h"
#include "host.h"
#include "log_limited.h"
#include "opening.h"
#include "worker_process.h"

/* ---- opening it ---- */

static int find_device(struct device *dev)
{
	dev->group_number =
		host_check_device(dev->request.address, &dev->steps.problem);
	return dev->group_number < 0 ? dev->group_number : 0;
}

static int open_group(struct device *dev)
{
	const struct guest *guest = &dev->all->guest;
	const struct group_request request = {
		.number = dev->group_number,
		.address = dev->request.address,
		.iommu = dev->request.iommu,
		.domid = guest->domid,
		.uuid = guest->uuid,
		.rdm_strict = dev->request.rdm_strict,
	};

	return groups_get(&dev->all->groups, &request, &dev->group,
			  &dev->steps.problem);
}

static int close_group(struct device *dev)
{
	groups_put(&dev->all->groups, dev->group);
	dev->group = NULL;
	return 0;
}

/* ---- patience ---- */

static int is_slow(sd_event_source *source, uint64_t now, void *data)
{
	struct device *dev = data;

	(void)source, (void)now;
	dev->slow = true;
	log_message(
		LOG_WARNING,
		"%s: opening it takes longer than %d s: other devices do not wait for it",
		dev->request.address, CLOSING_LATE_S);
	dev->all->others_go_on(dev->all);
	return 0;
}

static void begin_patience(struct device *dev)
{
	if (!dev->patience)
		sd_event_add_time_relative(dev->all->event, &dev->patience,
					   CLOCK_MONOTONIC,
					   CLOSING_LATE_S * USEC_PER_S, 0,
					   is_slow, dev);
}

static void end_patience(struct device *dev)
{
	dev->patience = sd_event_source_disable_unref(dev->patience);
	dev->slow = false;
}

/* ---- opening and closing it, in helpers ---- */

static int wait_for_group(struct device *dev)
{
	dev->waits_for_group = closing_group_is_busy(dev);
	if (!dev->waits_for_group)
		return 0;
	begin_patience(dev);
	return -EINPROGRESS;
}

static void give_up_waiting(struct device *dev)
{
	dev->waits_for_group = false;
	end_patience(dev);
}

static void opened(struct device *dev, int err)
{
	struct devices *all = dev->all;

	end_patience(dev);
	steps_resume(&dev->steps, err); /* may free it */
	closing_resume_waiting(all);
}

static int open_device(struct device *dev)
{
	int err;

	begin_patience(dev);
	err = opening_start(dev, opened);
	if (err != -EINPROGRESS)
		end_patience(dev);
	return err;
}

static void give_up_opening(struct device *dev)
{
	if (!dev->opening)
		return; /* it is being closed */
	closing_of_opening(dev, opening_leave(dev));
	end_patience(dev);
}

static int close_device(struct device *dev)
{
	int err = dev->vfio.fd < 0 ? -EINPROGRESS : closing_start(dev);

	if (!dev->steps.dropped)
		return err;
	closing_forget(dev);
	return 0;
}

static int look_at_device(struct device *dev)
{
	return vfio_device_init(&dev->vfio, dev->vfio.fd);
}

/* ---- what the host says of it ---- */

static void wanted_back(void *data)
{
	struct device *dev = data;

	dev->all->wanted_back(dev);
}

/* A guest may be able to provoke errors of its device, so these messages are limited. */
static void reported_error(void *data)
{
	struct device *dev = data;

	dev->nr_errors++;
	log_limited(
		LOG_ERR,
		"%s: the host reports a PCI Express error of it, number %u; see dmesg, and detach the device if the guest can't use it any more",
		dev->request.address, dev->nr_errors);
}

static int listen_to_host(struct device *dev)
{
	static const struct notices_ops ops = {
		.wanted_back = wanted_back,
		.failed = reported_error,
	};

	return notices_open(&dev->notices, dev->all->event, &dev->vfio, &ops,
			    dev);
}

static int be_deaf_to_host(struct device *dev)
{
	notices_close(&dev->notices);
	return 0;
}

/* ---- its interrupts, and its turn ---- */

/*
 * The worker connects INTx when the guest wants it. Only the supervisor can tell whether
 * the line is available.
 */
static int prepare_intx(struct device *dev)
{
	int err = vfio_intx_prepare(&dev->vfio);

	if (err != -EBUSY)
		return err;
	return problem_note(
		&dev->steps.problem, err, "connect the device's interrupt line",
		"a driver of the host has the line and does not share it",
		"see which in /proc/interrupts, and unbind it or move the card");
}

/* The steps before this one may have to wait until the guest has started. */
static int take_turn(struct device *dev)
{
	dev->queued = !devices_have_turn(dev);
	if (!dev->queued)
		return 0;
	steps_hold(&dev->steps);
	return -EINPROGRESS;
}

static void leave_queue(struct device *dev)
{
	dev->queued = false;
}

void attach_give_turn(struct devices *all)
{
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		struct device *dev = all->devices[i];

		if (!dev || !dev->queued || !devices_have_turn(dev))
			continue;
		dev->queued = false;
		steps_resume(&dev->steps, 0);
		return;
	}
}

/* ---- its place ---- */

static bool slot_is_free(const struct devices *all, int slot)
{
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		const struct state_device *entry = &all->state->devices[i];

		if (entry->used && (int)entry->slot == slot)
			return false;
	}
	return true;
}

static int choose_slot(struct device *dev)
{
	int slot = dev->request.slot;

	if (slot == DEVICES_ANY_SLOT) {
		slot = dev->all->kind->first_slot;
		while (slot < STATE_MAX_DEVICES &&
		       !slot_is_free(dev->all, slot))
			slot++;
	}
	if (slot < 0 || slot >= STATE_MAX_DEVICES ||
	    !slot_is_free(dev->all, slot))
		return problem_note(&dev->steps.problem, -EBUSY,
				    "choose a slot",
				    "the slot is taken or does not exist",
				    NULL);
	dev->request.slot = slot;
	return 0;
}

static int enter_state(struct device *dev)
{
	struct state_device *entry = &dev->all->state->devices[dev->index];
	int err = choose_slot(dev);

	if (err)
		return err;
	memset(entry, 0, sizeof(*entry));
	entry->sbdf = dev->request.sbdf;
	entry->slot = (uint32_t)dev->request.slot;
	entry->permissive = dev->request.permissive;
	entry->used = 1;
	return 0;
}

static int leave_state(struct device *dev)
{
	dev->all->state->devices[dev->index].used = 0;
	return 0;
}

/* ---- the worker ---- */

static int give_to_worker(struct device *dev)
{
	int err;

	dev->in_worker = true;
	err = worker_process_add(dev->all->worker, dev->index);
	dev->waits_for_worker = !err;
	dev->in_worker = !err;
	return err;
}

static int take_from_worker(struct device *dev)
{
	dev->in_worker = false;
	dev->waits_for_worker =
		!worker_process_remove(dev->all->worker, dev->index);
	return dev->waits_for_worker ? -EINPROGRESS : 0;
}

/* The worker keeps the device, not the guest. A dead worker has closed it. */
static void kill_worker(struct device *dev)
{
	struct devices *all = dev->all;

	worker_process_kill(all->worker);
	if (!worker_process_pid(all->worker))
		attach_worker_ended(all);
}

static int wait_for_worker(struct device *dev)
{
	return dev->waits_for_worker ? -EINPROGRESS : 0;
}

/* Do not trust the message: it may name a device that was not requested. */
static struct device *answered(const struct devices *all, unsigned int index,
			       bool added)
{
	struct device *dev = index < STATE_MAX_DEVICES ? all->devices[index] :
							 NULL;

	return dev && dev->in_worker == added ? dev : NULL;
}

static void worker_added(void *data, unsigned int index, int err)
{
	struct device *dev = answered(data, index, true);

	if (dev && dev->waits_for_worker) {
		dev->waits_for_worker = false;
		steps_resume(&dev->steps, err);
	} else if (dev && err) {
		/* The guest reads all ones; if no worker can open it, it is lost. */
		log_limited(
			LOG_ERR,
			"%s: the new worker cannot open it, and is replaced: %s",
			dev->request.address, strerror(-err));
		worker_process_kill(dev->all->worker);
	}
}

static void worker_removed(void *data, unsigned int index)
{
	struct device *dev = answered(data, index, false);

	if (!dev || !dev->waits_for_worker)
		return;
	dev->waits_for_worker = false;
	steps_resume(&dev->steps, 0);
}

void attach_worker_ended(struct devices *all)
{
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		if (all->devices[i] && !all->devices[i]->in_worker)
			worker_removed(all, i);
	}
}

static bool worker_died(void *data)
{
	struct devices *all = data;

	attach_worker_ended(all);
	return all->kind_is_open;
}

static int worker_device(void *data, unsigned int index)
{
	const struct device *dev = ((struct devices *)data)->devices[index];

	return dev && dev->in_worker ? dev->vfio.fd : -1;
}

static int worker_hello(void *data, struct link_hello *hello)
{
	struct devices *all = data;

	hello->domid = all->guest.domid;
	hello->kind = all->guest.kind;
	hello->nr_vcpus = all->guest.nr_vcpus;
	return all->kind->hello(all, hello);
}

int attach_init(struct devices *all, uint32_t first_uid,
		void (*failed)(void *data))
{
	const struct worker_process_options options = {
		.event = all->event,
		.first_uid = first_uid,
		.state_fd = all->state_fd,
		.ops = {
			.hello = worker_hello,
			.device = worker_device,
			.added = worker_added,
			.removed = worker_removed,
			.died = worker_died,
			.failed = failed,
		},
		.data = all,
	};

	return worker_process_new(&all->worker, &options);
}

/* ---- all steps ---- */

static const struct steps_lateness late_group = {
	"its last reset, or that of a device in its group, has not finished",
	"see vfio-xen-ctl status, and try again when it has"
};

static const struct steps_lateness late_opening = {
	"the kernel has not finished its reset",
	"nobody gets it until then: see vfio-xen-ctl status"
};

static const struct step first_steps[] = {
	{ .name = "find the device", .apply = find_device },
};

static const struct step open_steps[] = {
	{ .name = "give the device's group to the guest",
	  .apply = open_group,
	  .undo = close_group },
	{ .name = "open the device with VFIO",
	  .apply = wait_for_group,
	  .abandon = give_up_waiting,
	  .late = &late_group },
	{ .name = "open the device with VFIO",
	  .apply = open_device,
	  .undo = close_device,
	  .abandon = give_up_opening,
	  .hasten_undo = closing_leave,
	  .late = &late_opening },
	{ .name = "read the device's registers", .apply = look_at_device },
	{ .name = "listen to what the host says of the device",
	  .apply = listen_to_host,
	  .undo = be_deaf_to_host },
	{ .name = "connect the device's interrupt line",
	  .apply = prepare_intx },
	{ .name = "wait for its turn",
	  .apply = take_turn,
	  .abandon = leave_queue },
};

static const struct step worker_steps[] = {
	{ .name = "choose its place in the guest",
	  .apply = enter_state,
	  .undo = leave_state },
	{ .name = "hand the device to the worker",
	  .apply = give_to_worker,
	  .undo_name = "take the device from the worker",
	  .undo = take_from_worker,
	  .hasten_undo = kill_worker },
	{ .name = "have the worker serve it", .apply = wait_for_worker },
};

static const struct steps_lateness late_apply = {
	"the guest did not take it",
	"see whether the guest runs and has the driver; try a longer timeout"
};

static const struct steps_lateness late_undo = {
	"the guest's driver did not release it",
	"unload the driver, or detach by force"
};

void attach_start(struct device *dev, unsigned int timeout_s, steps_fn done,
		  void *data)
{
	const struct devices_kind *kind = dev->all->kind;
	struct steps *steps = &dev->steps;

	steps->dev = dev;
	steps->name = dev->request.address;
	steps->event = dev->all->event;
	steps->late_apply = &late_apply;
	steps->late_undo = &late_undo;
	steps->lists[0] = (struct step_list)STEP_LIST(first_steps);
	steps->lists[1] = kind->before_open;
	steps->lists[2] = (struct step_list)STEP_LIST(open_steps);
	steps->lists[3] = kind->before_worker;
	steps->lists[4] = (struct step_list)STEP_LIST(worker_steps);
	steps->lists[5] = kind->after_worker;
	steps_start(steps, timeout_s, done, data);
}

void attach_drop(struct device *dev)
{
	steps_drop(&dev->steps, -ESRCH, "the guest is gone");
}
