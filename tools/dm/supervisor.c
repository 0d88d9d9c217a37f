// SPDX-License-Identifier: GPL-2.0-only
/*
 * The supervisor: the guest's life, its devices, and requests for them.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "attach.h"
#include "clock.h"
#include "closing.h"
#include "control.h"
#include "hvm/supervisor.h"
#include "lock.h"
#include "log.h"
#include "pv/backend.h"
#include "record.h"
#include "removal.h"
#include "requests.h"
#include "status.h"
#include "supervisor.h"
#include "wanted.h"
#include "worker_process.h"
#include "xenstore.h"

#define IDLE_TIMEOUT_S 30 /* how long to run without a device */
#define LIFE_USEC 2000000ULL
#define MAX_RETRY_S 60
#define REBOOT_ATTACH_TIMEOUT_S 60 /* but for the time until it has started */
#define XENSTORED_TIMEOUT_S 60 /* less than systemd gives us to start */

struct supervisor {
	struct devices devices; /* first: callbacks of theirs get it */
	const struct supervisor_options *options;
	struct control *control;
	sd_event_source *idle;
	sd_event_source *life; /* looks at the guest now and then */
	struct requests *requests; /* those that wait */
	bool is_locked;
	bool away; /* the guest is down, and has not started again */
	bool reboots; /* ... and will for certain: its domain may go */
	bool dropping; /* all devices: nothing else is to start */
	bool leaves; /* ends when all devices are closed */
	int status; /* ... with this */
	struct wanted wanted;
	sd_event_source *retry; /* attaches again what failed */
	unsigned int retry_s;
};

static const struct devices_kind *const kinds[] = {
	[GUEST_PV] = &pv_backend_kind,
	[GUEST_HVM] = &hvm_supervisor_kind,
};

/* ---- the kind ---- */

/* NULL for guests that can't have devices */
static const struct devices_kind *kind_of(const struct guest *guest)
{
	return guest->kind < sizeof(kinds) / sizeof(kinds[0]) ?
		       kinds[guest->kind] :
		       NULL;
}

static int open_kind(struct supervisor *sup, struct problem *problem)
{
	const struct devices_kind *kind = kind_of(&sup->devices.guest);
	int err;

	if (sup->devices.kind_is_open)
		return 0;
	if (!kind)
		return problem_note(
			problem, -EOPNOTSUPP, "give the guest a device",
			sup->devices.guest.kind == GUEST_PVH ?
				"Xen on x86 has no PCI passthrough for PVH guests" :
				"guests of this type are not supported",
			"use a guest of another type: type=\"pv\" or \"hvm\"");
	sup->devices.kind = kind;
	sup->devices.state->domid = sup->devices.guest.domid;
	sup->devices.state->kind = sup->devices.guest.kind;
	err = sup->devices.kind->open(&sup->devices, problem);
	sup->devices.kind_is_open = !err;
	return err;
}

static void close_kind(struct supervisor *sup)
{
	if (!sup->devices.kind_is_open)
		return;
	sup->devices.kind_is_open = false;
	worker_process_stop(sup->devices.worker);
	sup->devices.kind->close(&sup->devices);
}

/* ---- the end, after a while ---- */

/* A helper that still closes a device keeps this process, which tells of it. */
static int leave(struct supervisor *sup, int status)
{
	sup->leaves = true;
	sup->status = status;
	return sup->devices.closings ?
		       0 :
		       sd_event_exit(sup->devices.event, status);
}

static void exit_after(struct supervisor *sup, unsigned int seconds);

static int too_late(sd_event_source *source, uint64_t now, void *data)
{
	struct supervisor *sup = data;

	(void)source, (void)now;
	if (!sup->away && sup->devices.closings) {
		exit_after(sup, IDLE_TIMEOUT_S);
		return 0;
	}
	if (sup->away && sup->wanted.nr)
		log_message(
			LOG_ERR,
			"guest %s did not start again within %u s of its reboot: its devices are not attached again; see --restart-timeout",
			sup->devices.guest.uuid_text,
			sup->options->restart_timeout_s);
	return leave(sup, 0);
}

