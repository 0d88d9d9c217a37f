// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host: the release of Xen, and the type of this kernel's domain. All is
 * read from sysfs, so it works without Xen's libraries.
 */
#include <string.h>

#include "internal.h"

bool host_is_xen(struct vfio_xen_ctx *ctx)
{
	char type[16];

	return !file_read_line(ctx, type, sizeof(type),
			       "/sys/hypervisor/type") &&
	       !strcmp(type, "xen");
}

char *host_read_xen_version(struct vfio_xen_ctx *ctx)
{
	char major[16], minor[16], extra[64];
	char *version;

	if (!host_is_xen(ctx))
		return NULL;
	if (file_read_line(ctx, major, sizeof(major),
			   "/sys/hypervisor/version/major") ||
	    file_read_line(ctx, minor, sizeof(minor),
			   "/sys/hypervisor/version/minor") ||
	    file_read_line(ctx, extra, sizeof(extra),
			   "/sys/hypervisor/version/extra"))
		return NULL;
	if (asprintf(&version, "%s.%s%s", major, minor, extra) < 0)
		return NULL;
	return version;
}

/* The capabilities that xenfs shows: "control_d" in dom0, empty in a domU. */
bool host_is_dom0(struct vfio_xen_ctx *ctx)
{
	char text[64];

	return !file_read_line(ctx, text, sizeof(text),
			       "/proc/xen/capabilities") &&
	       strstr(text, "control_d");
}
