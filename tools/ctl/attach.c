// SPDX-License-Identifier: GPL-2.0-only
/*
 * attach: attach devices to a guest, all or none.
 *
 * Each device is bound to vfio-xen-pci if necessary, and vfio-xen-dm does the rest. After
 * a failure or a signal, each device is back with its former driver.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

#define DRIVER "vfio-xen-pci"

struct attachment {
	const struct vfio_xen_guest *guest;
	char address[VFIO_XEN_SBDF_SIZE];
	struct vfio_xen_request request;
	int slot; /* assigned by vfio-xen-dm */
	bool bound; /* by this command */
	char *former; /* its driver before that, or NULL */
};

struct attachments {
	struct vfio_xen_guest *guest;
	int cancel_fd;
	size_t nr;
	struct attachment of[];
};

static bool driver_is(const struct vfio_xen_device *dev, const char *name)
{
	const char *driver = vfio_xen_device_get_driver(dev);

	return driver && !strcmp(driver, name);
}

/* The whole group belongs to one guest. */
static int check_owner(struct ctl *ctl, const struct attachment *att,
		       const struct vfio_xen_device *dev)
{
	int domid = vfio_xen_device_get_owner_domid(dev);

	if (vfio_xen_device_get_owner(dev) != VFIO_XEN_OWNER_GUEST ||
	    domid == vfio_xen_guest_get_domid(att->guest) ||
	    !driver_is(dev, DRIVER))
		return EXIT_OK;
	return ctl_fail(
		ctl, EXIT_FAILED,
		"%s, or another device of its group, is attached to the "
		"guest with domid %d; detach it first (" PROGRAM
		" detach %d %s)",
		att->address, domid, domid, att->address);
}

/*
 * While a former guest that may have kept a mapping runs, only that guest can get the
 * device.
 */
static int check_reach(struct ctl *ctl, const struct attachment *att,
		       const struct vfio_xen_device *dev)
{
	int domid = vfio_xen_device_get_bars_exposed_to(dev);

	if (domid < 0 || domid == vfio_xen_guest_get_domid(att->guest))
		return EXIT_OK;
	return ctl_fail(
		ctl, EXIT_FAILED,
		"%s is quarantined: the guest with domid %d may still have it mapped; destroy that guest, or attach the device to it again",
		att->address, domid);
}

/* Only a reset clears the state that a guest leaves in a device. */
static void warn_reset(struct ctl *ctl, const struct attachment *att,
		       const struct vfio_xen_device *dev)
{
	if (!vfio_xen_device_get_reset_method(dev))
		ctl_warn(
			ctl,
			"warning: %s has no reset (no reset_method in sysfs): the guest may see state of earlier users, and leave its own behind",
			att->address);
}

/* Whether the device is bound already, or may be bound. */
static int check_driver(struct ctl *ctl, const struct attachment *att,
			const struct vfio_xen_device *dev)
{
	const char *driver = vfio_xen_device_get_driver(dev);

	if (!has_option(ctl, OPT_NO_BIND) || driver_is(dev, DRIVER))
		return EXIT_OK;
	return ctl_fail(ctl, EXIT_FAILED,
			"%s is bound to %s and not to " DRIVER
			"; bind it first (" PROGRAM " bind --driver " DRIVER
			" %s)",
			att->address, driver ? driver : "no driver",
			att->address);
}

static int note_driver(struct ctl *ctl, struct attachment *att,
		       const struct vfio_xen_device *dev)
{
	const char *driver = vfio_xen_device_get_driver(dev);

	att->bound = !driver_is(dev, DRIVER);
	att->former = driver ? strdup(driver) : NULL;
	return driver && !att->former ?
		       ctl_fail(ctl, EXIT_FAILED, "out of memory") :
		       EXIT_OK;
}

