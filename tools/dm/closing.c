// SPDX-License-Identifier: GPL-2.0-only
/*
 * Close devices in helpers.
 */
#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "closing.h"
#include "link.h"
#include "log.h"
#include "opening.h"
#include "worker_process.h"

struct closing {
	struct devices *all;
	struct closing *next;
	struct device *dev; /* whose steps wait for the end; or NULL */
	uint32_t sbdf;
	char address[16];
	int group_number;
	bool opens; /* an opening that was given up */
	bool late;
	uint64_t since_usec;
	sd_event_source *timer;
	struct helper *helper;
};

/* ---- in the helper ---- */

struct files {
	int fds[HELPER_MAX_FDS];
	size_t nr;
	int worker; /* a pidfd of one that is stuck, and may have a copy; or -1 */
};

/* The supervisor closes the link when it has closed its copies. */
static void close_files(int link, void *data)
{
	const struct files *files = data;
	struct pollfd worker = { .fd = files->worker, .events = POLLIN };

	link_wait(link, -1);
	for (size_t i = 0; i < files->nr; i++)
		close(files->fds[i]);
	if (files->worker >= 0)
		poll(&worker, 1, -1);
}

/* ---- in the supervisor ---- */

struct closing *closing_find(const struct devices *all, int group,
			     uint32_t sbdf)
{
	struct closing *closing = all->closings;

	while (closing && (group >= 0 ? closing->group_number != group :
					closing->sbdf != sbdf))
		closing = closing->next;
	return closing;
}

static unsigned int seconds(const struct closing *closing)
{
	return (unsigned int)((clock_usec() - closing->since_usec) /
			      USEC_PER_S);
}

void closing_print(const struct closing *closing, char *text, size_t size)
{
	snprintf(text, size, "%s has not finished its reset for %u s",
		 closing->address, seconds(closing));
}

static struct closing *find_of(const struct device *dev)
{
	struct closing *closing = dev->all->closings;

	while (closing && closing->dev != dev)
		closing = closing->next;
	return closing;
}

void closing_forget(struct device *dev)
{
	struct closing *closing = find_of(dev);

	if (closing)
		closing->dev = NULL;
}

void closing_leave(struct device *dev)
{
	struct closing *closing = find_of(dev);
	char text[128];

	if (!closing)
		return;
	closing->dev = NULL;
	closing->late = true;
	closing_print(closing, text, sizeof(text));
	problem_note(
		&dev->steps.problem, -ETIMEDOUT, "close the device", text,
		"the guest no longer has it, and nobody gets it until then: see vfio-xen-ctl status");
	steps_resume(&dev->steps, 0);
}

static void unlink_closing(struct closing *closing)
{
	struct closing **place = &closing->all->closings;

	while (*place != closing)
		place = &(*place)->next;
	*place = closing->next;
}

static void free_closing(struct closing *closing)
{
	unlink_closing(closing);
	sd_event_source_disable_unref(closing->timer);
	helper_free(closing->helper);
	free(closing);
}

void closing_free_all(struct devices *all)
{
	while (all->closings)
		free_closing(all->closings);
}

/* ---- the group ---- */

bool closing_group_is_busy(const struct device *dev)
{
	const struct devices *all = dev->all;

	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		const struct device *other = all->devices[i];

		if (other && other->opening && other != dev &&
		    other->group_number == dev->group_number)
			return true;
	}
	return closing_find(all, dev->group_number, 0);
}

/* A resumed device may be freed. */
void closing_resume_waiting(struct devices *all)
{
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		struct device *dev = all->devices[i];

		if (!dev || !dev->waits_for_group || closing_group_is_busy(dev))
			continue;
		dev->waits_for_group = false;
		steps_resume(&dev->steps, 0);
	}
}

static void finish(struct closing *closing)
{
	struct devices *all = closing->all;
	struct device *dev = closing->dev;

	if (closing->late)
		log_message(LOG_NOTICE, "%s: its reset has ended after %u s",
			    closing->address, seconds(closing));
	free_closing(closing);
	if (dev)
		steps_resume(&dev->steps, 0);
	closing_resume_waiting(all);
	all->closing_ended(all);
}

static void has_ended(void *data);

