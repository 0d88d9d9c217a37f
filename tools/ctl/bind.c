// SPDX-License-Identifier: GPL-2.0-only
/*
 * bind and unbind: bind devices to VFIO, and give them back.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "journal.h"

static unsigned int make_flags(const struct ctl *ctl)
{
	unsigned int flags = 0;

	if (has_option(ctl, OPT_GROUP))
		flags |= VFIO_XEN_WHOLE_GROUP;
	if (has_option(ctl, OPT_FORCE))
		flags |= VFIO_XEN_FORCE;
	if (has_option(ctl, OPT_DRY_RUN))
		flags |= VFIO_XEN_DRY_RUN;
	if (has_option(ctl, OPT_WAIT))
		flags |= VFIO_XEN_WAIT;
	return flags;
}

/* Only Xen knows whether interrupts are isolated, and does not tell dom0. */
static void hint_interrupts(struct ctl *ctl)
{
	struct vfio_xen_host *host;

	if (vfio_xen_host_new(ctl->lib, &host))
		return;
	if (!vfio_xen_host_allows_unsafe_interrupts(host))
		ctl_hint(ctl,
			 "If opening the group fails with EPERM, VFIO does not "
			 "know interrupts to be isolated. To allow it all the "
			 "same: modprobe vfio_iommu_type1 "
			 "allow_unsafe_interrupts=1");
	vfio_xen_host_free(host);
}

/* The devices of a command */
struct operands {
	uint32_t *sbdfs;
	size_t nr;
	unsigned int flags;
	const char *driver;
	/* of unbind: persistent devices that are not there */
	char **lost;
	int nr_lost;
};

static int remember(struct ctl *ctl, const struct operands *operands,
		    unsigned int more_flags)
{
	int err = vfio_xen_scan(ctl->lib);

	return err ? err :
		     vfio_xen_remember(ctl->lib, operands->sbdfs, operands->nr,
				       ctl->args.name, operands->driver,
				       operands->flags | more_flags);
}

/* If remembering fails, devices that were bound before stay bound. */
static void keep_unbound(struct ctl *ctl, struct operands *operands)
{
	size_t nr = 0;

	for (size_t i = 0; i < operands->nr; i++) {
		struct vfio_xen_device *dev = vfio_xen_device_get_by_sbdf(
			ctl->lib, operands->sbdfs[i]);
		const char *driver = dev ? vfio_xen_device_get_driver(dev) :
					   NULL;

		if (!driver || strcmp(driver, operands->driver))
			operands->sbdfs[nr++] = operands->sbdfs[i];
	}
	operands->nr = nr;
}

static int undo_bind(struct ctl *ctl, const struct operands *unbound, int err)
{
	char *why = problem_explain(ctl, err);
	int code = ctl_fail(ctl, EXIT_FAILED, "%s", why ? why : strerror(-err));

	free(why);
	vfio_xen_unbind(ctl->lib, unbound->sbdfs, unbound->nr, unbound->flags);
	return code;
}

/* Check that the devices can be remembered before changing anything. */
static int bind_and_remember(struct ctl *ctl, const struct operands *operands,
			     struct operands *unbound)
{
	int err = remember(ctl, operands, VFIO_XEN_DRY_RUN | VFIO_XEN_NO_LOG);

	if (err)
		return problem_report(ctl, err);
	memcpy(unbound->sbdfs, operands->sbdfs,
	       operands->nr * sizeof(*operands->sbdfs));
	keep_unbound(ctl, unbound);
	err = vfio_xen_bind(ctl->lib, operands->sbdfs, operands->nr,
			    operands->driver, operands->flags);
	if (err)
		return problem_report(ctl, err);
	err = remember(ctl, operands, 0);
	if (err)
		return undo_bind(ctl, unbound, err);
	return initramfs_update(ctl, "the device is bound and remembered");
}

static int bind_persistent(struct ctl *ctl, const struct operands *operands)
{
	struct operands unbound = *operands;
	int code;

	unbound.sbdfs = calloc(operands->nr, sizeof(*operands->sbdfs));
	if (!unbound.sbdfs)
		return ctl_fail(ctl, EXIT_FAILED, "out of memory");
	code = bind_and_remember(ctl, operands, &unbound);
	free(unbound.sbdfs);
	return code;
}

/* Other devices of the group are not told. */
static void tell(struct ctl *ctl, const struct operands *operands,
		 const char *event)
{
	for (size_t i = 0; i < operands->nr; i++) {
		char address[VFIO_XEN_SBDF_SIZE], message[128];

		if (has_option(ctl, OPT_DRY_RUN))
			return;
		vfio_xen_sbdf_format(operands->sbdfs[i], address);
		snprintf(message, sizeof(message), "%s: %s", address, event);
		journal_send(event, address, message);
	}
}

