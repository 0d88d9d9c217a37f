// SPDX-License-Identifier: GPL-2.0-only
/*
 * bind and unbind: devices to VFIO and back.
 */
#include <stdlib.h>

#include "ctl.h"

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

/* Only Xen knows whether interrupts are isolated, and does not tell. */
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

static int run_both(struct ctl *ctl, bool bind)
{
	const char *driver = ctl->args.driver ? ctl->args.driver : "vfio-pci";
	size_t nr = (size_t)ctl->args.nr_operands;
	unsigned int flags = make_flags(ctl);
	uint32_t *sbdfs;
	int code, err;

	if (!nr)
		return ctl_fail(ctl, EXIT_USAGE,
				"which device? See " PROGRAM " list");
	code = operands_to_sbdfs(ctl, &sbdfs);
	if (code) {
		free(sbdfs);
		return code;
	}
	err = bind ? vfio_xen_bind(ctl->lib, sbdfs, nr, driver, flags) :
		     vfio_xen_unbind(ctl->lib, sbdfs, nr, flags);
	free(sbdfs);
	if (err)
		return problem_report(ctl, err);
	if (bind)
		hint_interrupts(ctl);
	return EXIT_OK;
}

int run_bind(struct ctl *ctl)
{
	return run_both(ctl, true);
}

int run_unbind(struct ctl *ctl)
{
	return run_both(ctl, false);
}
