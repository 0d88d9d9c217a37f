// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devices of a guest.
 */
#include <json-c/json.h>
#include <stdlib.h>

#include "devices.h"

struct json_object *
devices_describe_request(const struct device_request *request)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "device",
			       json_object_new_string(request->address));
	json_object_object_add(object, "slot",
			       json_object_new_int(request->slot));
	json_object_object_add(object, "permissive",
			       json_object_new_boolean(request->permissive));
	json_object_object_add(object, "rdm_strict",
			       json_object_new_boolean(request->rdm_strict));
	return object;
}

struct device *devices_find(const struct devices *all, uint32_t sbdf)
{
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		struct device *dev = all->devices[i];

		if (dev && dev->request.sbdf == sbdf)
			return dev;
	}
	return NULL;
}

struct device *devices_add(struct devices *all,
			   const struct device_request *request)
{
	struct device *dev;
	unsigned int i = 0;

	while (i < STATE_MAX_DEVICES && all->devices[i])
		i++;
	if (i == STATE_MAX_DEVICES)
		return NULL;
	dev = calloc(1, sizeof(*dev));
	if (!dev)
		return NULL;
	dev->all = all;
	dev->index = i;
	dev->request = *request;
	all->devices[i] = dev;
	return dev;
}

void devices_remove(struct device *dev)
{
	sd_event_source_disable_unref(dev->removal.deadline);
	sd_event_source_disable_unref(dev->patience);
	dev->all->devices[dev->index] = NULL;
	free(dev);
}

unsigned int devices_count(const struct devices *all)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++)
		nr += all->devices[i] != NULL;
	return nr;
}

bool devices_are_busy(const struct devices *all)
{
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		const struct device *dev = all->devices[i];

		if (dev && !dev->slow && dev->steps.phase != STEPS_APPLIED)
			return true;
	}
	return false;
}

bool devices_have_turn(const struct device *dev)
{
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		const struct device *other = dev->all->devices[i];

		if (other && other != dev && !other->queued && !other->slow &&
		    other->steps.phase != STEPS_APPLIED)
			return false;
	}
	return true;
}