static void exit_after(struct supervisor *sup, unsigned int seconds)
{
	sup->idle = sd_event_source_disable_unref(sup->idle);
	if (sd_event_add_time_relative(sup->devices.event, &sup->idle,
				       CLOCK_MONOTONIC, seconds * 1000000ULL, 0,
				       too_late, sup) < 0)
		sd_event_exit(sup->devices.event, EXIT_FAILURE);
}

static void retry_later(struct supervisor *sup);
static void taken_back(struct device *dev, void *data);

/* A guest without devices may soon get another one, so wait before exiting. */
static void after_change(struct supervisor *sup)
{
	if (sup->dropping)
		return;
	if (devices_count(&sup->devices) == 0) {
		close_kind(sup);
		if (!sup->wanted.nr)
			exit_after(sup, IDLE_TIMEOUT_S);
	}
	record_write(&sup->devices);
	retry_later(sup);
	removal_go_on(&sup->devices, taken_back, sup);
	attach_give_turn(&sup->devices);
	requests_go_on(sup->requests);
}

/* ---- requests ---- */

static struct json_object *reply_ok(void)
{
	struct json_object *reply = json_object_new_object();

	json_object_object_add(reply, "ok", json_object_new_boolean(true));
	return reply;
}

static void reply(struct control_client *client, const struct problem *problem,
		  struct json_object *ok)
{
	if (!client)
		json_object_put(ok);
	else if (problem->err) {
		json_object_put(ok);
		control_fail(client, problem);
	} else
		control_reply(client, ok);
}

/* The client whose request ends with this */
static struct control_client *take_client(struct device *dev)
{
	struct control_client *client = dev->client;

	dev->client = NULL;
	return client;
}

/* @done: the event of a success, in words @what; @failed: that of a failure */
static void log_outcome(const struct device *dev, const char *done,
			const char *what, const char *failed)
{
	const struct problem *problem = &dev->steps.problem;
	const struct log_event event = {
		.name = problem->err ? failed : done,
		.device = dev->request.address,
		.domid = dev->all->guest.domid,
	};

	if (!problem->err)
		log_event(&event, LOG_NOTICE, "%s: %s domain %u",
			  dev->request.address, what, dev->all->guest.domid);
	else
		log_event(&event, LOG_ERR, "%s: cannot %s: %s",
			  dev->request.address, problem->step, problem->text);
}

static struct json_object *reply_slot(const struct device *dev)
{
	struct json_object *ok = reply_ok();

	json_object_object_add(ok, "slot",
			       json_object_new_int(dev->request.slot));
	return ok;
}

/* A device that was promised to a client, and fails later, stays wanted. */
static void note_outcome(struct supervisor *sup, const struct device *dev)
{
	struct wanted_device *wanted =
		wanted_find(&sup->wanted, dev->request.sbdf);

	if (!dev->steps.problem.err)
		wanted_add(&sup->wanted, &dev->request);
	else if (wanted)
		wanted->problem = dev->steps.problem;
}

static bool is_known(struct supervisor *sup, const struct device *dev)
{
	const struct wanted_device *wanted =
		wanted_find(&sup->wanted, dev->request.sbdf);

	return wanted && wanted->problem.err &&
	       wanted->problem.err == dev->steps.problem.err;
}

static void attached(struct device *dev, void *data)
{
	struct supervisor *sup = data;
	struct problem problem = dev->steps.problem;
	struct json_object *ok = reply_slot(dev);
	struct control_client *client = take_client(dev);

	log_outcome(dev, "attached", "attached to", "attach-failed");
	note_outcome(sup, dev);
	if (problem.err)
		devices_remove(dev);
	reply(client, &problem, ok);
	after_change(sup);
}

