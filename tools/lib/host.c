// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host: which Xen it runs, what this kernel is to it, which modules it
 * has. Read from sysfs, so it works without Xen's libraries.
 */
#include <errno.h>
#include <string.h>

#include "internal.h"

struct vfio_xen_host {
	struct vfio_xen_ctx *ctx;
	char *version;
	char guest_type[16];
	bool dom0;
	bool xen_iommu;
	bool unsafe_interrupts;
};

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

/* What xenfs says dom0 may do; a domU's is empty. */
bool host_is_dom0(struct vfio_xen_ctx *ctx)
{
	char text[64];

	return !file_read_line(ctx, text, sizeof(text),
			       "/proc/xen/capabilities") &&
	       strstr(text, "control_d");
}

int vfio_xen_host_new(struct vfio_xen_ctx *ctx, struct vfio_xen_host **host)
{
	struct vfio_xen_host *new = calloc(1, sizeof(*new));

	problem_clear(ctx);
	if (!new)
		return -ENOMEM;
	new->ctx = ctx;
	new->xen_iommu = file_exists(ctx, "/sys/module/vfio_xen_iommu");
	new->unsafe_interrupts = module_parameter_is_set(
		ctx, "vfio_iommu_type1", "allow_unsafe_interrupts");
	if (host_is_xen(ctx)) {
		new->version = host_read_xen_version(ctx);
		new->dom0 = host_is_dom0(ctx);
		if (file_read_line(ctx, new->guest_type,
				   sizeof(new->guest_type),
				   "/sys/hypervisor/guest_type"))
			new->guest_type[0] = '\0';
	}
	*host = new;
	return 0;
}

void vfio_xen_host_free(struct vfio_xen_host *host)
{
	if (!host)
		return;
	free(host->version);
	free(host);
}

const char *vfio_xen_host_get_version(const struct vfio_xen_host *host)
{
	return host->version;
}

const char *vfio_xen_host_get_guest_type(const struct vfio_xen_host *host)
{
	return *host->guest_type ? host->guest_type : NULL;
}

bool vfio_xen_host_is_dom0(const struct vfio_xen_host *host)
{
	return host->dom0;
}

bool vfio_xen_host_has_xen_iommu(const struct vfio_xen_host *host)
{
	return host->xen_iommu;
}

bool vfio_xen_host_allows_unsafe_interrupts(const struct vfio_xen_host *host)
{
	return host->unsafe_interrupts;
}

int vfio_xen_host_get_free_bytes(const struct vfio_xen_host *host,
				 uint64_t *bytes)
{
	return xen_get_free_bytes(host->ctx, bytes);
}
