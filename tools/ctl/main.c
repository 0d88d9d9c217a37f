// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-xen-ctl: the host's PCI devices between their drivers and VFIO.
 */
#include <errno.h>
#include <string.h>

#include "ctl.h"

int main(int argc, char **argv)
{
	struct vfio_xen_ctx *lib;
	int err = vfio_xen_new(&lib);
	int code;

	if (err) {
		fprintf(stderr, PROGRAM ": %s\n", strerror(-err));
		return EXIT_FAILED;
	}
	code = ctl_main(lib, stdout, stderr, argc, argv);
	vfio_xen_free(lib);
	if (fclose(stdout)) {
		fprintf(stderr, PROGRAM ": cannot write the output: %s\n",
			strerror(errno));
		return EXIT_FAILED;
	}
	return code;
}
