// SPDX-License-Identifier: GPL-2.0-only
/*
 * The initramfs, which has a copy of the files of persistent devices.
 */
#include <string.h>

#include "ctl.h"

int initramfs_update(struct ctl *ctl, const char *done)
{
	const char *command = vfio_xen_initramfs_command(ctl->lib);

	if (!command) {
		ctl_warn(
			ctl,
			"this host has neither update-initramfs nor dracut; rebuild its initramfs, if it has one");
		return EXIT_OK;
	}
	if (has_option(ctl, OPT_NO_INITRAMFS)) {
		ctl_warn(
			ctl,
			"the initramfs still has the old list of devices; run %s before the next reboot",
			command);
		return EXIT_OK;
	}
	if (!vfio_xen_update_initramfs(ctl->lib, has_option(ctl, OPT_DRY_RUN) ?
							 VFIO_XEN_DRY_RUN :
							 0))
		return EXIT_OK;
	return ctl_fail(
		ctl, EXIT_FAILED,
		"%s, but the initramfs still has the old list of devices: %.*s failed; read its output, and run %s",
		done, (int)strcspn(command, " "), command, command);
}
