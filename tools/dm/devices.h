/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The devices of a guest, and what they share: the state of the supervisor.
 */
#ifndef DM_DEVICES_H
#define DM_DEVICES_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "groups.h"
#include "guest.h"
#include "link.h"
#include "notices.h"
#include "state.h"
#include "steps.h"
#include "vfio.h"

#define DEVICES_ANY_SLOT (-1)

struct closing;
struct control_client;
struct devices;
struct json_object;
struct opening;
struct wanted;
struct worker_process;
struct xenstore;

/* What is asked for */
struct device_request {
	uint32_t sbdf;
	char address[16]; /* 0000:05:00.0 */
	int slot; /* on the guest's bus, or DEVICES_ANY_SLOT */
	bool permissive;
	bool rdm_strict; /* with all its reserved memory, or not at all */
	enum vfio_xen_iommu iommu; /* the group knows what it becomes */
};

/*
 * The request as a JSON object with device, slot, permissive and rdm_strict, which the
 * caller owns and may extend.
 */
struct json_object *
devices_describe_request(const struct device_request *request);

/* The host requests the device back. */
struct device_removal {
	bool asked;
	bool refused; /* its unplug has failed: not again before the next request */
	bool overdue; /* the guest is no longer asked */
	sd_event_source *deadline;
};

/* A device that is attached, or being attached or detached */
struct device {
	struct devices *all;
	unsigned int index; /* in all->devices, and in the state */
	struct device_request request; /* its slot is final */
	struct steps steps;
	struct control_client *client; /* whose request is in progress; or NULL */
	int group_number;
	struct group *group;
	struct vfio_device vfio;
	bool in_worker; /* or should have it: a successor gets it */
	bool waits_for_worker;
	bool queued; /* waits for its turn */
	struct opening *opening; /* while a helper opens it */
	bool waits_for_group; /* is opened after another device of its group */
	sd_event_source *patience; /* while it is opened, or waits for that */
	bool slow; /* ... for longer: other devices do not wait for it */
	struct notices notices; /* while the group is open */
	struct device_removal removal;
	unsigned int nr_errors; /* that the host has reported */
	void *kind_data; /* of pv/ or hvm/ */
};

/* The operations of a kind of guest in the supervisor; each may be NULL. */
struct devices_kind {
	/* Before the first device: refuses, or creates what all devices share. */
	int (*open)(struct devices *all, struct problem *problem);
	/* After the last device, or when the guest has ended; cannot fail. */
	void (*close)(struct devices *all);
	/* A watch of this kind has fired. */
	void (*xenstore_changed)(struct devices *all, const char *path);
	/* Fills in the worker's part; -EAGAIN if it cannot start yet. */
	int (*hello)(struct devices *all, struct link_hello *hello);
	/* Adds what a later supervisor needs for its clean-up. */
	void (*record)(struct devices *all, struct json_object *record);
	/* Cleans up after a dead supervisor. */
	void (*recover)(struct devices *all, const struct json_object *record);
	int first_slot; /* that a device can have */
	/* First step: if it fails, the device is not touched. */
	struct step_list before_open;
	/* Steps before the device goes to the worker */
	struct step_list before_worker;
	/* Steps after the worker has the device: the guest sees it */
	struct step_list after_worker;
};

struct devices {
	sd_event *event;
	struct xenstore *xenstore;
	struct guests *guests;
	struct guest guest;
	const char *run_dir;
	void (*wanted_back)(struct device *dev); /* by the host */
	void (*others_go_on)(struct devices *all); /* a device is slow */
	void (*closing_ended)(struct devices *all);
	const struct devices_kind *kind;
	void *kind_data;
	bool kind_is_open;

	/* Indexed alike: a device and its entry have the same index. */
	struct state *state;
	int state_fd;
	struct device *devices[STATE_MAX_DEVICES];

	const struct wanted *wanted; /* the devices that the guest should have */
	uint64_t returns_by_s; /* if it reboots, by clock_usec(); 0: it has shut down */
	struct groups groups;
	struct closing *closings; /* devices that are not closed yet */
	struct worker_process *worker;
};

struct device *devices_find(const struct devices *all, uint32_t sbdf);
/* NULL if there is no room. */
struct device *devices_add(struct devices *all,
			   const struct device_request *request);
void devices_remove(struct device *dev);
unsigned int devices_count(const struct devices *all);
/* Whether a device is being attached or detached that others wait for */
bool devices_are_busy(const struct devices *all);
/*
 * Whether no other device is being attached or detached, except slow
 * ones and those in the queue
 */
bool devices_have_turn(const struct device *dev);

#endif
