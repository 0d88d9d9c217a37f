// SPDX-License-Identifier: GPL-2.0-only
/*
 * What xen.c does, for tests: the domains are those of fake_guests.
 */
#include <errno.h>
#include <string.h>

#include "fake-host.h"
#include "internal.h"

const struct fake_guest *fake_guests;
int fake_xen_iommu = -EPERM;
const char *fake_xen_log;
const char *fake_xen_command_line;

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
	size_t nr = 0;

	(void)ctx;
	if (!fake_guests)
		return -ENODEV;
	while (fake_guests[nr].uuid)
		nr++;
	*guests = calloc(nr + 1, sizeof(**guests));
	if (!*guests)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++) {
		struct vfio_xen_guest *guest = &(*guests)[i];

		guest->domid = fake_guests[i].domid;
		guest->kind = fake_guests[i].kind;
		guest->ended = fake_guests[i].ended;
		snprintf(guest->uuid, sizeof(guest->uuid), "%s",
			 fake_guests[i].uuid);
		if (fake_guests[i].name)
			guest->name = strdup(fake_guests[i].name);
	}
	*nr_guests = nr;
	return 0;
}

int xen_get_pci_domid(struct vfio_xen_ctx *ctx, uint32_t sbdf)
{
	(void)ctx, (void)sbdf;
	return -ENODEV;
}

int xen_has_iommu(struct vfio_xen_ctx *ctx)
{
	(void)ctx;
	return fake_xen_iommu;
}

static int copy_text(const char *from, char **text)
{
	if (!from)
		return -EPERM;
	*text = strdup(from);
	return *text ? 0 : -ENOMEM;
}

int xen_read_log(struct vfio_xen_ctx *ctx, char **text)
{
	(void)ctx;
	return copy_text(fake_xen_log, text);
}

int xen_read_command_line(struct vfio_xen_ctx *ctx, char **text)
{
	(void)ctx;
	return copy_text(fake_xen_command_line, text);
}
