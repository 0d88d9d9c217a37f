// SPDX-License-Identifier: GPL-2.0-only
/*
 * detach: a device from its guest. It stays bound to vfio-xen-pci.
 */
#include <errno.h>
#include <string.h>

#include "ctl.h"

/* The guest that the first of two operands names, or else the one that has it. */
static int find_uuid(struct ctl *ctl, const char *address, char uuid[37])
{
	struct json_object *guests, *guest;
	struct vfio_xen_guest *named;
	int err;

	if (ctl->args.nr_operands == 2) {
		err = vfio_xen_guest_find(ctl->lib, ctl->args.operands[0],
					  &named);
		if (err)
			return problem_report(ctl, err);
		snprintf(uuid, 37, "%s", vfio_xen_guest_get_uuid(named));
		vfio_xen_guest_free(named);
		return EXIT_OK;
	}
	guests = guests_query(ctl);
	*uuid = '\0';
	if (guests_find_device(guests, address, &guest))
		snprintf(uuid, 37, "%s",
			 json_object_get_string(
				 json_object_object_get(guest, "uuid")));
	json_object_put(guests);
	if (*uuid)
		return EXIT_OK;
	return ctl_fail(ctl, EXIT_FAILED,
			"%s is not attached to a guest; see " PROGRAM " status",
			address);
}

static int detach(struct ctl *ctl, const char *address,
		  struct vfio_xen_request *request)
{
	char uuid[37];
	struct json_object *reply;
	int err, code = find_uuid(ctl, address, uuid);

	if (code)
		return code;
	request->uuid = uuid;
	err = vfio_xen_ask(ctl->lib, request, &reply);
	if (err == -ENOENT)
		return ctl_fail(ctl, EXIT_FAILED,
				"%s is not attached to guest %s; see " PROGRAM
				" status",
				address, ctl->args.operands[0]);
	if (err)
		return problem_report(ctl, err);
	code = reply_report(ctl, reply);
	json_object_put(reply);
	return code;
}

static void show(struct ctl *ctl, const char *address)
{
	struct json_object *root;

	ctl_hint(ctl,
		 "%s stays bound to its VFIO driver; to give it back to the "
		 "host: " PROGRAM " unbind %s",
		 address, address);
	if (!has_option(ctl, OPT_JSON))
		return;
	root = json_object_new_object();
	json_add_string(root, "device", address);
	json_print(ctl, root);
}

int run_detach(struct ctl *ctl)
{
	int code, nr = ctl->args.nr_operands;
	char address[VFIO_XEN_SBDF_SIZE];
	struct vfio_xen_request request = { .cancel_fd = -1 };
	uint32_t sbdf;

	if (nr != 1 && nr != 2)
		return ctl_fail(ctl, EXIT_USAGE,
				"detach takes a guest and a device: " PROGRAM
				" detach [DOMAIN] SBDF");
	code = operand_to_sbdf(ctl, ctl->args.operands[nr - 1], &sbdf);
	if (code)
		return code;
	vfio_xen_sbdf_format(sbdf, address);
	code = request_fill(ctl, "detach", address, &request);
	if (!code)
		code = detach(ctl, address, &request);
	json_object_put(request.object);
	if (!code)
		show(ctl, address);
	return code;
}