/* The guest gets the device when it starts. Until then the device is held. */
static void held_for_boot(struct device *dev, void *data)
{
	struct supervisor *sup = data;
	const struct problem none = { 0 };

	wanted_add(&sup->wanted, &dev->request);
	record_write(&sup->devices);
	reply(take_client(dev), &none, reply_slot(dev));
	requests_go_on(sup->requests);
}

static void detached(struct device *dev, void *data)
{
	struct supervisor *sup = data;
	struct problem problem = dev->steps.problem;
	struct control_client *client = take_client(dev);

	log_outcome(dev, "detached", "detached from", "detach-failed");
	if (!dev->steps.nr_applied) {
		wanted_remove(&sup->wanted, dev->request.sbdf);
		devices_remove(dev);
	}
	reply(client, &problem, reply_ok());
	after_change(sup);
}

/* The guest has the device, or gets it back after a reboot. */
static bool is_given(struct supervisor *sup, uint32_t sbdf)
{
	const struct wanted_device *wanted = wanted_find(&sup->wanted, sbdf);
	const struct device *dev = devices_find(&sup->devices, sbdf);

	return (dev && dev->steps.phase != STEPS_UNDOING) ||
	       (wanted && wanted->pending);
}

static int note_given(struct problem *problem)
{
	return problem_note(problem, -EEXIST, "attach the device",
			    "the guest has it already", NULL);
}

static void attach(struct supervisor *sup, struct control_client *client,
		   const struct control_request *request,
		   struct problem *problem)
{
	struct device_request asked = {
		.sbdf = request->sbdf,
		.slot = request->slot,
		.permissive = request->permissive,
		.rdm_strict = request->rdm_strict,
		.iommu = request->iommu,
	};
	struct device *dev;

	if (asked.iommu == VFIO_XEN_IOMMU_AUTO)
		asked.iommu = sup->options->iommu;
	memcpy(asked.address, request->address, sizeof(asked.address));
	if (is_given(sup, request->sbdf)) {
		note_given(problem);
		return;
	}
	if (open_kind(sup, problem))
		return;
	dev = devices_add(&sup->devices, &asked);
	if (!dev) {
		problem_note(problem, -ENOSPC, "attach the device",
			     "the guest has the maximum number of devices",
			     NULL);
		return;
	}
	sup->idle = sd_event_source_disable_unref(sup->idle);
	dev->client = client;
	if (request->at_boot)
		steps_set_waiting(&dev->steps, held_for_boot);
	attach_start(dev, request->timeout_s, attached, sup);
}

static void note_absent(struct supervisor *sup, uint32_t sbdf,
			struct problem *problem)
{
	const struct closing *closing = closing_find(&sup->devices, -1, sbdf);
	char text[128];

	if (closing)
		closing_print(closing, text, sizeof(text));
	problem_note(problem, closing ? -EBUSY : -ENOENT, "detach the device",
		     closing ? text : "the guest does not have it", NULL);
}

static void detach(struct supervisor *sup, struct control_client *client,
		   const struct control_request *request,
		   struct problem *problem)
{
	struct device *dev = devices_find(&sup->devices, request->sbdf);
	const struct problem none = { 0 };

	if (!dev && wanted_find(&sup->wanted, request->sbdf)) {
		wanted_remove(&sup->wanted, request->sbdf);
		reply(client, &none, reply_ok());
		after_change(sup);
		return;
	}
	if (!dev) {
		note_absent(sup, request->sbdf, problem);
		return;
	}
	dev->client = client;
	dev->steps.force = request->force;
	steps_undo(&dev->steps, request->timeout_s, detached, sup);
}

static void look_for_reborn(struct supervisor *sup);

/*
 * Requests run one after the other. A PV guest that has not started is the exception: its
 * attachments wait for the start, but a device can be taken back before it. An HVM guest
 * has its QEMU by then.
 */
