// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host, as the library shows it to programs, modules included.
 */
#include <errno.h>

#include "internal.h"

struct vfio_xen_host {
	struct vfio_xen_ctx *ctx;
	char *version;
	char guest_type[16];
	bool dom0;
	bool xen_iommu;
	bool unsafe_interrupts;
};

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