/* Returns 0 if all is closed. Without a helper, the supervisor has to wait. */
static int close_in_helper(struct closing *closing, struct files *files)
{
	struct helper_work work = { .run = close_files, .data = files };
	int err;

	files->worker = worker_process_stuck(closing->all->worker);
	for (; work.nr_fds < files->nr; work.nr_fds++)
		work.fds[work.nr_fds] = files->fds[work.nr_fds];
	if (files->worker >= 0)
		work.fds[work.nr_fds++] = files->worker;
	err = helper_start(&closing->helper, closing->all->event, &work,
			   has_ended, closing);
	if (err)
		log_message(LOG_WARNING,
			    "%s: closed without a process of its own: %s",
			    closing->address, strerror(-err));
	for (size_t i = 0; i < files->nr; i++)
		close(files->fds[i]);
	if (err)
		return 0;
	helper_close_link(closing->helper);
	return -EINPROGRESS;
}

static void add_file(struct files *files, int fd)
{
	if (fd >= 0)
		files->fds[files->nr++] = fd;
}

/* The helper may have opened the device after all. */
static bool close_opened(struct closing *closing)
{
	struct opened opened;
	struct files files = { .nr = 0 };

	if (!closing->opens)
		return false;
	closing->opens = false;
	opening_receive(closing->helper, &opened);
	helper_free(closing->helper);
	closing->helper = NULL;
	if (opened.device < 0)
		return false;
	add_file(&files, opened.device);
	add_file(&files, opened.files.container);
	add_file(&files, opened.files.fd);
	return close_in_helper(closing, &files) == -EINPROGRESS;
}

static void has_ended(void *data)
{
	struct closing *closing = data;

	if (!close_opened(closing))
		finish(closing);
}

static int is_late(sd_event_source *source, uint64_t now, void *data)
{
	struct closing *closing = data;

	(void)source, (void)now;
	closing->late = true;
	log_message(
		LOG_WARNING,
		"%s: its reset takes longer than %d s: nobody gets it until that ends",
		closing->address, CLOSING_LATE_S);
	if (closing->dev)
		closing_leave(closing->dev);
	return 0;
}

static struct closing *add_closing(struct device *dev)
{
	struct closing *closing = calloc(1, sizeof(*closing));

	if (!closing)
		return NULL;
	closing->all = dev->all;
	closing->sbdf = dev->request.sbdf;
	memcpy(closing->address, dev->request.address,
	       sizeof(closing->address));
	closing->group_number = dev->group_number;
	closing->since_usec = clock_usec();
	closing->next = dev->all->closings;
	dev->all->closings = closing;
	if (sd_event_add_time_relative(
		    dev->all->event, &closing->timer, CLOCK_MONOTONIC,
		    CLOSING_LATE_S * USEC_PER_S, 0, is_late, closing) < 0)
		closing->late = true;
	return closing;
}

int closing_start(struct device *dev)
{
	const struct group_files none = { -1, -1, 0 };
	struct closing *closing = add_closing(dev);
	struct files files = { .nr = 0 };
	struct group_files group;

	if (!closing) {
		vfio_device_close(&dev->vfio);
		return 0;
	}
	add_file(&files, dev->vfio.fd);
	dev->vfio.fd = -1;
	if (groups_is_last_user(&dev->all->groups, dev->group)) {
		group = group_get_files(dev->group);
		group_set_files(dev->group, &none);
		add_file(&files, group.container);
		add_file(&files, group.fd);
	}
	if (close_in_helper(closing, &files)) {
		closing->dev = dev;
		return -EINPROGRESS;
	}
	free_closing(closing);
	return 0;
}

void closing_of_opening(struct device *dev, struct helper *helper)
{
	struct closing *closing = add_closing(dev);

	if (!closing) {
		helper_free(helper);
		return;
	}
	closing->opens = true;
	closing->late = dev->slow;
	closing->helper = helper;
	helper_set_fn(helper, has_ended, closing);
}

/* ---- status ---- */

static struct json_object *describe(const struct closing *closing)
{
	struct json_object *object = json_object_new_object();
	char text[128];

	closing_print(closing, text, sizeof(text));
	json_object_object_add(object, "device",
			       json_object_new_string(closing->address));
	json_object_object_add(object, "state", json_object_new_string("hung"));
	json_object_object_add(object, "reason", json_object_new_string(text));
	return object;
}

void closing_describe(const struct devices *all, struct json_object *array,
		      bool (*is_known)(const struct devices *all,
				       uint32_t sbdf))
{
	for (const struct closing *closing = all->closings; closing;
	     closing = closing->next) {
		if (closing->late && !is_known(all, closing->sbdf))
			json_object_array_add(array, describe(closing));
	}
}