static bool may_start(void *data, const struct control_request *request)
{
	struct supervisor *sup = data;
	const struct device *dev = devices_find(&sup->devices, request->sbdf);

	if (sup->away)
		return request->command == CONTROL_DETACH;
	if (sup->dropping || sup->leaves)
		return false;
	if (!devices_are_busy(&sup->devices))
		return true;
	if (request->command == CONTROL_DETACH)
		return dev && (dev->steps.held || dev->slow);
	return request->at_boot && sup->devices.guest.kind == GUEST_PV;
}

static const char *awaited(void *data)
{
	const struct supervisor *sup = data;

	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		const struct device *dev = sup->devices.devices[i];

		if (dev && dev->steps.phase != STEPS_APPLIED)
			return dev->request.address;
	}
	return NULL;
}

static void start_request(void *data, struct control_client *client,
			  const struct control_request *request)
{
	struct supervisor *sup = data;
	struct problem problem = { 0 };

	if (request->command == CONTROL_ATTACH)
		attach(sup, client, request, &problem);
	else
		detach(sup, client, request, &problem);
	if (problem.err) {
		reply(client, &problem, NULL);
		after_change(sup);
	}
}

static const struct requests_ops requests_ops = {
	.may_start = may_start,
	.start = start_request,
	.awaited = awaited,
};

static void reply_status(struct supervisor *sup, struct control_client *client)
{
	struct json_object *ok = reply_ok();

	status_describe(&sup->devices, ok);
	json_object_object_add(
		ok, "queued",
		json_object_new_int((int)requests_count(sup->requests)));
	control_reply(client, ok);
}

/*
 * Reply at once for a device that the guest already has: a toolstack that starts the
 * guest waits for the reply, while the device waits for the guest's start.
 */
static void requested(void *data, struct control_client *client,
		      const struct control_request *request)
{
	struct supervisor *sup = data;
	struct problem problem = { 0 };

	if (request->command == CONTROL_STATUS) {
		reply_status(sup, client);
		return;
	}
	/* The client may know before this process that the guest is back. */
	if (sup->away)
		look_for_reborn(sup);
	if (request->command == CONTROL_ATTACH &&
	    is_given(sup, request->sbdf) &&
	    !requests_has(sup->requests, CONTROL_DETACH, request->sbdf)) {
		note_given(&problem);
		control_fail(client, &problem);
		return;
	}
	requests_add(sup->requests, client, request);
}

/* A client that hangs up before its attachment is complete no longer wants it. */
static void given_up(void *data, struct control_client *client)
{
	struct supervisor *sup = data;

	if (requests_cancel(sup->requests, client))
		return;
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		struct device *dev = sup->devices.devices[i];

		if (!dev || dev->client != client)
			continue;
		if (dev->steps.phase == STEPS_APPLYING)
			steps_cancel(&dev->steps, -ECANCELED,
				     "it was interrupted, and has been undone");
		return;
	}
}

/* ---- the guest's life ---- */

static void drop_devices(struct supervisor *sup)
{
	worker_process_stop(sup->devices.worker);
	sup->dropping = true;
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		struct device *dev = sup->devices.devices[i];
		bool was_attached = dev && dev->steps.phase == STEPS_APPLIED;

		if (!dev)
			continue;
		attach_drop(dev); /* frees a device that was being attached */
		if (was_attached)
			devices_remove(dev);
	}
	sup->dropping = false;
	close_kind(sup);
}

static void worker_failed(void *data)
{
	struct supervisor *sup = data;

	drop_devices(sup);
	record_write(&sup->devices);
	leave(sup, EXIT_FAILURE);
}

static void give_up_guest(struct supervisor *sup)
{
	requests_fail_all(sup->requests, -ESRCH, "the guest is gone");
	sup->wanted.nr = 0;
	sup->away = true;
	leave(sup, 0);
}

/*
 * From now on, the guest has this time to reboot. A supervisor that dies before it
 * notices the reboot cannot tell its successor more.
 */
static void note_return(struct supervisor *sup)
{
	sup->devices.returns_by_s =
		clock_usec() / USEC_PER_S + sup->options->restart_timeout_s;
}

