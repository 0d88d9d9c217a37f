// SPDX-License-Identifier: GPL-2.0-only
/*
 * The status of a guest and its devices, in JSON.
 */
#include <stdbool.h>
#include <stdio.h>

#include "closing.h"
#include "status.h"
#include "wanted.h"
#include "worker_process.h"

/* What a guest lacks that has the device, or NULL */
static struct json_object *describe_lack(const struct device *dev)
{
	const struct closing *closing =
		dev->waits_for_group ?
			closing_find(dev->all, dev->group_number, 0) :
			NULL;
	unsigned int nr;
	char text[192];

	if (closing) {
		closing_print(closing, text, sizeof(text));
		return json_object_new_string(text);
	}
	if (dev->slow)
		return json_object_new_string(
			"the kernel has not finished its reset");
	if (dev->removal.asked)
		return json_object_new_string("the host wants it back");
	nr = dev->steps.phase == STEPS_APPLIED ?
		     state_count_refused(dev->all->state, dev->index) :
		     0;
	if (!nr)
		return NULL;
	snprintf(text, sizeof(text), "%u vectors are not connected: %s", nr,
		 VFIO_NO_VECTOR_LEFT);
	return json_object_new_string(text);
}

static struct json_object *describe(const struct device *dev)
{
	static const char *const phases[] = {
		[STEPS_APPLYING] = "attaching",
		[STEPS_APPLIED] = "attached",
		[STEPS_UNDOING] = "detaching",
	};
	struct json_object *object = devices_describe_request(&dev->request);
	struct json_object *reason = describe_lack(dev);

	json_object_object_add(
		object, "state",
		json_object_new_string(phases[dev->steps.phase]));
	if (reason)
		json_object_object_add(object, "reason", reason);
	if (dev->nr_errors)
		json_object_object_add(
			object, "errors",
			json_object_new_int((int)dev->nr_errors));
	if (dev->group)
		json_object_object_add(
			object, "iommu",
			json_object_new_string(vfio_xen_iommu_get_name(
				group_iommu(dev->group))));
	return object;
}

/* The guest should have the device, and does not, or not yet. */
static struct json_object *describe_wanted(const struct devices *all,
					   const struct wanted_device *wanted)
{
	struct json_object *object = devices_describe_request(&wanted->request);
	const struct closing *closing =
		closing_find(all, -1, wanted->request.sbdf);
	char text[sizeof(wanted->problem.text)] = "";

	if (closing)
		closing_print(closing, text, sizeof(text));
	else if (wanted->problem.err)
		snprintf(text, sizeof(text), "%s", wanted->problem.text);
	json_object_object_add(object, "state",
			       json_object_new_string("wanted"));
	if (text[0])
		json_object_object_add(object, "reason",
				       json_object_new_string(text));
	return object;
}

static bool is_described(const struct devices *all, uint32_t sbdf)
{
	return devices_find(all, sbdf) || wanted_has(all->wanted, sbdf);
}

static struct json_object *describe_all(const struct devices *all)
{
	struct json_object *array = json_object_new_array();

	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		if (all->devices[i])
			json_object_array_add(array, describe(all->devices[i]));
	}
	for (unsigned int i = 0; i < all->wanted->nr; i++) {
		const struct wanted_device *wanted = &all->wanted->devices[i];

		if (!devices_find(all, wanted->request.sbdf))
			json_object_array_add(array,
					      describe_wanted(all, wanted));
	}
	closing_describe(all, array, is_described);
	return array;
}

void status_describe(const struct devices *all, struct json_object *object)
{
	json_object_object_add(object, "domid",
			       json_object_new_int((int)all->guest.domid));
	json_object_object_add(object, "uuid",
			       json_object_new_string(all->guest.uuid_text));
	json_object_object_add(
		object, "type",
		json_object_new_string(guest_kind_name(all->guest.kind)));
	json_object_object_add(
		object, "worker_pid",
		json_object_new_int(worker_process_pid(all->worker)));
	json_object_object_add(
		object, "restarts",
		json_object_new_int((int)worker_process_restarts(all->worker)));
	json_object_object_add(object, "devices", describe_all(all));
}
