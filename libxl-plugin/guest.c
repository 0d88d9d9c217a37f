// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devices of guests, as their vfio-xen-dms report them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

#define TIMEOUT_VARIABLE "VFIO_XEN_TIMEOUT"

/* ---- requests ---- */

/* The timeout for attaching and detaching, in seconds; 0: the default */
static int get_timeout(const struct call *call, unsigned int *timeout_s)
{
	const char *text = getenv(TIMEOUT_VARIABLE);
	char *end;
	long value;

	*timeout_s = 0;
	if (!text || !*text)
		return 0;
	value = strtol(text, &end, 10);
	if (*end || value < 1 || value > VFIO_XEN_TIMEOUT_MAX_S)
		return call_fail(call,
				 "%s is a number of seconds from 1 to %d, not "
				 "\"%s\"",
				 TIMEOUT_VARIABLE, VFIO_XEN_TIMEOUT_MAX_S,
				 text);
	*timeout_s = (unsigned int)value;
	return 0;
}

static void log_request(const struct call *call, const char *verb,
			const struct vfio_xen_request *request)
{
	char address[VFIO_XEN_SBDF_SIZE];

	vfio_xen_sbdf_format(request->sbdf, address);
	call_log(call, XTL_DETAIL, "ask vfio-xen-dm to %s %s", verb, address);
}

static int report(const struct call *call, uint32_t sbdf, int err)
{
	char address[VFIO_XEN_SBDF_SIZE];
	char *text;
	int rc;

	if (call_problem(call) != VFIO_XEN_PROBLEM_DM_REFUSED)
		return call_explain(call, err);
	text = vfio_xen_explain(call->lib, err, true);
	vfio_xen_sbdf_format(sbdf, address);
	rc = call_fail(call, "PCI device %s: %s", address,
		       text ? text : strerror(-err));
	free(text);
	return rc;
}

int guest_attach(const struct call *call, struct vfio_xen_request *request)
{
	bool at_boot = request->flags & VFIO_XEN_AT_BOOT;
	int err, rc = get_timeout(call, &request->timeout_s);

	if (rc)
		return rc;
	log_request(call, "attach", request);
	err = vfio_xen_attach(call->lib, request, NULL);
	/* A rebooting guest gets its devices back without this. */
	if (!err || (at_boot && err == -EEXIST))
		return 0;
	return report(call, request->sbdf, err);
}

int guest_detach(const struct call *call, const char *uuid, uint32_t sbdf,
		 bool force)
{
	struct vfio_xen_request request = VFIO_XEN_REQUEST_INIT;
	char address[VFIO_XEN_SBDF_SIZE];
	int err, rc = get_timeout(call, &request.timeout_s);

	if (rc)
		return rc;
	request.uuid = uuid;
	request.sbdf = sbdf;
	request.flags = force ? VFIO_XEN_FORCE_DETACH : 0;
	log_request(call, "detach", &request);
	err = vfio_xen_detach(call->lib, &request);
	vfio_xen_sbdf_format(sbdf, address);
	if (err == -ENOENT)
		return call_fail(call,
				 "PCI device %s is not attached to this guest",
				 address);
	return err ? report(call, sbdf, err) : 0;
}

/* ---- what there is ---- */

int guest_get_status(const struct call *call, const char *uuid,
		     struct vfio_xen_status **status)
{
	int err;

	*status = NULL;
	err = vfio_xen_status(call->lib, uuid, status);
	return err == -ENOENT ? 0 : err;
}

int domain_get_status(const struct call *call, struct vfio_xen_status **status)
{
	struct vfio_xen_guest *guest;
	char domid[16];
	int err;

	*status = NULL;
	snprintf(domid, sizeof(domid), "%d", call->domid);
	err = vfio_xen_guest_find(call->lib, domid, &guest);
	if (err)
		return err == -ESRCH ? 0 : err;
	err = guest_get_status(call, vfio_xen_guest_get_uuid(guest), status);
	vfio_xen_guest_free(guest);
	return err;
}

bool status_has(const struct vfio_xen_status *status, uint32_t sbdf)
{
	return status && vfio_xen_status_find(status, sbdf);
}

struct search {
	const struct call *call;
	uint32_t sbdf;
	bool found;
};

static void look_in_guest(void *data, const char *uuid)
{
	struct search *search = data;
	struct vfio_xen_status *status;

	guest_get_status(search->call, uuid, &status);
	search->found |= status_has(status, search->sbdf);
	vfio_xen_status_free(status);
}

bool sbdf_is_attached(const struct call *call, uint32_t sbdf)
{
	struct search search = { call, sbdf, false };

	vfio_xen_dm_foreach(call->lib, look_in_guest, &search);
	return search.found;
}
