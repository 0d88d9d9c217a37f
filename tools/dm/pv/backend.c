// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PCI backend of a PV guest: the states by which both ends tell each other what to
 * do. Part of the supervisor.
 *
 *	frontend		backend
 *				InitWait	nodes published
 *	Initialised		.		it has shared a page: the worker starts
 *	.			Connected	the devices are there
 *	Connected		.
 *	.			Reconfiguring	to add or remove one
 *	Reconfiguring		.		it has let go of what is Closing
 *	.			Reconfigured	the devices are there
 *	Connected		Connected
 *	.			Closing		the last one is gone
 *	Closed			-
 *
 * The device number is not libxl's 0: libxl looks there for devices that it has attached,
 * and would free those of vfio-xen-dm when the guest ends. It alternates between 1 and 2,
 * because a guest does not notice nodes that are removed and created again at once.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "clock.h"
#include "host.h"
#include "log_limited.h"
#include "pv/backend.h"
#include "pv/nodes.h"
#include "worker_process.h"
#include "xenstore.h"

/* The number of new connections within a time; further ones wait. */
#define MAX_CONNECTIONS 3
#define CONNECTIONS_USEC 2000000ULL
#define FIRST_NUMBER 1
#define SECOND_NUMBER 2

struct backend {
	struct devices *all;
	struct nodes nodes;
	bool published;
	bool stale; /* the nodes are a dead supervisor's */
	bool has_ring;
	struct ring ring;
	enum xenbus_state state; /* ours */
	/* The frontend's state that a step waits for, and what to do then */
	struct device *waiting;
	enum xenbus_state wanted;
	int (*next)(struct backend *backend, struct device *dev);
	/* The nodes of the frontend, in this order */
	struct device *shown[STATE_MAX_DEVICES];
	unsigned int nr_shown;
	/* Times of the frontend's last connections, as a ring */
	uint64_t connections_usec[MAX_CONNECTIONS];
	unsigned int nr_connections;
	sd_event_source *postponed; /* is to connect later */
	/* The change that the frontend was too slow for; only compared */
	const struct device *late;
};

/* ---- what both ends see of each other ---- */

static int set_state(struct backend *backend, enum xenbus_state state)
{
	backend->state = state;
	return nodes_set_state(&backend->nodes, state);
}

static void use_number(struct backend *backend, unsigned int number)
{
	nodes_init(&backend->nodes, backend->all->xenstore,
		   backend->all->guest.domid, number);
}

static int publish(struct backend *backend)
{
	int err = nodes_publish(&backend->nodes);

	backend->published = !err;
	backend->state = err ? XenbusStateUnknown : XenbusStateInitWait;
	return err;
}

static void remove_nodes(struct backend *backend)
{
	nodes_remove(&backend->nodes);
	backend->published = false;
	backend->has_ring = false;
	backend->state = XenbusStateUnknown;
}

static int read_ring(struct backend *backend)
{
	int err = nodes_read_ring(&backend->nodes, &backend->ring);

	backend->has_ring = !err;
	return err;
}

static int write_devices(struct backend *backend, bool look)
{
	return nodes_write_devices(&backend->nodes, backend->shown,
				   backend->nr_shown, look);
}

static int set_device_state(struct backend *backend, const struct device *dev,
			    enum xenbus_state state)
{
	unsigned int i = 0;

	while (i < backend->nr_shown && backend->shown[i] != dev)
		i++;
	return nodes_set_device_state(&backend->nodes, i, state);
}

/* ---- steps: waiting for the frontend ---- */

static void stop_waiting(struct backend *backend)
{
	backend->waiting = NULL;
	backend->next = NULL;
}

/* Continues when the frontend has reached a state, possibly at once. */
static int wait_for(struct backend *backend, struct device *dev,
		    enum xenbus_state wanted,
		    int (*next)(struct backend *, struct device *))
{
	if (nodes_front_state(&backend->nodes) == wanted) {
		stop_waiting(backend);
		return next(backend, dev);
	}
	backend->waiting = dev;
	backend->wanted = wanted;
	backend->next = next;
	return -EINPROGRESS;
}

static void abandon(struct device *dev)
{
	stop_waiting(dev->all->kind_data);
}

static int done(struct backend *backend, struct device *dev)
{
	(void)dev;
	return set_state(backend, XenbusStateConnected);
}

/* ---- step: reach the frontend ---- */

