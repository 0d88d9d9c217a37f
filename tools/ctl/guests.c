// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guests that have devices, as their vfio-xen-dms tell.
 */
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

#define TIMEOUT_MS 2000

struct query {
	struct ctl *ctl;
	struct json_object *guests;
};

/* NULL: nobody answers. */
static struct json_object *ask(struct ctl *ctl, const char *uuid)
{
	struct vfio_xen_request request = {
		.uuid = uuid,
		.object = json_object_new_object(),
		.timeout_ms = TIMEOUT_MS,
		.cancel_fd = -1,
	};
	struct json_object *reply;

	json_add_string(request.object, "command", "status");
	vfio_xen_ask(ctl->lib, &request, &reply);
	json_object_put(request.object);
	return reply;
}

static bool has_devices(struct json_object *reply)
{
	struct json_object *devices = json_object_object_get(reply, "devices");

	return json_object_is_type(devices, json_type_array) &&
	       json_object_array_length(devices) > 0;
}

static void add_guest(void *data, const char *uuid)
{
	struct query *query = data;
	struct json_object *reply = ask(query->ctl, uuid);
	struct vfio_xen_guest *guest;

	if (!reply || vfio_xen_reply_get_error(reply) || !has_devices(reply)) {
		json_object_put(reply);
		return;
	}
	json_object_object_del(reply, "ok");
	if (!vfio_xen_guest_find(query->ctl->lib, uuid, &guest)) {
		json_add_string(reply, "name", vfio_xen_guest_get_name(guest));
		vfio_xen_guest_free(guest);
	}
	json_object_array_add(query->guests, reply);
}

/* Without root, the sockets cannot be reached, and so there are none. */
struct json_object *guests_query(struct ctl *ctl)
{
	struct query query = { ctl, json_object_new_array() };

	vfio_xen_dm_foreach(ctl->lib, add_guest, &query);
	return query.guests;
}

static const char *text_of(struct json_object *object, const char *key)
{
	const char *text =
		json_object_get_string(json_object_object_get(object, key));

	return text ? text : "";
}

struct json_object *guests_find_device(struct json_object *guests,
				       const char *address,
				       struct json_object **guest)
{
	size_t nr = guests ? json_object_array_length(guests) : 0;

	for (size_t i = 0; i < nr; i++) {
		struct json_object *devices;

		*guest = json_object_array_get_idx(guests, i);
		devices = json_object_object_get(*guest, "devices");
		for (size_t j = 0; j < json_object_array_length(devices); j++) {
			struct json_object *device =
				json_object_array_get_idx(devices, j);

			if (!strcmp(text_of(device, "device"), address))
				return device;
		}
	}
	return NULL;
}

static void copy_member(struct json_object *to, struct json_object *from,
			const char *key)
{
	json_object_object_add(
		to, key, json_object_get(json_object_object_get(from, key)));
}

struct json_object *guests_device_to_json(struct json_object *guests,
					  const char *address)
{
	struct json_object *guest, *object;
	struct json_object *device =
		guests_find_device(guests, address, &guest);

	if (!device)
		return NULL;
	object = json_object_new_object();
	copy_member(object, guest, "domid");
	copy_member(object, guest, "uuid");
	copy_member(object, guest, "name");
	copy_member(object, device, "slot");
	copy_member(object, device, "state");
	copy_member(object, device, "permissive");
	copy_member(object, device, "iommu");
	return object;
}

const char *guests_get_name(struct json_object *guest)
{
	const char *name = text_of(guest, "name");

	return *name ? name : text_of(guest, "uuid");
}

const char *guests_get_iommu(struct json_object *device)
{
	return json_object_get_string(json_object_object_get(device, "iommu"));
}

const char *guests_format_slot(struct json_object *device,
			       char text[SLOT_TEXT_SIZE])
{
	struct json_object *slot = json_object_object_get(device, "slot");

	/* It may be on its way, and its slot not be chosen. */
	if (!slot || json_object_get_int(slot) < 0)
		return NULL;
	snprintf(text, SLOT_TEXT_SIZE, "%d", json_object_get_int(slot));
	return text;
}

/* ---- the part of status ---- */

/* "A B C"; the caller frees it. */
static char *devices_format(struct json_object *guest)
{
	struct json_object *devices = json_object_object_get(guest, "devices");
	size_t nr = json_object_array_length(devices), size;
	char *text = NULL;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return NULL;
	for (size_t i = 0; i < nr; i++) {
		struct json_object *device =
			json_object_array_get_idx(devices, i);
		const char *state = text_of(device, "state");

		fprintf(file, "%s%s", i ? " " : "", text_of(device, "device"));
		if (strcmp(state, "attached") != 0)
			fprintf(file, " (%s)", state);
	}
	fclose(file);
	return text;
}

static void add_row(struct libscols_table *table, struct json_object *guest)
{
	char *devices = devices_format(guest);
	const char *cells[] = {
		text_of(guest, "domid"),
		guests_get_name(guest),
		text_of(guest, "type"),
		text_of(guest, "worker_pid"),
		text_of(guest, "restarts"),
		devices && *devices ? devices : NULL,
	};

	table_add(table, cells, ARRAY_SIZE(cells));
	free(devices);
}

void guests_show(struct ctl *ctl, struct json_object *guests)
{
	static const char *const headers[] = {
		"DOMID", "NAME", "TYPE", "WORKER", "RESTARTS", "DEVICES"
	};
	size_t nr = json_object_array_length(guests);
	struct libscols_table *table;

	fprintf(ctl->out, "\nGuests:          %zu\n", nr);
	if (!nr)
		return;
	table = table_new(ctl, headers, ARRAY_SIZE(headers));
	if (!table)
		return;
	for (size_t i = 0; i < nr; i++)
		add_row(table, json_object_array_get_idx(guests, i));
	table_print(table);
}