static int take_device(struct ctl *ctl, struct attachment *att)
{
	const struct vfio_xen_device *dev;
	int code, err = vfio_xen_scan(ctl->lib);

	if (err)
		return problem_report(ctl, err);
	dev = vfio_xen_device_get_by_sbdf(ctl->lib, att->request.sbdf);
	if (!dev)
		return ctl_fail(ctl, EXIT_FAILED,
				"no PCI device %s; see lspci -D", att->address);
	code = check_owner(ctl, att, dev);
	if (!code)
		code = check_reach(ctl, att, dev);
	if (!code)
		code = check_driver(ctl, att, dev);
	if (!code)
		code = note_driver(ctl, att, dev);
	if (code)
		return code;
	warn_reset(ctl, att, dev);
	if (!att->bound)
		return EXIT_OK;
	err = vfio_xen_bind(ctl->lib, &att->request.sbdf, 1, DRIVER, 0);
	if (!err)
		return EXIT_OK;
	att->bound = false; /* a failed bind has undone itself */
	return problem_report(ctl, err);
}

/* "bound to ..." or "attached" */
static void warn_stays(struct ctl *ctl, const struct attachment *att,
		       const char *how, int err)
{
	char *why = problem_explain(ctl, err);

	ctl_warn(ctl, "%s stays %s: %s", att->address, how,
		 why ? why : strerror(-err));
	free(why);
}

/* Moving between two VFIO drivers does not go through unbind. */
static void give_back(struct ctl *ctl, const struct attachment *att)
{
	int err;

	if (!att->bound)
		return;
	if (att->former && strstr(att->former, "vfio"))
		err = vfio_xen_bind(ctl->lib, &att->request.sbdf, 1,
				    att->former, 0);
	else
		err = vfio_xen_unbind(ctl->lib, &att->request.sbdf, 1, 0);
	if (err)
		warn_stays(ctl, att, "bound to " DRIVER, err);
}

static int attach(struct ctl *ctl, struct attachment *att)
{
	int err;

	if (request_is_interrupted(att->request.cancel_fd))
		return ctl_fail(ctl, EXIT_FAILED, "interrupted");
	err = vfio_xen_attach(ctl->lib, &att->request, &att->slot);
	/* Otherwise vfio-xen-dm reports the cancellation and its outcome itself. */
	if (err && problem_kind(ctl) != VFIO_XEN_PROBLEM_DM_REFUSED &&
	    request_is_interrupted(att->request.cancel_fd))
		return ctl_fail(ctl, EXIT_FAILED, "interrupted");
	return err ? problem_report(ctl, err) : EXIT_OK;
}

static int take_and_attach(struct ctl *ctl, struct attachment *att)
{
	int code = take_device(ctl, att);

	if (code)
		return code;
	code = attach(ctl, att);
	if (code)
		give_back(ctl, att);
	return code;
}

/* The signal that cancelled the attachment must not cancel this. */
static int detach(struct ctl *ctl, struct attachment *att)
{
	int err;

	att->request.cancel_fd = -1;
	att->request.flags = 0;
	err = vfio_xen_detach(ctl->lib, &att->request);
	if (!err)
		return 0;
	att->request.flags = VFIO_XEN_FORCE_DETACH;
	return vfio_xen_detach(ctl->lib, &att->request);
}

static void undo(struct ctl *ctl, struct attachment *att)
{
	int err = detach(ctl, att);

	if (err)
		warn_stays(ctl, att, "attached", err);
	else
		give_back(ctl, att);
}

static int attach_all(struct ctl *ctl, struct attachments *atts)
{
	for (size_t i = 0; i < atts->nr; i++) {
		int code = take_and_attach(ctl, &atts->of[i]);

		if (code) {
			while (i-- > 0)
				undo(ctl, &atts->of[i]);
			return code;
		}
	}
	return EXIT_OK;
}

/* ---- the result ---- */

static struct json_object *to_json(const struct attachment *att)
{
	struct json_object *object = json_object_new_object();

	json_add_string(object, "device", att->address);
	json_object_object_add(
		object, "domid",
		json_object_new_int(vfio_xen_guest_get_domid(att->guest)));
	json_add_string(object, "uuid", att->request.uuid);
	json_add_string(object, "name", vfio_xen_guest_get_name(att->guest));
	json_object_object_add(object, "slot", json_object_new_int(att->slot));
	return object;
}