/*
 * If the toolstack restarts the guest for another reason than a reboot, it creates the
 * guest from its configuration. While the old domain exists, the toolstack can ask for
 * the devices that belong into it.
 */
static void guest_ended(struct supervisor *sup, enum guest_life life)
{
	static const char *const texts[] = {
		[GUEST_DEAD] = "is gone",
		[GUEST_IS_DOWN] = "has shut down",
		[GUEST_REBOOTS] = "reboots",
	};

	log_message(LOG_NOTICE, "domain %u %s", sup->devices.guest.domid,
		    texts[life]);
	sup->away = life != GUEST_DEAD && sup->wanted.nr;
	sup->reboots = life == GUEST_REBOOTS;
	drop_devices(sup);
	sup->retry = sd_event_source_disable_unref(sup->retry);
	sup->retry_s = 1;
	wanted_restart(&sup->wanted);
	if (sup->reboots)
		note_return(sup);
	else
		sup->devices.returns_by_s = 0;
	record_write(&sup->devices);
	if (!sup->away)
		give_up_guest(sup);
	else if (sup->reboots)
		exit_after(sup, sup->options->restart_timeout_s);
}

static void attach_wanted(struct supervisor *sup);

static void reattached(struct device *dev, void *data)
{
	struct supervisor *sup = data;

	if (!is_known(sup, dev))
		log_outcome(dev, "attached", "attached again to", "missing");
	if (!sup->dropping)
		note_outcome(sup, dev);
	if (dev->steps.problem.err)
		devices_remove(dev);
	/* If the guest reboots once more, it gets all of them then. */
	if (!sup->dropping)
		attach_wanted(sup);
}

/* Wait until the guest has started, however long that takes. */
static void held_for_reboot(struct device *dev, void *data)
{
	(void)dev;
	attach_wanted(data);
}

static struct device *open_wanted(struct supervisor *sup,
				  struct wanted_device *wanted)
{
	const struct log_event event = {
		.name = "missing",
		.device = wanted->request.address,
		.domid = sup->devices.guest.domid,
	};
	bool was_known = wanted->problem.err;
	struct device *dev = NULL;

	if (!open_kind(sup, &wanted->problem))
		dev = devices_add(&sup->devices, &wanted->request);
	if (dev)
		return dev;
	problem_note(&wanted->problem, -ENOSPC, "attach the device", NULL,
		     NULL);
	if (was_known)
		return NULL;
	log_event(&event, LOG_ERR, "%s: cannot %s: %s", wanted->request.address,
		  wanted->problem.step, wanted->problem.text);
	return NULL;
}

/* Attach one after the other: the next one when this one is done, or held. */
static void attach_wanted(struct supervisor *sup)
{
	struct wanted_device *wanted;
	struct device *dev;

	while ((wanted = wanted_next(&sup->wanted))) {
		dev = open_wanted(sup, wanted);
		if (!dev)
			continue;
		steps_set_waiting(&dev->steps, held_for_reboot);
		attach_start(dev, REBOOT_ATTACH_TIMEOUT_S, reattached, sup);
		return;
	}
	after_change(sup);
}

/* Retry: a device that is busy, or missing from its slot, may be available later. */
static int retry(sd_event_source *source, uint64_t now, void *data)
{
	struct supervisor *sup = data;

	(void)source, (void)now;
	sup->retry = sd_event_source_disable_unref(sup->retry);
	if (devices_are_busy(&sup->devices)) {
		retry_later(sup);
		return 0;
	}
	wanted_retry(&sup->wanted);
	attach_wanted(sup);
	return 0;
}

static void retry_later(struct supervisor *sup)
{
	if (sup->retry || !wanted_misses_any(&sup->wanted))
		return;
	sd_event_add_time_relative(sup->devices.event, &sup->retry,
				   CLOCK_MONOTONIC, sup->retry_s * 1000000ULL,
				   0, retry, sup);
	sup->retry_s *= 2;
	if (sup->retry_s > MAX_RETRY_S)
		sup->retry_s = MAX_RETRY_S;
}

