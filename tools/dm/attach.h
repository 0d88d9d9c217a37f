/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The steps of giving a device to the guest, and their way back.
 *
 * An attachment is a list of steps: those of attach.c, which are the same for all
 * guests, and those of the guest's kind. They are applied in order. If one fails,
 * those before it are undone, last first; detaching does the same. A step may
 * take time: it returns -EINPROGRESS and calls attach_resume() later, always from
 * the event loop. There is one attachment or detachment at a time: others that are
 * asked for before the guest has started take turns, each holding its device.
 */
#ifndef DM_ATTACH_H
#define DM_ATTACH_H

#include <stdbool.h>
#include <stdint.h>

#include "group.h"
#include "problem.h"
#include "vfio.h"

#define DEVICE_ANY_SLOT (-1)

struct supervisor;
struct attach_device;

/*
 * Both return 0, -EINPROGRESS or -errno, and note what they know of an error in
 * dev->problem. An undo that fails leaves the step applied, so that it can be
 * tried again; when @dev->force is set it must not fail, and only the worker may take
 * time.
 * If a step that is in progress is given up, abandon is called (may be NULL).
 */
struct attach_step {
	const char *name; /* completes "cannot ..." */
	int (*apply)(struct attach_device *dev);
	int (*undo)(struct attach_device *dev);
	void (*abandon)(struct attach_device *dev);
};

enum attach_phase {
	DEVICE_ATTACHING,
	DEVICE_ATTACHED,
	DEVICE_DETACHING,
};

struct attach_device {
	struct supervisor *sup;
	uint32_t sbdf;
	char address[16]; /* 0000:05:00.0 */
	int slot; /* on the guest's bus, or DEVICE_ANY_SLOT */
	bool permissive;
	enum vfio_xen_iommu
		iommu; /* what is wanted; the group knows what it is */
	bool force; /* don't ask the guest */
	enum attach_phase phase;
	unsigned int nr_applied; /* steps */
	int group_number;
	struct vfio_group *group;
	struct vfio_device vfio;
	unsigned int index; /* in the state */
	bool in_worker; /* or should be: a successor gets it */
	bool waits_for_worker;
	void *kind_data; /* of pv/ or hvm/ */
	struct problem problem;
	bool held; /* is being attached, when the guest has started */
	/* internal to attach.c */
	bool queued; /* waits for its turn */
	void (*waiting)(struct attach_device *dev, void *data);
	struct sd_event_source *timer;
	void (*done)(struct attach_device *dev, void *data);
	void *done_data;
};

/* Steps that go before "open with VFIO", after it, and after the worker's. */
struct attach_steps {
	const struct attach_step *steps;
	unsigned int nr;
};

/*
 * Start; @done is called exactly once, with dev->problem.err 0 or an error. After
 * a failed attachment or a successful detachment no step is applied: the caller
 * frees @dev. One that is held can be detached, too: then only that has an end.
 */
void attach_start(struct attach_device *dev, unsigned int timeout_s,
		  void (*done)(struct attach_device *dev, void *data),
		  void *data);
void detach_start(struct attach_device *dev, unsigned int timeout_s,
		  void (*done)(struct attach_device *dev, void *data),
		  void *data);
/*
 * Call @waiting, if that comes before @done, when nothing is missing but that the
 * guest starts. From then on there is no timeout. To be set before attach_start().
 */
void attach_set_waiting(struct attach_device *dev,
			void (*waiting)(struct attach_device *dev, void *data));
/* For steps: what they wait for can take until the guest has started. */
void attach_needs_guest(struct attach_device *dev);
/* A step in progress has ended with 0 or -errno. */
void attach_resume(struct attach_device *dev, int err);
/* Nobody wants it any more: have it fail, if it is being attached. */
void attach_cancel(struct attach_device *dev);
/* The guest is gone: undo everything at once, without asking it. */
void attach_drop(struct attach_device *dev);

#endif
