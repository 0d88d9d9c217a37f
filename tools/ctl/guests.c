// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guests with devices, as their vfio-xen-dms report them.
 */
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

struct guest {
	struct vfio_xen_status *status;
	char *name; /* NULL: none */
};

struct guests {
	struct ctl *ctl;
	struct guest *list;
	size_t nr;
};

/* ---- asking ---- */

char *guest_find_name(struct ctl *ctl, const char *text)
{
	struct vfio_xen_guest *guest;
	const char *name;
	char *copy;

	if (vfio_xen_guest_find(ctl->lib, text, &guest))
		return NULL;
	name = vfio_xen_guest_get_name(guest);
	copy = name ? strdup(name) : NULL;
	vfio_xen_guest_free(guest);
	return copy;
}

/* Leaves out a guest whose vfio-xen-dm does not answer, or that has no devices. */
static void add_guest(void *data, const char *uuid)
{
	struct guests *guests = data;
	struct vfio_xen_status *status;
	struct guest *longer;

	if (vfio_xen_status(guests->ctl->lib, uuid, &status))
		return;
	longer = reallocarray(guests->list, guests->nr + 1, sizeof(*longer));
	if (longer)
		guests->list = longer;
	if (!longer || !vfio_xen_status_get_nr_attachments(status)) {
		vfio_xen_status_free(status);
		return;
	}
	guests->list[guests->nr++] = (struct guest){
		.status = status,
		.name = guest_find_name(guests->ctl, uuid),
	};
}

/* Only root can reach the sockets; other users see no guests. */
struct guests *guests_query(struct ctl *ctl)
{
	struct guests *guests = calloc(1, sizeof(*guests));

	if (!guests)
		return NULL;
	guests->ctl = ctl;
	vfio_xen_dm_foreach(ctl->lib, add_guest, guests);
	return guests;
}

void guests_free(struct guests *guests)
{
	if (!guests)
		return;
	for (size_t i = 0; i < guests->nr; i++) {
		vfio_xen_status_free(guests->list[i].status);
		free(guests->list[i].name);
	}
	free(guests->list);
	free(guests);
}

/* ---- what is in it ---- */

const struct vfio_xen_attachment *guests_find(const struct guests *guests,
					      uint32_t sbdf,
					      const struct guest **guest)
{
	for (size_t i = 0; guests && i < guests->nr; i++) {
		const struct vfio_xen_attachment *attachment =
			vfio_xen_status_find(guests->list[i].status, sbdf);

		*guest = &guests->list[i];
		if (attachment)
			return attachment;
	}
	return NULL;
}

size_t guests_get_nr(const struct guests *guests)
{
	return guests ? guests->nr : 0;
}

const struct guest *guests_get(const struct guests *guests, size_t index)
{
	return &guests->list[index];
}

const struct vfio_xen_status *guest_get_status(const struct guest *guest)
{
	return guest->status;
}

int guest_get_domid(const struct guest *guest)
{
	return vfio_xen_status_get_domid(guest->status);
}

const char *guest_get_uuid(const struct guest *guest)
{
	return vfio_xen_status_get_uuid(guest->status);
}

const char *guest_get_name(const struct guest *guest)
{
	return guest->name ? guest->name : guest_get_uuid(guest);
}

const char *attachment_format_slot(const struct vfio_xen_attachment *attachment,
				   char text[SLOT_TEXT_SIZE])
{
	int slot = vfio_xen_attachment_get_slot(attachment);

	/* A device that is being attached may have no slot yet. */
	if (slot == VFIO_XEN_ANY_SLOT)
		return NULL;
	snprintf(text, SLOT_TEXT_SIZE, "%d", slot);
	return text;
}

static const char *state_of(const struct vfio_xen_attachment *attachment)
{
	return vfio_xen_attachment_state_get_name(
		vfio_xen_attachment_get_state(attachment));
}

/* ---- JSON ---- */

static void add_attachment(struct json_object *object,
			   const struct vfio_xen_attachment *attachment)
{
	const char *reason = vfio_xen_attachment_get_reason(attachment);

	json_object_object_add(
		object, "slot",
		json_object_new_int(vfio_xen_attachment_get_slot(attachment)));
	json_add_string(object, "state", state_of(attachment));
	json_object_object_add(
		object, "permissive",
		json_object_new_boolean(
			vfio_xen_attachment_is_permissive(attachment)));
	json_add_string(object, "iommu",
			vfio_xen_attachment_get_iommu(attachment));
	if (reason)
		json_add_string(object, "reason", reason);
}

struct json_object *guests_device_to_json(const struct guests *guests,
					  uint32_t sbdf)
{
	const struct guest *guest;
	const struct vfio_xen_attachment *attachment =
		guests_find(guests, sbdf, &guest);
	struct json_object *object;

	if (!attachment)
		return NULL;
	object = json_object_new_object();
	json_object_object_add(
		object, "domid",
		json_object_new_int(vfio_xen_status_get_domid(guest->status)));
	json_add_string(object, "uuid", guest_get_uuid(guest));
	json_add_string(object, "name", guest->name);
	add_attachment(object, attachment);
	return object;
}

