// SPDX-License-Identifier: GPL-2.0-only
/*
 * The work for a guest: ask vfio-xen-dm to attach and detach its devices.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "device.h"
#include "log.h"
#include "toolstack.h"
#include "vfio-xen.h"
#include "work.h"
#include "xenstore.h"

#define ATTACH_TIMEOUT_S \
	VFIO_XEN_TIMEOUT_MAX_S /* a new guest has to boot first */
#define DETACH_TIMEOUT_S 5 /* libxl waits for ten seconds in total */

struct work {
	struct vfio_xen_ctx *ctx;
	sd_event *event;
	struct xenstore *store;
};

/* A request, and the guest that it is for */
static int make_request(const struct work *work, uint32_t domid,
			const char *address, struct vfio_xen_request *request,
			struct vfio_xen_guest **guest)
{
	char text[16];
	int err;

	snprintf(text, sizeof(text), "%u", domid);
	err = vfio_xen_guest_find_for_device(work->ctx, text, guest);
	if (err)
		return err;
	request->uuid = vfio_xen_guest_get_uuid(*guest);
	return vfio_xen_sbdf_parse(address, &request->sbdf);
}

static void complain(const struct work *work, const char *what, uint32_t domid,
		     const char *address, int err)
{
	char *why = vfio_xen_explain(work->ctx, err, true);

	log_message(LOG_ERR, "domain %u %s %s: %s", domid, what, address,
		    why ? why : strerror(-err));
	free(why);
}

static int ask_attach(const struct work *work, uint32_t domid,
		      const char *address)
{
	struct vfio_xen_request request = VFIO_XEN_REQUEST_INIT;
	struct vfio_xen_guest *guest = NULL;
	int err = make_request(work, domid, address, &request, &guest);

	request.timeout_s = ATTACH_TIMEOUT_S;
	if (!err)
		err = vfio_xen_attach(work->ctx, &request, NULL);
	if (err)
		complain(work, "does not get", domid, address, err);
	vfio_xen_guest_free(guest);
	return err;
}

static int attach(void *data, uint32_t domid, const char *address)
{
	int err = device_take(address, domid);

	if (!err)
		return ask_attach(data, domid, address);
	log_message(LOG_ERR,
		    "domain %u does not get %s: cannot take it from pciback: "
		    "%s",
		    domid, address, strerror(-err));
	return err;
}

/*
 * libxl has deassigned the device already: the guest's driver may have lost it,
 * and hang.
 */
static int detach(void *data, uint32_t domid, const char *address)
{
	struct vfio_xen_request request = VFIO_XEN_REQUEST_INIT;
	struct vfio_xen_guest *guest = NULL;
	const struct work *work = data;
	int err = make_request(work, domid, address, &request, &guest);

	if (!err) {
		request.timeout_s = DETACH_TIMEOUT_S;
		err = vfio_xen_detach(work->ctx, &request);
	}
	if (err && request.uuid) {
		request.timeout_s = 0;
		request.flags = VFIO_XEN_FORCE_DETACH;
		err = vfio_xen_detach(work->ctx, &request);
	}
	/* A guest that has ended keeps no device. */
	if (err && request.uuid)
		complain(work, "keeps", domid, address, err);
	vfio_xen_guest_free(guest);
	return err;
}

/*
 * Without trust, a device stays reserved for its former guest until that has
 * ended.
 */
static void detached(void *data, uint32_t domid, const char *address)
{
	const struct work *work = data;

	if (!toolstack_has_guest(work->store, domid) || device_trusts_guests())
		device_give_back(address);
	else
		log_message(LOG_INFO,
			    "%s is assignable again when domain %u has ended",
			    address, domid);
}

static int open_all(struct work *work)
{
	int err = vfio_xen_new(&work->ctx);

	if (!err)
		err = sd_event_new(&work->event);
	return err < 0 ? err : xenstore_open(&work->store, work->event);
}

int work_for_guest(uint32_t domid)
{
	static const struct toolstack_ops ops = {
		.attach = attach,
		.detach = detach,
		.detached = detached,
	};
	struct work work = { 0 };
	int err = open_all(&work);

	if (err)
		log_message(LOG_ERR, "cannot work for domain %u: %s", domid,
			    strerror(-err));
	else
		toolstack_settle(work.store, domid, &ops, &work);
	xenstore_close(work.store);
	sd_event_unref(work.event);
	vfio_xen_free(work.ctx);
	return err;
}
