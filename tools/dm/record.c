// SPDX-License-Identifier: GPL-2.0-only
/*
 * The record that a supervisor leaves for its successor.
 */
#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "record.h"
#include "wanted.h"

static void record_path(const struct devices *all, const char *suffix,
			char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s.json%s", all->run_dir,
		 all->guest.uuid_text, suffix);
}

static struct json_object *describe(const struct device_request *request)
{
	struct json_object *object = devices_describe_request(request);

	json_object_object_add(object, "iommu",
			       json_object_new_string(vfio_xen_iommu_get_name(
				       request->iommu)));
	return object;
}

/* Requested by a user, and not by the host */
static bool is_being_detached(const struct device *dev)
{
	return dev && dev->steps.phase == STEPS_UNDOING && !dev->removal.asked;
}

/* Devices that the guest has, has been promised, or gets back */
static struct json_object *devices_of(const struct devices *all)
{
	struct json_object *devices = json_object_new_array();

	for (unsigned int i = 0; i < all->wanted->nr; i++) {
		const struct device_request *request =
			&all->wanted->devices[i].request;

		if (!is_being_detached(devices_find(all, request->sbdf)))
			json_object_array_add(devices, describe(request));
	}
	return devices;
}

static struct json_object *make_record(struct devices *all)
{
	struct json_object *record = json_object_new_object();

	json_object_object_add(record, "domid",
			       json_object_new_int((int)all->guest.domid));
	json_object_object_add(record, "uuid",
			       json_object_new_string(all->guest.uuid_text));
	json_object_object_add(record, "pid", json_object_new_int(getpid()));
	json_object_object_add(record, "kind",
			       json_object_new_int((int)all->guest.kind));
	if (all->returns_by_s)
		json_object_object_add(
			record, "returns_by",
			json_object_new_int64((int64_t)all->returns_by_s));
	json_object_object_add(record, "devices", devices_of(all));
	if (all->kind_is_open && all->kind->record)
		all->kind->record(all, record);
	return record;
}

void record_write(struct devices *all)
{
	char path[PATH_MAX], new_path[PATH_MAX];
	struct json_object *record;

	record_path(all, "", path);
	record_path(all, ".new", new_path);
	if (!all->kind_is_open && !all->wanted->nr) {
		unlink(path);
		return;
	}
	record = make_record(all);
	if (json_object_to_file_ext(new_path, record,
				    JSON_C_TO_STRING_PRETTY) ||
	    rename(new_path, path))
		log_message(LOG_WARNING, "cannot write %s: %s", path,
			    strerror(errno));
	json_object_put(record);
}

static bool understand(struct json_object *object,
		       struct device_request *request)
{
	const char *address = json_object_get_string(
		json_object_object_get(object, "device"));
	const char *iommu =
		json_object_get_string(json_object_object_get(object, "iommu"));

	*request = (struct device_request){ 0 };
	if (!address || vfio_xen_sbdf_parse(address, &request->sbdf) ||
	    !iommu || vfio_xen_iommu_parse(iommu, &request->iommu))
		return false;
	vfio_xen_sbdf_format(request->sbdf, request->address);
	request->slot =
		json_object_get_int(json_object_object_get(object, "slot"));
	request->permissive = json_object_get_boolean(
		json_object_object_get(object, "permissive"));
	request->rdm_strict = json_object_get_boolean(
		json_object_object_get(object, "rdm_strict"));
	return true;
}

static unsigned int
read_devices(struct json_object *record,
	     struct device_request requests[STATE_MAX_DEVICES])
{
	struct json_object *devices = json_object_object_get(record, "devices");
	unsigned int nr = 0;

	if (!json_object_is_type(devices, json_type_array))
		return 0;
	for (size_t i = 0;
	     i < json_object_array_length(devices) && nr < STATE_MAX_DEVICES;
	     i++)
		nr += understand(json_object_array_get_idx(devices, i),
				 &requests[nr]);
	return nr;
}

static int64_t get_number(struct json_object *record, const char *name)
{
	return json_object_get_int64(json_object_object_get(record, name));
}

/* Long after it, a domain with the guest's UUID is not the one that rebooted. */
static bool can_return(struct json_object *record)
{
	return get_number(record, "returns_by") >
	       (int64_t)(clock_usec() / USEC_PER_S);
}

bool record_finds_reboot(struct devices *all)
{
	struct json_object *record;
	char path[PATH_MAX];
	int64_t kind;
	bool found;

	record_path(all, "", path);
	if (access(path, F_OK))
		return false;
	record = json_object_from_file(path);
	kind = get_number(record, "kind");
	found = can_return(record) && kind >= GUEST_PV && kind <= GUEST_PVH;
	if (found) {
		all->guest.domid = (uint32_t)get_number(record, "domid");
		all->guest.kind = (enum guest_kind)kind;
		all->returns_by_s = (uint64_t)get_number(record, "returns_by");
	}
	json_object_put(record);
	return found;
}

unsigned int record_recover(struct devices *all,
			    const struct devices_kind *kind,
			    struct device_request requests[STATE_MAX_DEVICES])
{
	struct json_object *record, *domid;
	char path[PATH_MAX];
	unsigned int nr = 0;

	record_path(all, "", path);
	if (access(path, F_OK))
		return 0;
	record = json_object_from_file(path);
	if (json_object_object_get_ex(record, "domid", &domid) &&
	    json_object_get_int(domid) == (int)all->guest.domid) {
		log_message(
			LOG_NOTICE,
			"domain %u: cleaning up after a supervisor that died",
			all->guest.domid);
		if (kind->recover)
			kind->recover(all, record);
		nr = read_devices(record, requests);
	} else if (can_return(record)) {
		/* What else belonged to an earlier domain went with it. */
		nr = read_devices(record, requests);
	}
	json_object_put(record);
	unlink(path);
	return nr;
}