/* ---- devices that the host wants back ---- */

/* If the device comes back to its slot and to vfio-xen-pci, the guest gets it again. */
static void taken_back(struct device *dev, void *data)
{
	struct supervisor *sup = data;
	struct wanted_device *wanted =
		wanted_find(&sup->wanted, dev->request.sbdf);

	log_outcome(dev, "taken-back", "taken back by the host from",
		    "detach-failed");
	if (!dev->steps.nr_applied) {
		if (wanted)
			problem_note(&wanted->problem, -ENODEV,
				     "give the guest the device",
				     "the host has taken it back", NULL);
		devices_remove(dev);
		sup->retry_s = 1;
	} else {
		removal_refused(dev);
	}
	after_change(sup);
}

static void wanted_back(struct device *dev)
{
	struct supervisor *sup = (struct supervisor *)dev->all;

	removal_ask(dev, sup->options->removal_timeout_s);
	removal_go_on(&sup->devices, taken_back, sup);
}

/* ---- slow devices ---- */

static void others_go_on(struct devices *all)
{
	struct supervisor *sup = (struct supervisor *)all;

	if (!sup->dropping)
		attach_wanted(sup);
}

static void closing_ended(struct devices *all)
{
	struct supervisor *sup = (struct supervisor *)all;

	if (sup->leaves && !all->closings)
		sd_event_exit(all->event, sup->status);
	if (sup->leaves || sup->away)
		return;
	sup->retry = sd_event_source_disable_unref(sup->retry);
	sup->retry_s = 1;
	after_change(sup);
}

static void begin_again(struct supervisor *sup)
{
	sup->idle = sd_event_source_disable_unref(sup->idle);
	attach_wanted(sup);
}

/* It comes back as another domain, or after a soft reset as the same one. */
static void look_for_reborn(struct supervisor *sup)
{
	struct guest guest;

	if (guest_by_uuid(sup->devices.guests, sup->devices.guest.uuid,
			  &guest)) {
		if (!sup->reboots &&
		    guest_life(sup->devices.guests, &sup->devices.guest) ==
			    GUEST_DEAD)
			give_up_guest(sup);
		return;
	}
	sup->devices.guest = guest;
	note_return(sup);
	sup->away = sup->leaves = false;
	record_write(&sup->devices);
	begin_again(sup);
}

static void look_at_guest(struct supervisor *sup)
{
	enum guest_life life;

	if (sup->away) {
		look_for_reborn(sup);
		return;
	}
	life = guest_life(sup->devices.guests, &sup->devices.guest);
	if (life != GUEST_ALIVE) {
		guest_ended(sup, life);
		return;
	}
	note_return(sup);
	record_write(&sup->devices);
}

/* A dead xenstored reports nothing, not even its death. */
static int time_to_look(sd_event_source *source, uint64_t now, void *data)
{
	(void)now;
	look_at_guest(data);
	sd_event_source_set_time_relative(source, LIFE_USEC);
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	return 0;
}

/* A watch does not say what changed, so check everything. */
static void xenstore_changed(void *data, const char *path)
{
	struct supervisor *sup = data;

	if (path[0] != '@') {
		if (sup->devices.kind_is_open &&
		    sup->devices.kind->xenstore_changed)
			sup->devices.kind->xenstore_changed(&sup->devices,
							    path);
		return;
	}
	look_at_guest(sup);
}

/* ---- start and end ---- */