static int got_ring(struct backend *backend, struct device *dev)
{
	int err = read_ring(backend);

	if (err)
		return problem_note(
			&dev->steps.problem, err,
			"connect to the guest's PCI frontend",
			"the frontend's values in xenstore are invalid", NULL);
	return 0;
}

static int find_frontend(struct backend *backend, struct device *dev)
{
	int err = publish(backend);

	if (!err)
		err = wait_for(backend, dev, XenbusStateInitialised, got_ring);
	if (err == -EINPROGRESS)
		steps_hold(&dev->steps);
	return err;
}

static int stale_closed(struct backend *backend, struct device *dev)
{
	struct xenstore *store = backend->all->xenstore;
	int err;

	worker_process_stop(backend->all->worker);
	xenstore_unwatch(store, backend->nodes.front_state);
	remove_nodes(backend);
	backend->stale = false;
	use_number(backend,
		   FIRST_NUMBER + SECOND_NUMBER - backend->nodes.number);
	err = xenstore_watch(store, backend->nodes.front_state);
	return err ? err : find_frontend(backend, dev);
}

/*
 * The guest's drivers of a dead supervisor's devices still send requests when they
 * unbind: each one without an answer costs the guest two seconds.
 */
static int close_stale(struct backend *backend, struct device *dev)
{
	int err = read_ring(backend);

	if (!err)
		err = worker_process_start(backend->all->worker);
	if (err)
		return stale_closed(backend, dev);
	err = set_state(backend, XenbusStateClosing);
	return err ? err :
		     wait_for(backend, dev, XenbusStateClosed, stale_closed);
}

static void abandon_frontend(struct device *dev)
{
	struct backend *backend = dev->all->kind_data;

	stop_waiting(backend);
	if (!backend->stale)
		return;
	worker_process_stop(backend->all->worker);
	backend->has_ring = false;
}

static int reach_frontend(struct device *dev)
{
	struct backend *backend = dev->all->kind_data;

	if (!xenstore_is_there(dev->all->xenstore))
		return problem_note(&dev->steps.problem, -ENOTCONN,
				    "reach the guest's PCI frontend",
				    "xenstored has ended",
				    "start xenstored again");
	if (backend->stale)
		return close_stale(backend, dev);
	if (backend->has_ring)
		return 0;
	return find_frontend(backend, dev);
}

static int frontend_closed(struct backend *backend, struct device *dev)
{
	(void)dev;
	remove_nodes(backend);
	return 0;
}

static int close_frontend(struct device *dev)
{
	struct backend *backend = dev->all->kind_data;

	if (backend->nr_shown || !backend->published)
		return 0;
	/* The frontend polls the page that the worker answers, so end the worker last. */
	if (dev->steps.force) {
		remove_nodes(backend);
		return 0;
	}
	set_state(backend, XenbusStateClosing);
	return wait_for(backend, dev, XenbusStateClosed, frontend_closed);
}

/* ---- step: let the guest go on ---- */

/*
 * The guest then scans all slots, and must not find the device that it released. So this
 * comes after the worker has closed the device.
 */
static int end_reconfiguration(struct device *dev)
{
	struct backend *backend = dev->all->kind_data;
	int err;

	if (backend->state != XenbusStateReconfiguring)
		return 0;
	err = set_state(backend, XenbusStateReconfigured);
	if (err || dev->steps.force)
		return err;
	return wait_for(backend, dev, XenbusStateConnected, done);
}

static const struct step before_worker[] = {
	{ .name = "reach the guest's PCI frontend (xen-pcifront)",
	  .apply = reach_frontend,
	  .undo_name = "disconnect the guest's PCI frontend",
	  .undo = close_frontend,
	  .abandon = abandon_frontend },
	{ .name = "let the guest look at its PCI devices",
	  .undo = end_reconfiguration,
	  .abandon = abandon },
};

/* ---- step: show the device ---- */

static int show_more(struct backend *backend, struct device *dev)
{
	int err = write_devices(backend, true);

	if (!err)
		err = set_state(backend, XenbusStateReconfigured);
	return err ? err : wait_for(backend, dev, XenbusStateConnected, done);
}

static int hide(struct backend *backend, const struct device *dev)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < backend->nr_shown; i++) {
		if (backend->shown[i] != dev)
			backend->shown[kept++] = backend->shown[i];
	}
	backend->nr_shown = kept;
	return write_devices(backend, false);
}

/*
 * A slow frontend will still make the change, and report it. Do not take that for the
 * answer to another change.
 */
