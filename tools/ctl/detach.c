// SPDX-License-Identifier: GPL-2.0-only
/*
 * detach: detach a device from its guest. It stays bound to vfio-xen-pci.
 */
#include <errno.h>
#include <string.h>

#include "ctl.h"

/* Finds the guest that has a device, as the vfio-xen-dms report it. */
static int find_owner(struct ctl *ctl, uint32_t sbdf, const char *address,
		      char uuid[VFIO_XEN_UUID_SIZE])
{
	struct guests *guests = guests_query(ctl);
	const struct guest *guest;

	*uuid = '\0';
	if (guests_find(guests, sbdf, &guest))
		snprintf(uuid, VFIO_XEN_UUID_SIZE, "%s", guest_get_uuid(guest));
	guests_free(guests);
	if (*uuid)
		return EXIT_OK;
	return ctl_fail(ctl, EXIT_FAILED,
			"%s is not attached to a guest; see " PROGRAM " status",
			address);
}

static int find_named(struct ctl *ctl, const char *text,
		      char uuid[VFIO_XEN_UUID_SIZE])
{
	struct vfio_xen_guest *guest;
	int err = vfio_xen_guest_find(ctl->lib, text, &guest);

	if (err)
		return problem_report(ctl, err);
	snprintf(uuid, VFIO_XEN_UUID_SIZE, "%s",
		 vfio_xen_guest_get_uuid(guest));
	vfio_xen_guest_free(guest);
	return EXIT_OK;
}

static int detach(struct ctl *ctl, const char *address,
		  struct vfio_xen_request *request)
{
	const char *named = ctl->args.nr_operands == 2 ? ctl->args.operands[0] :
							 NULL;
	char uuid[VFIO_XEN_UUID_SIZE];
	int err, code = named ? find_named(ctl, named, uuid) :
				find_owner(ctl, request->sbdf, address, uuid);

	if (code)
		return code;
	request->uuid = uuid;
	err = vfio_xen_detach(ctl->lib, request);
	if (err == -ENOENT && problem_kind(ctl) == VFIO_XEN_PROBLEM_NONE)
		return ctl_fail(ctl, EXIT_FAILED,
				"%s is not attached to guest %s; see " PROGRAM
				" status",
				address, named ? named : uuid);
	return err ? problem_report(ctl, err) : EXIT_OK;
}

/* The host may have removed the device while its guest still wanted it. */
static bool is_present(struct ctl *ctl, uint32_t sbdf)
{
	return !vfio_xen_scan(ctl->lib) &&
	       vfio_xen_device_get_by_sbdf(ctl->lib, sbdf);
}

static void show(struct ctl *ctl, uint32_t sbdf, const char *address)
{
	struct json_object *root;

	if (has_option(ctl, OPT_VERBOSE) && is_present(ctl, sbdf))
		ctl_hint(ctl,
			 "%s stays bound to its VFIO driver; to give it back "
			 "to the host: " PROGRAM " unbind %s",
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
	struct vfio_xen_request request = VFIO_XEN_REQUEST_INIT;
	uint32_t sbdf;

	if (nr != 1 && nr != 2)
		return ctl_fail(ctl, EXIT_USAGE,
				"detach takes a guest and a device: " PROGRAM
				" detach [DOMAIN] SBDF");
	code = operand_to_sbdf(ctl, ctl->args.operands[nr - 1], &sbdf);
	if (code)
		return code;
	vfio_xen_sbdf_format(sbdf, address);
	code = request_fill(ctl, sbdf, &request);
	if (!code)
		code = detach(ctl, address, &request);
	if (!code)
		show(ctl, sbdf, address);
	return code;
}