static int end_now(sd_event_source *source, uint64_t now, void *data)
{
	(void)now, (void)data;
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

static int terminated(sd_event_source *source,
		      const struct signalfd_siginfo *si, void *data)
{
	struct supervisor *sup = data;

	(void)source, (void)si;
	drop_devices(sup);
	record_write(&sup->devices);
	/* systemd waits for the helpers as long as it likes. */
	sd_event_add_time_relative(sup->devices.event, NULL, CLOCK_MONOTONIC,
				   CLOSING_LATE_S * USEC_PER_S, 0, end_now,
				   sup);
	return leave(sup, 0);
}

static int open_events(struct supervisor *sup)
{
	sigset_t mask;
	int err = sd_event_new(&sup->devices.event);

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	if (err >= 0)
		err = sd_event_add_signal(sup->devices.event, NULL, SIGTERM,
					  terminated, sup);
	if (err >= 0)
		err = sd_event_add_signal(sup->devices.event, NULL, SIGINT,
					  terminated, sup);
	if (err >= 0)
		err = sd_event_add_time_relative(sup->devices.event, &sup->life,
						 CLOCK_MONOTONIC, LIFE_USEC, 0,
						 time_to_look, sup);
	if (err >= 0)
		sd_event_set_watchdog(sup->devices.event, true);
	return err < 0 ? err : 0;
}

/* -EINTR: it is not to go on. */
static int wait_a_second(void)
{
	const struct timespec second = { .tv_sec = 1 };
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	return sigtimedwait(&mask, NULL, &second) > 0 ? -EINTR : 0;
}

/*
 * A service waits for it, which is started too often otherwise, but not a command that
 * waits for us.
 */
static int open_xenstore(struct supervisor *sup)
{
	bool waits = sup->options->ready_fd < 0;
	uint64_t end = clock_usec() + XENSTORED_TIMEOUT_S * USEC_PER_S;
	bool told = false;
	int err;

	for (;; told = true) {
		err = xenstore_open(&sup->devices.xenstore, sup->devices.event);
		if ((err != -ECONNREFUSED && err != -ETIMEDOUT) || !waits ||
		    clock_usec() > end)
			return err;
		if (!told)
			log_message(LOG_WARNING,
				    "guest %s: waiting for xenstored to %s",
				    sup->devices.guest.uuid_text,
				    err == -ETIMEDOUT ? "answer" :
							"be started");
		if (wait_a_second())
			return -EINTR;
	}
}

static int open_xen(struct supervisor *sup)
{
	int err = open_xenstore(sup);

	if (!err)
		err = guests_open(&sup->devices.guests);
	if (err)
		return err;
	err = guest_by_uuid(sup->devices.guests, sup->devices.guest.uuid,
			    &sup->devices.guest);
	/* The last supervisor has died between the two domains of a reboot. */
	if (err == -ESRCH && record_finds_reboot(&sup->devices)) {
		sup->away = sup->reboots = true;
		err = 0;
	}
	if (err)
		return err;
	xenstore_set_fn(sup->devices.xenstore, xenstore_changed, sup);
	err = xenstore_watch(sup->devices.xenstore, "@releaseDomain");
	return err ? err :
		     xenstore_watch(sup->devices.xenstore, "@introduceDomain");
}

/* After the death of a supervisor, the guest gets its devices back. */
static void recover(struct supervisor *sup)
{
	struct device_request requests[STATE_MAX_DEVICES];
	const struct devices_kind *kind = kind_of(&sup->devices.guest);
	unsigned int nr;

	if (!kind)
		return;
	nr = record_recover(&sup->devices, kind, requests);
	for (unsigned int i = 0; i < nr; i++)
		wanted_add(&sup->wanted, &requests[i]);
	wanted_restart(&sup->wanted);
	if (sup->away)
		record_write(&sup->devices);
}

static unsigned int seconds_until(uint64_t then_s)
{
	uint64_t now_s = clock_usec() / USEC_PER_S;

	return then_s > now_s ? (unsigned int)(then_s - now_s) : 0;
}

static void begin(struct supervisor *sup)
{
	if (sup->away) {
		exit_after(sup, seconds_until(sup->devices.returns_by_s));
		return;
	}
	note_return(sup);
	exit_after(sup, IDLE_TIMEOUT_S);
	if (sup->wanted.nr)
		begin_again(sup);
}

static int open_all(struct supervisor *sup,
		    const struct supervisor_options *options)
{
	char path[PATH_MAX];
	int err = lock_take(options->run_dir, sup->devices.guest.uuid_text);

	sup->is_locked = !err;
	if (!err)
		err = open_events(sup);
	if (!err)
		err = open_xen(sup);
	if (err)
		return err;
	sup->devices.state = state_create(&sup->devices.state_fd);
	if (!sup->devices.state)
		return -errno;
	err = attach_init(&sup->devices, options->first_uid, worker_failed);
	if (err)
		return err;
	recover(sup);
	snprintf(path, sizeof(path), "%s/%s.sock", options->run_dir,
		 sup->devices.guest.uuid_text);
	err = requests_new(&sup->requests, sup->devices.event, &requests_ops,
			   sup);
	if (err)
		return err;
	err = control_open(&sup->control, sup->devices.event, path, requested,
			   sup);
	if (!err)
		control_set_gone_fn(sup->control, given_up);
	return err;
}

static void close_all(struct supervisor *sup)
{
	control_close(sup->control);
	requests_free(sup->requests);
	closing_free_all(&sup->devices);
	worker_process_free(sup->devices.worker);
	state_unmap(sup->devices.state);
	sd_event_source_disable_unref(sup->idle);
	sd_event_source_disable_unref(sup->life);
	sd_event_source_disable_unref(sup->retry);
	guests_close(sup->devices.guests);
	xenstore_close(sup->devices.xenstore);
	sd_event_unref(sup->devices.event);
	if (sup->is_locked)
		lock_remove(sup->options->run_dir,
			    sup->devices.guest.uuid_text);
}

/* Tell the process that started this one in the background, and release its terminal. */
static void tell_ready(int fd)
{
	int null;

	sd_notify(0, "READY=1");
	if (fd < 0)
		return;
	if (write(fd, "", 1) != 1)
		log_message(LOG_WARNING,
			    "the process that started this one has ended");
	close(fd);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int i = STDIN_FILENO; i <= STDERR_FILENO && null >= 0; i++)
		dup2(null, i);
}

