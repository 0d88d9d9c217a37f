// SPDX-License-Identifier: GPL-2.0-only
/*
 * The functions of xen.c for a build without Xen's libraries: all fail with
 * -ENODEV.
 */
#include <errno.h>

#include "internal.h"

void xen_close(struct xen *xen)
{
	(void)xen;
}

int xen_get_free_bytes(struct vfio_xen_ctx *ctx, uint64_t *bytes)
{
	(void)ctx, (void)bytes;
	return -ENODEV;
}

int xen_get_pool_bytes(struct vfio_xen_ctx *ctx, int domid, uint64_t *bytes)
{
	(void)ctx, (void)domid, (void)bytes;
	return -ENODEV;
}

char *xen_get_domid_name(struct vfio_xen_ctx *ctx, int domid)
{
	(void)ctx, (void)domid;
	return NULL;
}

int xen_get_guests(struct vfio_xen_ctx *ctx, struct vfio_xen_guest **guests,
		   size_t *nr_guests)
{
	(void)ctx, (void)guests, (void)nr_guests;
	return -ENODEV;
}

int xen_get_pci_domid(struct vfio_xen_ctx *ctx, uint32_t sbdf)
{
	(void)ctx, (void)sbdf;
	return -ENODEV;
}

int xen_has_iommu(struct vfio_xen_ctx *ctx)
{
	(void)ctx;
	return -ENODEV;
}

int xen_read_ring(struct vfio_xen_ctx *ctx, char *buffer, unsigned int *size,
		  uint32_t *index)
{
	(void)ctx, (void)buffer, (void)size, (void)index;
	return -ENODEV;
}

int xen_read_command_line(struct vfio_xen_ctx *ctx, char **text)
{
	(void)ctx, (void)text;
	return -ENODEV;
}
