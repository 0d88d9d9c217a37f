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
uint32_t fake_xen_log_first;
void (*fake_xen_log_read)(void);
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

/* From *index on if that is in the ring, or else from the ring's first character. */
int xen_read_ring(struct vfio_xen_ctx *ctx, char *buffer, unsigned int *size,
		  uint32_t *index)
{
	uint32_t from, len;

	(void)ctx;
	if (fake_xen_log_read)
		fake_xen_log_read();
	if (!fake_xen_log)
		return -EPERM;
	len = (uint32_t)strlen(fake_xen_log);
	from = *index - fake_xen_log_first;
	if (from > len)
		from = 0;
	if (*size > len - from)
		*size = len - from;
	memcpy(buffer, fake_xen_log + from, *size);
	*index = fake_xen_log_first + from + *size;
	return 0;
}

int xen_read_command_line(struct vfio_xen_ctx *ctx, char **text)
{
	(void)ctx;
	return copy_text(fake_xen_command_line, text);
}
