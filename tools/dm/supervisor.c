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
#include <unistd.h>

#include "control.h"
#include "lock.h"
#include "log.h"
#include "record.h"
#include "store.h"
#include "supervisor.h"

#define IDLE_TIMEOUT_S 30 /* without a device */
#define REBOOT_TIMEOUT_S 60
#define REBOOT_ATTACH_TIMEOUT_S 60 /* but for the time until it has started */

/* A device that the guest is to have again after it has rebooted. */
struct wanted {
	uint32_t sbdf;
	char address[16];
	int slot;
	bool permissive;
	enum vfio_xen_iommu iommu;
};

struct supervisor_private {
	const struct supervisor_options *options;
	struct control_client *client; /* of the request in progress */
	struct attach_device *requested; /* what that is about */
	sd_event_source *idle;
	bool is_locked;
	bool rebooting;
	bool dropping; /* all devices: none is to get its turn */
	struct wanted wanted[STATE_MAX_DEVICES];
	unsigned int nr_wanted;
};

static const struct supervisor_kind *const kinds[] = {
	[GUEST_PV] = &pv_supervisor,
	[GUEST_HVM] = &hvm_supervisor,
};

/* ---- devices ---- */

static struct attach_device *find_device(struct supervisor *sup, uint32_t sbdf)
{
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		if (sup->devices[i] && sup->devices[i]->sbdf == sbdf)
			return sup->devices[i];
	}
	return NULL;
}

static struct attach_device *device_new(struct supervisor *sup,
					const struct wanted *wanted)
{
	struct attach_device *dev;

	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		if (sup->devices[i])
			continue;
		dev = calloc(1, sizeof(*dev));
		if (!dev)
			return NULL;
		dev->sup = sup;
		dev->index = i;
		dev->sbdf = wanted->sbdf;
		dev->slot = wanted->slot;
		dev->permissive = wanted->permissive;
		dev->iommu = wanted->iommu;
		memcpy(dev->address, wanted->address, sizeof(dev->address));
		sup->devices[i] = dev;
		return dev;
	}
	return NULL;
}

static void device_free(struct attach_device *dev)
{
	dev->sup->devices[dev->index] = NULL;
	free(dev);
}

static unsigned int nr_devices(const struct supervisor *sup)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++)
		nr += sup->devices[i] != NULL;
	return nr;
}

static bool is_busy(const struct supervisor *sup)
{
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		if (sup->devices[i] &&
		    sup->devices[i]->phase != DEVICE_ATTACHED)
			return true;
	}
	return false;
}

bool supervisor_has_turn(const struct attach_device *dev)
{
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		const struct attach_device *other = dev->sup->devices[i];

		if (other && other != dev && !other->queued &&
		    other->phase != DEVICE_ATTACHED)
			return false;
	}
	return true;
}

/* One has arrived or is gone: the next may go on. */
static void give_turn(struct supervisor *sup)
{
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		struct attach_device *dev = sup->devices[i];

		if (!dev || !dev->queued || sup->private->dropping ||
		    !supervisor_has_turn(dev))
			continue;
		dev->queued = false;
		attach_resume(dev, 0);
		return;
	}
}

/* ---- the kind ---- */

static int open_kind(struct supervisor *sup, struct problem *problem)
{
	int err;

	if (sup->kind_is_open)
		return 0;
	if (sup->guest.kind >= sizeof(kinds) / sizeof(kinds[0]) ||
	    !kinds[sup->guest.kind])
		return problem_note(
			problem, -EOPNOTSUPP, "give the guest a device",
			sup->guest.kind == GUEST_PVH ?
				"Xen on x86 has no PCI passthrough for PVH guests" :
				"this is not for guests of its type",
			"use a guest of another type: type=\"pv\" or \"hvm\"");
	sup->kind = kinds[sup->guest.kind];
	sup->state->domid = sup->guest.domid;
	sup->state->kind = sup->guest.kind;
	err = sup->kind->open(sup, problem);
	sup->kind_is_open = !err;
	return err;
}

static void close_kind(struct supervisor *sup)
{
	if (!sup->kind_is_open)
		return;
	sup->kind_is_open = false;
	supervisor_stop_worker(sup);
	sup->kind->close(sup);
}

/* ---- the end, after a while ---- */

