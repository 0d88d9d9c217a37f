// SPDX-License-Identifier: GPL-2.0-only
/*
 * attach: a device to a guest.
 *
 * The device is bound to vfio-xen-pci, if it is not yet, and vfio-xen-dm does the
 * rest. After a failure, or a signal, the device is back with the driver it had.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

#define DRIVER "vfio-xen-pci"

struct attachment {
	struct vfio_xen_guest *guest;
	char address[VFIO_XEN_SBDF_SIZE];
	struct vfio_xen_request request;
	bool bound; /* by this command */
	char *former; /* the driver it had then, or NULL */
};

static bool driver_is(const struct vfio_xen_device *dev, const char *name)
{
	const char *driver = vfio_xen_device_get_driver(dev);

	return driver && !strcmp(driver, name);
}

/* All of its group is that guest's. */
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

/* A running guest that may have kept a mapping of it is the only one to get it. */
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

/* Between guests nothing but a reset makes a device forget. */
static void warn_reset(struct ctl *ctl, const struct attachment *att,
		       const struct vfio_xen_device *dev)
{
	if (!vfio_xen_device_get_reset_method(dev))
		ctl_warn(
			ctl,
			"warning: %s has no reset (no reset_method in sysfs): the guest may see state of earlier users, and leave its own behind",
			att->address);
}

/* It is bound already, or may be. */
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
	att->bound = false; /* it is all or nothing */
	return problem_report(ctl, err);
}

/* From one VFIO driver to the other there is no way through unbind. */
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
	if (err) {
		char *why = problem_explain(ctl, err);

		ctl_warn(ctl, "%s stays bound to " DRIVER ": %s", att->address,
			 why ? why : strerror(-err));
		free(why);
	}
}

static void show(struct ctl *ctl, const struct attachment *att, int slot)
{
	const char *name = vfio_xen_guest_get_name(att->guest);
	int domid = vfio_xen_guest_get_domid(att->guest);
	struct json_object *root;

	if (!has_option(ctl, OPT_JSON)) {
		ctl_hint(ctl, "%s is in slot %d of domain %d (%s)",
			 att->address, slot, domid, name ? name : "no name");
		return;
	}
	root = json_object_new_object();
	json_add_string(root, "device", att->address);
	json_object_object_add(root, "domid", json_object_new_int(domid));
	json_add_string(root, "uuid", att->request.uuid);
	json_add_string(root, "name", name);
	json_object_object_add(root, "slot", json_object_new_int(slot));
	json_print(ctl, root);
}

/* vfio-xen-dm may have said that it was interrupted, and what has become of it. */
static bool is_refused(struct ctl *ctl)
{
	return vfio_xen_problem_get_kind(vfio_xen_get_problem(ctl->lib)) ==
	       VFIO_XEN_PROBLEM_DM_REFUSED;
}

static int attach(struct ctl *ctl, const struct attachment *att)
{
	int err, slot;

	if (request_is_interrupted(att->request.cancel_fd))
		return ctl_fail(ctl, EXIT_FAILED, "interrupted");
	err = vfio_xen_attach(ctl->lib, &att->request, &slot);
	if (err && !is_refused(ctl) &&
	    request_is_interrupted(att->request.cancel_fd))
		return ctl_fail(ctl, EXIT_FAILED, "interrupted");
	if (err)
		return problem_report(ctl, err);
	show(ctl, att, slot);
	return EXIT_OK;
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

static int find_guest(struct ctl *ctl, struct attachment *att)
{
	int err = vfio_xen_guest_find_for_device(
		ctl->lib, ctl->args.operands[0], &att->guest);

	if (err)
		return problem_report(ctl, err);
	att->request.uuid = vfio_xen_guest_get_uuid(att->guest);
	return EXIT_OK;
}

static int run(struct ctl *ctl, struct attachment *att)
{
	uint32_t sbdf;
	int code = operand_to_sbdf(ctl, ctl->args.operands[1], &sbdf);

	if (code)
		return code;
	vfio_xen_sbdf_format(sbdf, att->address);
	code = request_fill(ctl, sbdf, &att->request);
	if (!code)
		code = find_guest(ctl, att);
	if (code)
		return code;
	att->request.cancel_fd = request_block_signals();
	return take_and_attach(ctl, att);
}

int run_attach(struct ctl *ctl)
{
	struct attachment att = { .request = VFIO_XEN_REQUEST_INIT };
	int code;

	if (ctl->args.nr_operands != 2)
		return ctl_fail(ctl, EXIT_USAGE,
				"attach takes a guest and a device: " PROGRAM
				" attach DOMAIN SBDF");
	code = run(ctl, &att);
	if (att.request.cancel_fd >= 0)
		close(att.request.cancel_fd);
	vfio_xen_guest_free(att.guest);
	free(att.former);
	return code;
}