static int check_settled(struct backend *backend, struct device *dev)
{
	if (!backend->late || backend->late == dev)
		return 0;
	return problem_note(&dev->steps.problem, -EBUSY,
			    "change the guest's PCI devices",
			    "the guest is still busy with an earlier change",
			    "unload the driver that the guest waits for");
}

static int show_device(struct device *dev)
{
	struct backend *backend = dev->all->kind_data;
	bool first = backend->state != XenbusStateConnected;
	int err = check_settled(backend, dev);

	if (err)
		return err;
	backend->shown[backend->nr_shown++] = dev;
	if (!first) {
		err = set_state(backend, XenbusStateReconfiguring);
		if (!err)
			err = wait_for(backend, dev, XenbusStateReconfiguring,
				       show_more);
	} else {
		err = write_devices(backend, true);
		if (!err)
			err = set_state(backend, XenbusStateConnected);
		if (!err)
			err = wait_for(backend, dev, XenbusStateConnected,
				       done);
	}
	if (err && err != -EINPROGRESS)
		hide(backend, dev);
	return err;
}

/* The frontend has removed the device: the guest's driver has released it. */
static int guest_let_go(struct backend *backend, struct device *dev)
{
	backend->late = NULL;
	return hide(backend, dev);
}

static int hide_device(struct device *dev)
{
	struct backend *backend = dev->all->kind_data;
	int err;

	if (dev->steps.force) {
		stop_waiting(backend);
		return hide(backend, dev);
	}
	err = check_settled(backend, dev);
	if (err)
		return err;
	err = set_device_state(backend, dev, XenbusStateClosing);
	if (!err)
		err = set_state(backend, XenbusStateReconfiguring);
	return err ? err :
		     wait_for(backend, dev, XenbusStateReconfiguring,
			      guest_let_go);
}

/* The device was being attached or detached: restore the former nodes. */
static void abandon_device(struct device *dev)
{
	struct backend *backend = dev->all->kind_data;

	stop_waiting(backend);
	if (dev->steps.phase == STEPS_APPLYING)
		hide(backend, dev);
	else
		set_device_state(backend, dev, XenbusStateInitialised);
	set_state(backend, XenbusStateConnected);
	backend->late = dev;
}

static const struct step after_worker[] = {
	{ .name = "show the device to the guest",
	  .apply = show_device,
	  .undo_name = "unplug the device from the guest",
	  .undo = hide_device,
	  .abandon = abandon_device },
};

/* ---- the frontend's own mind ---- */

/* The frontend has caught up: let it scan the nodes again. */
static void settle(struct backend *backend, enum xenbus_state state)
{
	if (state == XenbusStateReconfiguring) {
		set_state(backend, XenbusStateReconfigured);
	} else if (state == XenbusStateConnected &&
		   backend->state == XenbusStateReconfigured) {
		set_state(backend, XenbusStateConnected);
		backend->late = NULL;
	}
}

static void look_at_frontend(struct backend *backend);

static int connect_postponed(sd_event_source *source, uint64_t now, void *data)
{
	struct backend *backend = data;

	(void)source, (void)now;
	backend->postponed = sd_event_source_disable_unref(backend->postponed);
	if (!backend->waiting)
		look_at_frontend(backend);
	return 0;
}

/* Each connection costs dom0 a process, so limit them. */
static bool postpone_connection(struct backend *backend)
{
	uint64_t now = clock_usec();
	uint64_t *oldest = &backend->connections_usec[backend->nr_connections %
						      MAX_CONNECTIONS];
	uint64_t end = *oldest + CONNECTIONS_USEC;

	if (backend->postponed)
		return true;
	if (!*oldest || now >= end) {
		*oldest = now;
		backend->nr_connections++;
		return false;
	}
	return sd_event_add_time_relative(backend->all->event,
					  &backend->postponed, CLOCK_MONOTONIC,
					  end - now, 0, connect_postponed,
					  backend) >= 0;
}

/* The frontend's driver was loaded again, with another page. */
static void frontend_restarted(struct backend *backend)
{
	if (postpone_connection(backend))
		return;
	worker_process_stop(backend->all->worker);
	if (read_ring(backend) || worker_process_start(backend->all->worker) ||
	    set_state(backend, XenbusStateConnected))
		log_limited(
			LOG_ERR,
			"domain %u: its PCI frontend cannot be connected again",
			backend->all->guest.domid);
	attach_worker_ended(backend->all);
}