static int too_late(sd_event_source *source, uint64_t now, void *data)
{
	struct supervisor *sup = data;

	(void)source, (void)now;
	return sd_event_exit(sup->event, 0);
}

static void exit_after(struct supervisor *sup, unsigned int seconds)
{
	struct supervisor_private *private = sup->private;

	private->idle = sd_event_source_disable_unref(private->idle);
	if (sd_event_add_time_relative(sup->event, &private->idle,
				       CLOCK_MONOTONIC, seconds * 1000000ULL, 0,
				       too_late, sup) < 0)
		sd_event_exit(sup->event, EXIT_FAILURE);
}

/* A guest that has lost its last device may soon get another one. */
static void after_change(struct supervisor *sup)
{
	if (nr_devices(sup) == 0) {
		close_kind(sup);
		if (!sup->private->rebooting)
			exit_after(sup, IDLE_TIMEOUT_S);
	}
	supervisor_record(sup);
	give_turn(sup);
}

/* ---- requests ---- */

static struct json_object *reply_ok(void)
{
	struct json_object *reply = json_object_new_object();

	json_object_object_add(reply, "ok", json_object_new_boolean(true));
	return reply;
}

static void reply(struct supervisor *sup, const struct problem *problem,
		  struct json_object *ok)
{
	struct control_client *client = sup->private->client;

	sup->private->client = NULL;
	sup->private->requested = NULL;
	if (!client)
		json_object_put(ok);
	else if (problem->err) {
		json_object_put(ok);
		control_fail(client, problem);
	} else
		control_reply(client, ok);
}

static void log_outcome(const struct attach_device *dev, const char *what)
{
	const struct problem *problem = &dev->problem;

	if (!problem->err)
		log_message(LOG_NOTICE, "%s: %s domain %u", dev->address, what,
			    dev->sup->guest.domid);
	else
		log_message(LOG_ERR, "%s: cannot %s: %s", dev->address,
			    problem->step, problem->text);
}

static struct json_object *reply_slot(const struct attach_device *dev)
{
	struct json_object *ok = reply_ok();

	json_object_object_add(ok, "slot", json_object_new_int(dev->slot));
	return ok;
}

static void attached(struct attach_device *dev, void *data)
{
	struct supervisor *sup = data;
	struct problem problem = dev->problem;
	struct json_object *ok = reply_slot(dev);
	bool is_requested = dev == sup->private->requested;

	log_outcome(dev, "attached to");
	if (problem.err)
		device_free(dev);
	if (is_requested)
		reply(sup, &problem, ok);
	else
		json_object_put(ok);
	after_change(sup);
}

/* The guest gets it when it starts; the device is held until then. */
static void held_for_boot(struct attach_device *dev, void *data)
{
	const struct problem none = { 0 };

	reply(data, &none, reply_slot(dev));
}

static void detached(struct attach_device *dev, void *data)
{
	struct supervisor *sup = data;
	struct problem problem = dev->problem;

	log_outcome(dev, "detached from");
	if (!dev->nr_applied)
		device_free(dev);
	reply(sup, &problem, reply_ok());
	after_change(sup);
}

/* It had it before it rebooted, and will have it again. */
static bool is_wanted(const struct supervisor *sup, uint32_t sbdf)
{
	const struct supervisor_private *private = sup->private;

	for (unsigned int i = 0; i < private->nr_wanted; i++) {
		if (private->wanted[i].sbdf == sbdf)
			return true;
	}
	return false;
}

static void attach(struct supervisor *sup,
		   const struct control_request *request,
		   struct problem *problem)
{
	struct wanted wanted = {
		.sbdf = request->sbdf,
		.slot = request->slot,
		.permissive = request->permissive,
		.iommu = request->iommu,
	};
	struct attach_device *dev;

	if (wanted.iommu == VFIO_XEN_IOMMU_AUTO)
		wanted.iommu = sup->private->options->iommu;
	memcpy(wanted.address, request->address, sizeof(wanted.address));
	if (open_kind(sup, problem))
		return;
	dev = device_new(sup, &wanted);
	if (!dev) {
		problem_note(problem, -ENOSPC, "attach the device",
			     "the guest has as many as it can have", NULL);
		return;
	}
	sup->private->idle = sd_event_source_disable_unref(sup->private->idle);
	sup->private->requested = dev;
	if (request->at_boot)
		attach_set_waiting(dev, held_for_boot);
	attach_start(dev, request->timeout_s, attached, sup);
}