/* Prints an object for one device, or an array of them for several. */
static void show_json(struct ctl *ctl, const struct attachments *atts)
{
	struct json_object *array;

	if (atts->nr == 1) {
		json_print(ctl, to_json(&atts->of[0]));
		return;
	}
	array = json_object_new_array();
	for (size_t i = 0; i < atts->nr; i++)
		json_object_array_add(array, to_json(&atts->of[i]));
	json_print(ctl, array);
}

static void show(struct ctl *ctl, const struct attachments *atts)
{
	const char *name = vfio_xen_guest_get_name(atts->guest);

	if (has_option(ctl, OPT_JSON)) {
		show_json(ctl, atts);
		return;
	}
	for (size_t i = 0; i < atts->nr; i++)
		ctl_hint(ctl, "%s is in slot %d of domain %d (%s)",
			 atts->of[i].address, atts->of[i].slot,
			 vfio_xen_guest_get_domid(atts->guest),
			 name ? name : "no name");
}

/* ---- the command line ---- */

static int read_device(struct ctl *ctl, struct attachments *atts, size_t index)
{
	struct attachment *att = &atts->of[index];
	uint32_t sbdf;
	int code = operand_to_sbdf(ctl, ctl->args.operands[1 + index], &sbdf);

	if (code)
		return code;
	*att = (struct attachment){ .request = VFIO_XEN_REQUEST_INIT };
	vfio_xen_sbdf_format(sbdf, att->address);
	for (size_t i = 0; i < index; i++)
		if (atts->of[i].request.sbdf == sbdf)
			return ctl_fail(ctl, EXIT_USAGE, "%s is given twice",
					att->address);
	return request_fill(ctl, sbdf, &att->request);
}

static int find_guest(struct ctl *ctl, struct attachments *atts)
{
	int err = vfio_xen_guest_find_for_device(
		ctl->lib, ctl->args.operands[0], &atts->guest);

	if (err)
		return problem_report(ctl, err);
	for (size_t i = 0; i < atts->nr; i++) {
		atts->of[i].guest = atts->guest;
		atts->of[i].request.uuid = vfio_xen_guest_get_uuid(atts->guest);
	}
	return EXIT_OK;
}

static int run(struct ctl *ctl, struct attachments *atts)
{
	int code = EXIT_OK;

	for (size_t i = 0; i < atts->nr && !code; i++)
		code = read_device(ctl, atts, i);
	if (!code)
		code = find_guest(ctl, atts);
	if (code)
		return code;
	atts->cancel_fd = request_block_signals();
	for (size_t i = 0; i < atts->nr; i++)
		atts->of[i].request.cancel_fd = atts->cancel_fd;
	code = attach_all(ctl, atts);
	if (!code)
		show(ctl, atts);
	return code;
}

static void attachments_free(struct attachments *atts)
{
	if (atts->cancel_fd >= 0)
		close(atts->cancel_fd);
	for (size_t i = 0; i < atts->nr; i++)
		free(atts->of[i].former);
	vfio_xen_guest_free(atts->guest);
	free(atts);
}

int run_attach(struct ctl *ctl)
{
	struct attachments *atts;
	size_t nr = (size_t)ctl->args.nr_operands;
	int code;

	if (nr < 2)
		return ctl_fail(ctl, EXIT_USAGE,
				"attach takes a guest and devices: " PROGRAM
				" attach DOMAIN SBDF...");
	if (nr > 2 && ctl->args.slot)
		return ctl_fail(ctl, EXIT_USAGE,
				"--slot takes one device only");
	atts = calloc(1, sizeof(*atts) + (nr - 1) * sizeof(*atts->of));
	if (!atts)
		return ctl_fail(ctl, EXIT_FAILED, "out of memory");
	atts->nr = nr - 1;
	atts->cancel_fd = -1;
	code = run(ctl, atts);
	attachments_free(atts);
	return code;
}
