// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attach and detach: requests to the vfio-xen-dm of a guest.
 */
#include <errno.h>

#include <json.h>

#include "internal.h"

/* ---- what a reply comes to ---- */

static int reply_errno(struct json_object *reply)
{
	int error = json_object_get_int(json_object_object_get(reply, "errno"));

	return error > 0 ? -error : -EIO;
}

int reply_check(struct vfio_xen_ctx *ctx, struct json_object *reply)
{
	if (json_object_get_boolean(json_object_object_get(reply, "ok")))
		return 0;
	return problem_set_refused(ctx, reply_errno(reply),
				   reply_text(reply, "step"),
				   reply_text(reply, "error"),
				   reply_text(reply, "hint"));
}

/* ---- asking ---- */

/* vfio-xen-dm checks the other members and explains errors. */
static int check(const struct vfio_xen_request *request)
{
	return request->size >= sizeof(*request) && request->uuid &&
			       request->timeout_s <= VFIO_XEN_TIMEOUT_MAX_S ?
		       0 :
		       -EINVAL;
}

static void add_true(struct json_object *object, const char *key, bool value)
{
	if (value)
		json_object_object_add(object, key,
				       json_object_new_boolean(true));
}

/* vfio-xen-dm chooses what the request leaves out. */
static struct json_object *encode(const char *command,
				  const struct vfio_xen_request *request)
{
	struct json_object *object = json_object_new_object();
	char address[VFIO_XEN_SBDF_SIZE];

	vfio_xen_sbdf_format(request->sbdf, address);
	json_object_object_add(object, "command",
			       json_object_new_string(command));
	json_object_object_add(object, "device",
			       json_object_new_string(address));
	if (request->slot != VFIO_XEN_ANY_SLOT)
		json_object_object_add(object, "slot",
				       json_object_new_int(request->slot));
	if (request->timeout_s)
		json_object_object_add(
			object, "timeout",
			json_object_new_int((int)request->timeout_s));
	if (request->iommu != VFIO_XEN_IOMMU_AUTO)
		json_object_object_add(
			object, "iommu",
			json_object_new_string(
				vfio_xen_iommu_get_name(request->iommu)));
	add_true(object, "permissive", request->flags & VFIO_XEN_PERMISSIVE);
	add_true(object, "rdm_strict", request->flags & VFIO_XEN_RDM_STRICT);
	add_true(object, "at_boot", request->flags & VFIO_XEN_AT_BOOT);
	add_true(object, "force", request->flags & VFIO_XEN_FORCE_DETACH);
	return object;
}

static int reply_timeout_ms(const struct vfio_xen_request *request)
{
	unsigned int seconds = request->timeout_s ? request->timeout_s :
						    VFIO_XEN_TIMEOUT_DEFAULT_S;

	return (int)seconds * 1000 + VFIO_XEN_REPLY_SPARE_MS;
}

static int ask(struct vfio_xen_ctx *ctx, const char *command, bool start,
	       const struct vfio_xen_request *request,
	       struct json_object **reply)
{
	struct dm_question question = {
		.uuid = request->uuid,
		.start = start,
		.timeout_ms = reply_timeout_ms(request),
		.cancel_fd = request->cancel_fd,
	};
	int err;

	problem_clear(ctx);
	*reply = NULL;
	err = check(request);
	if (err)
		return err;
	question.object = encode(command, request);
	err = dm_ask(ctx, &question, reply);
	json_object_put(question.object);
	return err ? err : reply_check(ctx, *reply);
}

int vfio_xen_attach(struct vfio_xen_ctx *ctx,
		    const struct vfio_xen_request *request, int *slot)
{
	struct json_object *reply;
	int err = ask(ctx, "attach", true, request, &reply);

	if (!err && slot)
		*slot = reply_number(reply, "slot", VFIO_XEN_ANY_SLOT);
	json_object_put(reply);
	return err;
}

int vfio_xen_detach(struct vfio_xen_ctx *ctx,
		    const struct vfio_xen_request *request)
{
	struct json_object *reply;
	int err = ask(ctx, "detach", false, request, &reply);

	json_object_put(reply);
	return err;
}