static struct json_object *devices_to_json(const struct guest *guest)
{
	struct json_object *array = json_object_new_array();
	size_t nr = vfio_xen_status_get_nr_attachments(guest->status);

	for (size_t i = 0; i < nr; i++) {
		const struct vfio_xen_attachment *attachment =
			vfio_xen_status_get_attachment(guest->status, i);
		struct json_object *object = json_object_new_object();
		char address[VFIO_XEN_SBDF_SIZE];

		vfio_xen_sbdf_format(vfio_xen_attachment_get_sbdf(attachment),
				     address);
		json_add_string(object, "device", address);
		add_attachment(object, attachment);
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *guest_to_json(const struct guest *guest)
{
	const struct vfio_xen_status *status = guest->status;
	struct json_object *object = json_object_new_object();

	json_object_object_add(
		object, "domid",
		json_object_new_int(vfio_xen_status_get_domid(status)));
	json_add_string(object, "uuid", guest_get_uuid(guest));
	json_add_string(object, "type", vfio_xen_status_get_type(status));
	json_object_object_add(
		object, "worker_pid",
		json_object_new_int(vfio_xen_status_get_worker_pid(status)));
	json_object_object_add(
		object, "restarts",
		json_object_new_int((int)vfio_xen_status_get_restarts(status)));
	json_object_object_add(object, "devices", devices_to_json(guest));
	json_add_string(object, "name", guest->name);
	return object;
}

struct json_object *guests_to_json(const struct guests *guests)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; guests && i < guests->nr; i++)
		json_object_array_add(array, guest_to_json(&guests->list[i]));
	return array;
}

/* ---- the part of status ---- */

/* "A B C"; the caller frees it. */
static char *devices_format(const struct guest *guest)
{
	size_t size, nr = vfio_xen_status_get_nr_attachments(guest->status);
	char *text = NULL;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return NULL;
	for (size_t i = 0; i < nr; i++) {
		const struct vfio_xen_attachment *attachment =
			vfio_xen_status_get_attachment(guest->status, i);
		char address[VFIO_XEN_SBDF_SIZE];

		vfio_xen_sbdf_format(vfio_xen_attachment_get_sbdf(attachment),
				     address);
		fprintf(file, "%s%s", i ? " " : "", address);
		if (vfio_xen_attachment_get_state(attachment) !=
		    VFIO_XEN_ATTACHMENT_ATTACHED)
			fprintf(file, " (%s)", state_of(attachment));
	}
	fclose(file);
	return text;
}

static void add_row(struct libscols_table *table, const struct guest *guest)
{
	const struct vfio_xen_status *status = guest->status;
	char *devices = devices_format(guest);
	char domid[16], worker[16], restarts[16];
	const char *cells[] = {
		domid,
		guest_get_name(guest),
		vfio_xen_status_get_type(status),
		worker,
		restarts,
		devices && *devices ? devices : NULL,
	};

	snprintf(domid, sizeof(domid), "%d", vfio_xen_status_get_domid(status));
	snprintf(worker, sizeof(worker), "%d",
		 vfio_xen_status_get_worker_pid(status));
	snprintf(restarts, sizeof(restarts), "%u",
		 vfio_xen_status_get_restarts(status));
	table_add(table, cells, ARRAY_SIZE(cells));
	free(devices);
}

/* What a guest lacks */
static void show_reasons(struct ctl *ctl, const struct guest *guest)
{
	size_t nr = vfio_xen_status_get_nr_attachments(guest->status);

	for (size_t i = 0; i < nr; i++) {
		const struct vfio_xen_attachment *attachment =
			vfio_xen_status_get_attachment(guest->status, i);
		const char *reason = vfio_xen_attachment_get_reason(attachment);
		char address[VFIO_XEN_SBDF_SIZE];

		if (!reason)
			continue;
		vfio_xen_sbdf_format(vfio_xen_attachment_get_sbdf(attachment),
				     address);
		fprintf(ctl->out, "%s: %s\n", address, reason);
	}
}

void guests_show(struct ctl *ctl, const struct guests *guests)
{
	static const char *const headers[] = {
		"DOMID", "NAME", "TYPE", "WORKER", "RESTARTS", "DEVICES"
	};
	struct libscols_table *table;
	size_t nr = guests ? guests->nr : 0;

	fprintf(ctl->out, "\nGuests:          %zu\n", nr);
	if (!nr)
		return;
	table = table_new(ctl, headers, ARRAY_SIZE(headers));
	if (!table)
		return;
	for (size_t i = 0; i < nr; i++)
		add_row(table, &guests->list[i]);
	table_print(table);
	for (size_t i = 0; i < nr; i++)
		show_reasons(ctl, &guests->list[i]);
}