static int bind(struct ctl *ctl, const struct operands *operands)
{
	int code = EXIT_OK, err;

	if (has_option(ctl, OPT_PERSISTENT)) {
		code = bind_persistent(ctl, operands);
	} else {
		err = vfio_xen_bind(ctl->lib, operands->sbdfs, operands->nr,
				    operands->driver, operands->flags);
		if (err)
			code = problem_report(ctl, err);
	}
	if (code)
		return code;
	tell(ctl, operands, "bound");
	hint_interrupts(ctl);
	return code;
}

/* Returns how many devices were forgotten, or -errno. */
static int unbind_present(struct ctl *ctl, const struct operands *operands)
{
	int err;

	if (!operands->nr)
		return 0;
	err = vfio_xen_unbind(ctl->lib, operands->sbdfs, operands->nr,
			      operands->flags);
	if (!err)
		err = vfio_xen_scan(ctl->lib);
	if (err)
		return err;
	tell(ctl, operands, "unbound");
	if (has_option(ctl, OPT_KEEP))
		return 0;
	return vfio_xen_forget(ctl->lib, operands->sbdfs, operands->nr,
			       operands->flags);
}

/* A device that could not be given back stays persistent, and so do those after it. */
static int unbind(struct ctl *ctl, const struct operands *operands)
{
	int nr = unbind_present(ctl, operands);

	for (int i = 0; nr >= 0 && i < operands->nr_lost; i++) {
		int ret = vfio_xen_forget_lost(ctl->lib, operands->lost[i],
					       operands->flags);

		nr = ret < 0 ? ret : nr + ret;
	}
	if (nr < 0)
		return problem_report(ctl, nr);
	return nr ? initramfs_update(ctl, "the device is forgotten") : EXIT_OK;
}

/* Whether the operand means a persistent device that is not there */
static bool is_lost(struct ctl *ctl, const char *operand)
{
	return vfio_xen_forget_lost(ctl->lib, operand,
				    VFIO_XEN_DRY_RUN | VFIO_XEN_NO_LOG) > 0;
}

/* Takes such operands from those of the command, and moves them behind. */
static void split_lost(struct ctl *ctl, struct operands *operands)
{
	char **all = ctl->args.operands;
	int nr = ctl->args.nr_operands, nr_present = 0;
	bool scanned = !vfio_xen_scan(ctl->lib);

	for (int i = 0; i < nr; i++) {
		char *operand = all[i];

		if (scanned && is_lost(ctl, operand))
			continue;
		all[i] = all[nr_present];
		all[nr_present++] = operand;
	}
	ctl->args.nr_operands = nr_present;
	operands->nr = (size_t)nr_present;
	operands->lost = all + nr_present;
	operands->nr_lost = nr - nr_present;
}

static int check_options(struct ctl *ctl)
{
	const char *name = ctl->args.name;

	if (!ctl->args.nr_operands)
		return ctl_fail(ctl, EXIT_USAGE,
				"no device given; see " PROGRAM " list");
	if (!name)
		return EXIT_OK;
	if (!has_option(ctl, OPT_PERSISTENT))
		return ctl_fail(ctl, EXIT_USAGE, "--name needs --persistent");
	if (ctl->args.nr_operands > 1)
		return ctl_fail(ctl, EXIT_USAGE,
				"--name takes one device only");
	if (!vfio_xen_name_is_valid(name))
		return ctl_fail(
			ctl, EXIT_USAGE,
			"invalid name \"%s\": use up to 64 letters, digits, \"_\", \"-\" and \".\", and no PCI address",
			name);
	return EXIT_OK;
}

static int run_both(struct ctl *ctl,
		    int (*run)(struct ctl *ctl,
			       const struct operands *operands))
{
	struct operands operands = {
		.nr = (size_t)ctl->args.nr_operands,
		.flags = make_flags(ctl),
		.driver = ctl->args.driver ? ctl->args.driver : "vfio-pci",
	};
	int code = check_options(ctl);

	if (code)
		return code;
	if (run == unbind && !has_option(ctl, OPT_KEEP))
		split_lost(ctl, &operands);
	code = operands_to_sbdfs(ctl, &operands.sbdfs);
	if (!code)
		code = run(ctl, &operands);
	free(operands.sbdfs);
	return code;
}

int run_bind(struct ctl *ctl)
{
	return run_both(ctl, bind);
}

int run_unbind(struct ctl *ctl)
{
	return run_both(ctl, unbind);
}