static void detach(struct supervisor *sup,
		   const struct control_request *request,
		   struct problem *problem)
{
	struct attach_device *dev = find_device(sup, request->sbdf);

	if (!dev) {
		problem_note(problem, -ENOENT, "detach the device",
			     "the guest does not have it", NULL);
		return;
	}
	dev->force = request->force;
	detach_start(dev, request->timeout_s, detached, sup);
}

static struct json_object *describe(const struct attach_device *dev)
{
	static const char *const phases[] = {
		[DEVICE_ATTACHING] = "attaching",
		[DEVICE_ATTACHED] = "attached",
		[DEVICE_DETACHING] = "detaching",
	};
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "device",
			       json_object_new_string(dev->address));
	json_object_object_add(object, "slot", json_object_new_int(dev->slot));
	json_object_object_add(object, "state",
			       json_object_new_string(phases[dev->phase]));
	json_object_object_add(object, "permissive",
			       json_object_new_boolean(dev->permissive));
	if (dev->group)
		json_object_object_add(
			object, "iommu",
			json_object_new_string(vfio_xen_iommu_get_name(
				vfio_group_iommu(dev->group))));
	return object;
}

static struct json_object *status(struct supervisor *sup)
{
	struct json_object *object = reply_ok();
	struct json_object *devices = json_object_new_array();

	json_object_object_add(object, "domid",
			       json_object_new_int((int)sup->guest.domid));
	json_object_object_add(object, "uuid",
			       json_object_new_string(sup->guest.uuid_text));
	json_object_object_add(
		object, "type",
		json_object_new_string(guest_kind_name(sup->guest.kind)));
	json_object_object_add(object, "worker_pid",
			       json_object_new_int(child_pid(sup)));
	json_object_object_add(object, "restarts",
			       json_object_new_int((int)sup->restarts));
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		if (sup->devices[i])
			json_object_array_add(devices,
					      describe(sup->devices[i]));
	}
	json_object_object_add(object, "devices", devices);
	return object;
}

static void look_for_reborn(struct supervisor *sup);

/*
 * One after the other, but for a PV guest that has not started: nothing can go on
 * before it does, but that what it is to get is taken back. An HVM guest has its QEMU
 * by then.
 */
static int check_turn(struct supervisor *sup,
		      const struct control_request *request,
		      struct problem *problem)
{
	const struct attach_device *dev = find_device(sup, request->sbdf);
	bool may_queue = request->at_boot && sup->guest.kind == GUEST_PV;

	if (request->command == CONTROL_DETACH && dev && dev->held)
		may_queue = true;
	if (request->command == CONTROL_ATTACH &&
	    (dev || is_wanted(sup, request->sbdf)))
		return problem_note(problem, -EEXIST, "attach the device",
				    "the guest has it already", NULL);
	if (sup->private->client || (is_busy(sup) && !may_queue))
		return problem_note(problem, -EBUSY,
				    "change the guest's devices",
				    "another device is on its way",
				    "try again");
	return 0;
}

static void requested(void *data, struct control_client *client,
		      const struct control_request *request)
{
	struct supervisor *sup = data;
	struct problem problem = { 0 };

	if (request->command == CONTROL_STATUS) {
		control_reply(client, status(sup));
		return;
	}
	/* Whoever asks may know before we do that the guest is there again. */
	if (sup->private->rebooting && !nr_devices(sup))
		look_for_reborn(sup);
	if (check_turn(sup, request, &problem)) {
		control_fail(client, &problem);
		return;
	}
	sup->private->client = client;
	if (request->command == CONTROL_ATTACH)
		attach(sup, request, &problem);
	else
		detach(sup, request, &problem);
	if (problem.err) {
		reply(sup, &problem, NULL);
		after_change(sup);
	}
}

/* Who asks for an attachment and does not wait for it wants it no more. */
static void given_up(void *data, struct control_client *client)
{
	struct supervisor *sup = data;

	if (sup->private->client == client && sup->private->requested)
		attach_cancel(sup->private->requested);
}

/* ---- the guest's life ---- */

