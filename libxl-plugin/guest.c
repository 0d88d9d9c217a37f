// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devices of guests, by their vfio-xen-dms.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

#define TIMEOUT_VARIABLE "VFIO_XEN_TIMEOUT"
#define DEFAULT_TIMEOUT_S 10 /* as libxl's own is */
#define MAX_TIMEOUT_S 600
#define SPARE_MS 15000 /* for what vfio-xen-dm does besides waiting */
#define STATUS_MS 2000

/* ---- requests ---- */

static struct json_object *new_request(const char *command)
{
	struct json_object *request = json_object_new_object();

	json_object_object_add(request, "command",
			       json_object_new_string(command));
	return request;
}

static void add_device(struct json_object *request, uint32_t sbdf,
		       int timeout_s)
{
	char address[VFIO_XEN_SBDF_SIZE];

	vfio_xen_sbdf_format(sbdf, address);
	json_object_object_add(request, "device",
			       json_object_new_string(address));
	json_object_object_add(request, "timeout",
			       json_object_new_int(timeout_s));
}

/* How long a guest may take to get or give a device, in seconds */
static int get_timeout(const struct call *call, int *timeout_s)
{
	const char *text = getenv(TIMEOUT_VARIABLE);
	char *end;
	long value;

	*timeout_s = DEFAULT_TIMEOUT_S;
	if (!text || !*text)
		return 0;
	value = strtol(text, &end, 10);
	if (*end || value < 1 || value > MAX_TIMEOUT_S)
		return call_fail(call,
				 "%s is a number of seconds from 1 to %d, not "
				 "\"%s\"",
				 TIMEOUT_VARIABLE, MAX_TIMEOUT_S, text);
	*timeout_s = (int)value;
	return 0;
}

/*
 * 0 or -errno, which can be the reply's: then there is one. With start, a
 * vfio-xen-dm is if there is none.
 */
static int ask(const struct call *call, const char *uuid, bool start,
	       struct json_object *object, int timeout_ms,
	       struct json_object **reply)
{
	const struct vfio_xen_request request = {
		.uuid = uuid,
		.start = start,
		.object = object,
		.timeout_ms = timeout_ms,
		.cancel_fd = -1,
	};
	int err = vfio_xen_ask(call->lib, &request, reply);

	return err ? err : vfio_xen_reply_get_error(*reply);
}

static int report(const struct call *call, uint32_t sbdf, int err,
		  struct json_object *reply)
{
	char address[VFIO_XEN_SBDF_SIZE];
	char *text;
	int rc;

	if (!reply)
		return call_explain(call, err);
	text = vfio_xen_reply_explain(reply);
	vfio_xen_sbdf_format(sbdf, address);
	rc = call_fail(call, "PCI device %s: %s", address,
		       text ? text : strerror(-err));
	free(text);
	return rc;
}

int guest_attach(const struct call *call, const char *uuid,
		 const struct guest_device *device, bool at_boot)
{
	struct json_object *request, *reply;
	int err, timeout_s, rc = get_timeout(call, &timeout_s);

	if (rc)
		return rc;
	request = new_request("attach");
	add_device(request, device->sbdf, timeout_s);
	if (device->slot != ANY_SLOT)
		json_object_object_add(request, "slot",
				       json_object_new_int(device->slot));
	json_object_object_add(request, "permissive",
			       json_object_new_boolean(device->permissive));
	json_object_object_add(request, "at_boot",
			       json_object_new_boolean(at_boot));
	call_log(call, XTL_DETAIL, "ask vfio-xen-dm: %s",
		 json_object_to_json_string(request));
	err = ask(call, uuid, true, request, timeout_s * 1000 + SPARE_MS,
		  &reply);
	/* A guest that reboots gets back by itself what it had. */
	if (err && !(at_boot && err == -EEXIST))
		rc = report(call, device->sbdf, err, reply);
	json_object_put(reply);
	json_object_put(request);
	return rc;
}

int guest_detach(const struct call *call, const char *uuid, uint32_t sbdf,
		 bool force)
{
	struct json_object *request, *reply;
	char address[VFIO_XEN_SBDF_SIZE];
	int err, timeout_s, rc = get_timeout(call, &timeout_s);

	if (rc)
		return rc;
	request = new_request("detach");
	add_device(request, sbdf, timeout_s);
	json_object_object_add(request, "force",
			       json_object_new_boolean(force));
	call_log(call, XTL_DETAIL, "ask vfio-xen-dm: %s",
		 json_object_to_json_string(request));
	err = ask(call, uuid, false, request, timeout_s * 1000 + SPARE_MS,
		  &reply);
	vfio_xen_sbdf_format(sbdf, address);
	if (err == -ENOENT)
		rc = call_fail(call,
			       "PCI device %s is not attached to this guest",
			       address);
	else if (err)
		rc = report(call, sbdf, err, reply);
	json_object_put(reply);
	json_object_put(request);
	return rc;
}

/* ---- what there is ---- */

static void note_device(struct guest_devices *devices,
			struct json_object *object)
{
	struct guest_device *device = &devices->list[devices->nr];
	const char *address = json_object_get_string(
		json_object_object_get(object, "device"));

	if (devices->nr == MAX_DEVICES || !address ||
	    vfio_xen_sbdf_parse(address, &device->sbdf))
		return;
	device->slot =
		json_object_get_int(json_object_object_get(object, "slot"));
	device->permissive = json_object_get_boolean(
		json_object_object_get(object, "permissive"));
	devices->nr++;
}

static void note_devices(struct guest_devices *devices,
			 struct json_object *status)
{
	struct json_object *list = json_object_object_get(status, "devices");

	if (!json_object_is_type(list, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(list); i++)
		note_device(devices, json_object_array_get_idx(list, i));
}

int guest_get_devices(const struct call *call, const char *uuid,
		      struct guest_devices *devices)
{
	struct json_object *request = new_request("status"), *reply;
	int err;

	devices->nr = 0;
	err = ask(call, uuid, false, request, STATUS_MS, &reply);
	if (!err)
		note_devices(devices, reply);
	json_object_put(reply);
	json_object_put(request);
	return err == -ENOENT ? 0 : err;
}

int domain_get_devices(const struct call *call, struct guest_devices *devices)
{
	struct vfio_xen_guest *guest;
	char domid[16];
	int err;

	devices->nr = 0;
	snprintf(domid, sizeof(domid), "%d", call->domid);
	err = vfio_xen_guest_find(call->lib, domid, &guest);
	if (err)
		return err == -ESRCH ? 0 : err;
	err = guest_get_devices(call, vfio_xen_guest_get_uuid(guest), devices);
	vfio_xen_guest_free(guest);
	return err;
}

bool devices_have(const struct guest_devices *devices, uint32_t sbdf)
{
	for (size_t i = 0; i < devices->nr; i++)
		if (devices->list[i].sbdf == sbdf)
			return true;
	return false;
}

struct search {
	const struct call *call;
	uint32_t sbdf;
	bool found;
};

static void look_in_guest(void *data, const char *uuid)
{
	struct search *search = data;
	struct guest_devices devices;

	guest_get_devices(search->call, uuid, &devices);
	search->found |= devices_have(&devices, search->sbdf);
}

bool sbdf_is_attached(const struct call *call, uint32_t sbdf)
{
	struct search search = { call, sbdf, false };

	vfio_xen_dm_foreach(call->lib, look_in_guest, &search);
	return search.found;
}
