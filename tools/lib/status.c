// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devices of a guest, as its vfio-xen-dm reports them.
 */
#include <errno.h>
#include <string.h>

#include <json.h>

#include "internal.h"

struct vfio_xen_attachment {
	uint32_t sbdf;
	int slot;
	enum vfio_xen_attachment_state state;
	bool permissive, rdm_strict;
	const char *iommu; /* in the reply, or NULL */
	const char *reason;
};

/* The reply owns the texts. */
struct vfio_xen_status {
	struct json_object *reply;
	struct vfio_xen_attachment *attachments;
	size_t nr_attachments;
};

static const char *const states[] = {
	[VFIO_XEN_ATTACHMENT_UNKNOWN] = "unknown",
	[VFIO_XEN_ATTACHMENT_WANTED] = "wanted",
	[VFIO_XEN_ATTACHMENT_ATTACHING] = "attaching",
	[VFIO_XEN_ATTACHMENT_ATTACHED] = "attached",
	[VFIO_XEN_ATTACHMENT_DETACHING] = "detaching",
	[VFIO_XEN_ATTACHMENT_HUNG] = "hung",
};

/* ---- reading a reply ---- */

static enum vfio_xen_attachment_state parse_state(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(states); i++)
		if (!strcmp(states[i], name))
			return (enum vfio_xen_attachment_state)i;
	return VFIO_XEN_ATTACHMENT_UNKNOWN;
}

static int parse_attachment(struct json_object *object,
			    struct vfio_xen_attachment *attachment)
{
	const char *address = reply_text(object, "device");

	if (!address || vfio_xen_sbdf_parse(address, &attachment->sbdf))
		return -EBADMSG;
	attachment->slot = reply_number(object, "slot", VFIO_XEN_ANY_SLOT);
	attachment->state = parse_state(reply_text(object, "state"));
	attachment->permissive = json_object_get_boolean(
		json_object_object_get(object, "permissive"));
	attachment->rdm_strict = json_object_get_boolean(
		json_object_object_get(object, "rdm_strict"));
	attachment->iommu = reply_text(object, "iommu");
	attachment->reason = reply_text(object, "reason");
	return 0;
}

static int parse_attachments(struct vfio_xen_status *status)
{
	struct json_object *array =
		json_object_object_get(status->reply, "devices");
	size_t nr = json_object_is_type(array, json_type_array) ?
			    json_object_array_length(array) :
			    0;

	status->attachments = calloc(nr + 1, sizeof(*status->attachments));
	if (!status->attachments)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++) {
		int err = parse_attachment(
			json_object_array_get_idx(array, i),
			&status->attachments[status->nr_attachments]);

		if (err)
			return err;
		status->nr_attachments++;
	}
	return 0;
}

static int ask(struct vfio_xen_ctx *ctx, const char *uuid,
	       struct json_object **reply)
{
	struct dm_question question = {
		.uuid = uuid,
		.object = json_object_new_object(),
		.timeout_ms = VFIO_XEN_STATUS_TIMEOUT_MS,
		.cancel_fd = -1,
	};
	int err;

	json_object_object_add(question.object, "command",
			       json_object_new_string("status"));
	err = dm_ask(ctx, &question, reply);
	json_object_put(question.object);
	return err ? err : reply_check(ctx, *reply);
}

static int fill(struct vfio_xen_ctx *ctx, const char *uuid,
		struct vfio_xen_status *status)
{
	int err = ask(ctx, uuid, &status->reply);

	if (!err)
		err = parse_attachments(status);
	if (err != -EBADMSG)
		return err;
	return problem_set(ctx, VFIO_XEN_PROBLEM_DM_SILENT, err, 0, uuid);
}

int vfio_xen_status(struct vfio_xen_ctx *ctx, const char *uuid,
		    struct vfio_xen_status **status)
{
	struct vfio_xen_status *new = calloc(1, sizeof(*new));
	int err;

	problem_clear(ctx);
	if (!new)
		return -ENOMEM;
	err = fill(ctx, uuid, new);
	if (err)
		vfio_xen_status_free(new);
	else
		*status = new;
	return err;
}

void vfio_xen_status_free(struct vfio_xen_status *status)
{
	if (!status)
		return;
	json_object_put(status->reply);
	free(status->attachments);
	free(status);
}

/* ---- what is in it ---- */

int vfio_xen_status_get_domid(const struct vfio_xen_status *status)
{
	return reply_number(status->reply, "domid", -ENOENT);
}

const char *vfio_xen_status_get_uuid(const struct vfio_xen_status *status)
{
	return reply_text(status->reply, "uuid");
}

const char *vfio_xen_status_get_type(const struct vfio_xen_status *status)
{
	return reply_text(status->reply, "type");
}

int vfio_xen_status_get_worker_pid(const struct vfio_xen_status *status)
{
	return reply_number(status->reply, "worker_pid", 0);
}

unsigned int vfio_xen_status_get_restarts(const struct vfio_xen_status *status)
{
	return (unsigned int)reply_number(status->reply, "restarts", 0);
}

unsigned int vfio_xen_status_get_queued(const struct vfio_xen_status *status)
{
	return (unsigned int)reply_number(status->reply, "queued", 0);
}

size_t vfio_xen_status_get_nr_attachments(const struct vfio_xen_status *status)
{
	return status->nr_attachments;
}

const struct vfio_xen_attachment *
vfio_xen_status_get_attachment(const struct vfio_xen_status *status,
			       size_t index)
{
	return index < status->nr_attachments ? &status->attachments[index] :
						NULL;
}

const struct vfio_xen_attachment *
vfio_xen_status_find(const struct vfio_xen_status *status, uint32_t sbdf)
{
	for (size_t i = 0; i < status->nr_attachments; i++)
		if (status->attachments[i].sbdf == sbdf)
			return &status->attachments[i];
	return NULL;
}

/* ---- its devices ---- */

const char *
vfio_xen_attachment_state_get_name(enum vfio_xen_attachment_state state)
{
	return (size_t)state < ARRAY_SIZE(states) ? states[state] : states[0];
}

uint32_t
vfio_xen_attachment_get_sbdf(const struct vfio_xen_attachment *attachment)
{
	return attachment->sbdf;
}

int vfio_xen_attachment_get_slot(const struct vfio_xen_attachment *attachment)
{
	return attachment->slot;
}

enum vfio_xen_attachment_state
vfio_xen_attachment_get_state(const struct vfio_xen_attachment *attachment)
{
	return attachment->state;
}

bool vfio_xen_attachment_is_permissive(
	const struct vfio_xen_attachment *attachment)
{
	return attachment->permissive;
}

bool vfio_xen_attachment_is_rdm_strict(
	const struct vfio_xen_attachment *attachment)
{
	return attachment->rdm_strict;
}

const char *
vfio_xen_attachment_get_iommu(const struct vfio_xen_attachment *attachment)
{
	return attachment->iommu;
}

const char *
vfio_xen_attachment_get_reason(const struct vfio_xen_attachment *attachment)
{
	return attachment->reason;
}