static void drop_devices(struct supervisor *sup)
{
	supervisor_stop_worker(sup);
	sup->private->dropping = true;
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		struct attach_device *dev = sup->devices[i];
		bool was_attached = dev && dev->phase == DEVICE_ATTACHED;

		if (!dev)
			continue;
		attach_drop(dev); /* frees one that was on its way */
		if (was_attached)
			device_free(dev);
	}
	sup->private->dropping = false;
	close_kind(sup);
}

void supervisor_give_up(struct supervisor *sup)
{
	drop_devices(sup);
	supervisor_record(sup);
	sd_event_exit(sup->event, EXIT_FAILURE);
}

static void note_wanted(struct supervisor *sup)
{
	struct supervisor_private *private = sup->private;

	private->nr_wanted = 0;
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		const struct attach_device *dev = sup->devices[i];
		struct wanted *wanted = &private->wanted[private->nr_wanted];

		if (!dev || (dev->phase != DEVICE_ATTACHED && !dev->held))
			continue;
		wanted->sbdf = dev->sbdf;
		wanted->slot = dev->slot;
		wanted->permissive = dev->permissive;
		wanted->iommu = dev->iommu;
		memcpy(wanted->address, dev->address, sizeof(wanted->address));
		private->nr_wanted++;
	}
}

static void guest_ended(struct supervisor *sup, enum guest_life life)
{
	struct supervisor_private *private = sup->private;

	log_message(LOG_NOTICE, "domain %u %s", sup->guest.domid,
		    life == GUEST_REBOOTS ? "reboots" : "is gone");
	note_wanted(sup);
	private->rebooting = life == GUEST_REBOOTS && private->nr_wanted;
	drop_devices(sup);
	supervisor_record(sup);
	if (private->rebooting)
		exit_after(sup, REBOOT_TIMEOUT_S);
	else
		sd_event_exit(sup->event, 0);
}

static void attach_wanted(struct supervisor *sup);

static void reattached(struct attach_device *dev, void *data)
{
	struct supervisor *sup = data;

	log_outcome(dev, "attached again to");
	if (dev->problem.err)
		device_free(dev);
	attach_wanted(sup);
}

/* Not before the guest has started, which can take as long as it likes. */
static void held_for_reboot(struct attach_device *dev, void *data)
{
	(void)dev;
	attach_wanted(data);
}

/* One after the other: the next one when this one is done, or held. */
static void attach_wanted(struct supervisor *sup)
{
	struct supervisor_private *private = sup->private;
	struct problem problem = { 0 };
	struct attach_device *dev = NULL;

	if (!private->nr_wanted) {
		private->rebooting = false;
		after_change(sup);
		return;
	}
	private->nr_wanted--;
	if (!open_kind(sup, &problem))
		dev = device_new(sup, &private->wanted[private->nr_wanted]);
	if (dev) {
		attach_set_waiting(dev, held_for_reboot);
		attach_start(dev, REBOOT_ATTACH_TIMEOUT_S, reattached, sup);
		return;
	}
	log_message(LOG_ERR, "cannot %s: %s", problem.step, problem.text);
	private->nr_wanted = 0;
	private->rebooting = false;
	after_change(sup);
}

static void look_for_reborn(struct supervisor *sup)
{
	struct supervisor_private *private = sup->private;
	struct guest guest;

	if (guest_by_uuid(sup->guests, sup->guest.uuid, &guest) ||
	    guest.domid == sup->guest.domid)
		return;
	sup->guest = guest;
	private->idle = sd_event_source_disable_unref(private->idle);
	attach_wanted(sup);
}

/* Any change at all may be that one: watches tell little. */
static void store_changed(void *data, const char *path)
{
	struct supervisor *sup = data;
	enum guest_life life;

	if (path[0] != '@') {
		if (sup->kind_is_open && sup->kind->store_changed)
			sup->kind->store_changed(sup, path);
		return;
	}
	if (sup->private->rebooting && !nr_devices(sup)) {
		look_for_reborn(sup);
		return;
	}
	life = guest_life(sup->guests, &sup->guest);
	if (life != GUEST_ALIVE)
		guest_ended(sup, life);
}

/* ---- start and end ---- */

void supervisor_record(struct supervisor *sup)
{
	record_write(sup, sup->private->options->run_dir);
}