static void say_failure(const struct supervisor_options *options, int err)
{
	const char *text = err == -EBUSY ? "it has a vfio-xen-dm already" :
			   err == -ESRCH ? "there is no such guest" :
			   err == -ECONNREFUSED ? "xenstored does not run" :
			   err == -ETIMEDOUT	? "xenstored does not answer" :
						  strerror(-err);

	log_message(LOG_ERR, "guest %s: %s", options->guest.uuid_text, text);
	if (options->ready_fd >= 0)
		fprintf(stderr, "vfio-xen-dm: guest %s: %s\n",
			options->guest.uuid_text, text);
}

/* Only a supervisor that dies leaves its devices to its successor. */
static void forget_wanted(struct supervisor *sup)
{
	sup->wanted.nr = 0;
	record_write(&sup->devices);
}

int supervisor_main(const struct supervisor_options *options)
{
	struct supervisor sup = {
		.retry_s = 1,
		.devices = {
			.guest = options->guest,
			.run_dir = options->run_dir,
			.wanted_back = wanted_back,
			.others_go_on = others_go_on,
			.closing_ended = closing_ended,
			.state_fd = -1,
		},
		.options = options,
	};
	int err;

	prctl(PR_SET_NAME, "vfio-xen-sup");
	sup.devices.wanted = &sup.wanted;
	err = open_all(&sup, options);
	if (!err) {
		tell_ready(options->ready_fd);
		begin(&sup);
		err = sd_event_loop(sup.devices.event);
		if (err >= 0)
			forget_wanted(&sup);
	} else if (err == -EINTR) {
		err = 0; /* stopped */
	} else {
		say_failure(options, err);
	}
	close_all(&sup);
	if (err == -ESRCH)
		return EXIT_NO_GUEST;
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