/* The frontend's driver was unloaded. Wait for it to come back. */
static void frontend_left(struct backend *backend)
{
	log_limited(LOG_NOTICE, "domain %u: its PCI frontend has left",
		    backend->all->guest.domid);
	backend->has_ring = false;
	worker_process_stop(backend->all->worker);
	set_state(backend, XenbusStateInitWait);
	attach_worker_ended(backend->all);
}

static void look_at_frontend(struct backend *backend)
{
	enum xenbus_state state = nodes_front_state(&backend->nodes);

	settle(backend, state);
	if (!backend->nr_shown)
		return;
	if (state == XenbusStateInitialised)
		frontend_restarted(backend);
	else if (state == XenbusStateClosed && backend->has_ring)
		frontend_left(backend);
}

static void pv_xenstore_changed(struct devices *all, const char *path)
{
	struct backend *backend = all->kind_data;
	struct device *dev = backend->waiting;
	int err;

	(void)path;
	if (!dev) {
		look_at_frontend(backend);
		return;
	}
	if (nodes_front_state(&backend->nodes) != backend->wanted)
		return;
	err = wait_for(backend, dev, backend->wanted, backend->next);
	if (err != -EINPROGRESS)
		steps_resume(&dev->steps, err);
}

/* ---- the kind ---- */

/* libxl stores the configuration of the guest; without it the type is unknown. */
static bool lacks_host_e820(const struct guest *guest)
{
	struct json_object *config, *info, *type, *e820;
	char path[128];
	bool lacks;

	snprintf(path, sizeof(path), "/var/lib/xen/userdata-d.%u.%s.libxl-json",
		 guest->domid, guest->uuid_text);
	config = json_object_from_file(path);
	if (!config)
		return false;
	lacks = json_object_object_get_ex(config, "b_info", &info) &&
		!(json_object_object_get_ex(info, "type.pv", &type) &&
		  json_object_object_get_ex(type, "e820_host", &e820) &&
		  (json_object_get_boolean(e820) &&
		   strcmp(json_object_get_string(e820), "False") != 0));
	json_object_put(config);
	return lacks;
}

static int check(const struct devices *all, struct problem *problem)
{
	static const char step[] = "be the guest's PCI backend";

	if (host_has_module("xen_pciback"))
		return problem_note(
			problem, -EBUSY, step,
			"xen-pciback is loaded and serves the frontend of every PV guest",
			"rmmod xen-pciback, or attach with xl pci-attach");
	if (lacks_host_e820(&all->guest))
		return problem_note(
			problem, -EOPNOTSUPP, step,
			"the guest has no memory for DMA that stays where it is",
			"create the guest with e820_host=1");
	return 0;
}

/* A dead supervisor may have left nodes. */
static void find_number(struct backend *backend)
{
	use_number(backend, SECOND_NUMBER);
	if (nodes_front_state(&backend->nodes) == XenbusStateUnknown)
		use_number(backend, FIRST_NUMBER);
	backend->stale = nodes_front_state(&backend->nodes) !=
			 XenbusStateUnknown;
}

static int pv_open(struct devices *all, struct problem *problem)
{
	struct backend *backend;
	int err = check(all, problem);

	if (err)
		return err;
	backend = calloc(1, sizeof(*backend));
	if (!backend)
		return problem_note(problem, -ENOMEM, "start the PCI backend",
				    NULL, NULL);
	backend->all = all;
	find_number(backend);
	err = xenstore_watch(all->xenstore, backend->nodes.front_state);
	if (err) {
		free(backend);
		return problem_note(problem, err, "watch xenstore", NULL, NULL);
	}
	all->kind_data = backend;
	return 0;
}

static void pv_close(struct devices *all)
{
	struct backend *backend = all->kind_data;

	xenstore_unwatch(all->xenstore, backend->nodes.front_state);
	if (backend->published)
		remove_nodes(backend);
	sd_event_source_disable_unref(backend->postponed);
	all->kind_data = NULL;
	free(backend);
}

static int pv_hello(struct devices *all, struct link_hello *hello)
{
	const struct backend *backend = all->kind_data;

	if (!backend->has_ring)
		return -EAGAIN;
	hello->ring_ref = backend->ring.ref;
	hello->ring_port = backend->ring.port;
	return 0;
}

const struct devices_kind pv_backend_kind = {
	.open = pv_open,
	.close = pv_close,
	.xenstore_changed = pv_xenstore_changed,
	.hello = pv_hello,
	.before_worker = STEP_LIST(before_worker),
	.after_worker = STEP_LIST(after_worker),
};