static int terminated(sd_event_source *source,
		      const struct signalfd_siginfo *si, void *data)
{
	struct supervisor *sup = data;

	(void)source, (void)si;
	drop_devices(sup);
	supervisor_record(sup);
	return sd_event_exit(sup->event, 0);
}

static int open_events(struct supervisor *sup)
{
	sigset_t mask;
	int err = sd_event_new(&sup->event);

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	if (err >= 0)
		err = sd_event_add_signal(sup->event, NULL, SIGTERM, terminated,
					  sup);
	if (err >= 0)
		err = sd_event_add_signal(sup->event, NULL, SIGINT, terminated,
					  sup);
	if (err >= 0)
		sd_event_set_watchdog(sup->event, true);
	return err < 0 ? err : 0;
}

static int open_xen(struct supervisor *sup)
{
	int err = store_open(&sup->store, sup->event);

	if (!err)
		err = guests_open(&sup->guests);
	if (err)
		return err;
	err = guest_by_uuid(sup->guests, sup->guest.uuid, &sup->guest);
	if (err)
		return err;
	store_set_fn(sup->store, store_changed, sup);
	err = store_watch(sup->store, "@releaseDomain");
	return err ? err : store_watch(sup->store, "@introduceDomain");
}

static int open_all(struct supervisor *sup,
		    const struct supervisor_options *options)
{
	char path[PATH_MAX];
	int err = lock_take(options->run_dir, sup->guest.uuid_text);

	sup->private->is_locked = !err;
	if (!err)
		err = open_events(sup);
	if (!err)
		err = open_xen(sup);
	if (!err)
		err = child_init(sup, options->uid, options->gid);
	if (err)
		return err;
	sup->state = state_create(&sup->state_fd);
	if (!sup->state)
		return -errno;
	if (sup->guest.kind < sizeof(kinds) / sizeof(kinds[0]) &&
	    kinds[sup->guest.kind] && kinds[sup->guest.kind]->recover)
		record_recover(sup, kinds[sup->guest.kind], options->run_dir);
	snprintf(path, sizeof(path), "%s/%s.sock", options->run_dir,
		 sup->guest.uuid_text);
	err = control_open(&sup->control, sup->event, path, requested, sup);
	if (!err)
		control_set_gone_fn(sup->control, given_up);
	return err;
}

static void close_all(struct supervisor *sup)
{
	control_close(sup->control);
	child_release(sup);
	state_unmap(sup->state);
	sd_event_source_disable_unref(sup->private->idle);
	guests_close(sup->guests);
	store_close(sup->store);
	sd_event_unref(sup->event);
	if (sup->private->is_locked)
		lock_remove(sup->private->options->run_dir,
			    sup->guest.uuid_text);
}

/* Whoever has started us in the background is told, and its terminal let go. */
static void tell_ready(int fd)
{
	int null;

	sd_notify(0, "READY=1");
	if (fd < 0)
		return;
	if (write(fd, "", 1) != 1)
		log_message(LOG_WARNING, "nobody waits for us");
	close(fd);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int i = STDIN_FILENO; i <= STDERR_FILENO && null >= 0; i++)
		dup2(null, i);
}

static void say_failure(const struct supervisor_options *options, int err)
{
	const char *text = err == -EBUSY ? "it has a vfio-xen-dm already" :
			   err == -ESRCH ? "there is no such guest" :
					   strerror(-err);

	log_message(LOG_ERR, "guest %s: %s", options->guest.uuid_text, text);
	if (options->ready_fd >= 0)
		fprintf(stderr, "vfio-xen-dm: guest %s: %s\n",
			options->guest.uuid_text, text);
}

int supervisor_main(const struct supervisor_options *options)
{
	struct supervisor_private private = { .options = options };
	struct supervisor sup = {
		.guest = options->guest,
		.state_fd = -1,
		.private = &private,
	};
	int err;

	prctl(PR_SET_NAME, "vfio-xen-sup");
	err = open_all(&sup, options);
	if (!err) {
		tell_ready(options->ready_fd);
		exit_after(&sup, IDLE_TIMEOUT_S);
		err = sd_event_loop(sup.event);
	} else {
		say_failure(options, err);
	}
	close_all(&sup);
	if (err == -ESRCH)
		return EXIT_NO_GUEST;
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
