// SPDX-License-Identifier: GPL-2.0-only
/*
 * The only file that calls Xen's libraries. no-xen.c replaces it in a build
 * without them.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <xenctrl.h>
#include <xenstore.h>
#include <xentoollog.h>

#include "internal.h"

struct xen {
	xc_interface *xc;
	struct xs_handle *xs;
	xentoollog_logger logger;
};

/* libxenctrl would print to stderr; errno says enough. */
static void discard_message(xentoollog_logger *logger, xentoollog_level level,
			    int err, const char *context, const char *format,
			    va_list args)
{
	(void)logger, (void)level, (void)err, (void)context, (void)format;
	(void)args;
}

static void discard_progress(xentoollog_logger *logger, const char *context,
			     const char *what, int percent, unsigned long done,
			     unsigned long total)
{
	(void)logger, (void)context, (void)what, (void)percent, (void)done;
	(void)total;
}

static void keep_logger(xentoollog_logger *logger)
{
	(void)logger;
}

/*
 * Returns NULL on a host without Xen. The user of a missing handle reports it.
 */
static struct xen *xen_open(struct vfio_xen_ctx *ctx)
{
	struct xen *xen;

	if (ctx->xen)
		return ctx->xen;
	if (!host_is_xen(ctx))
		return NULL;
	xen = calloc(1, sizeof(*xen));
	if (!xen)
		return NULL;
	xen->logger.vmessage = discard_message;
	xen->logger.progress = discard_progress;
	xen->logger.destroy = keep_logger;
	xen->xc = xc_interface_open(&xen->logger, &xen->logger, 0);
	/* Opening the xenbus device would hang before xenstored has started. */
	xen->xs = xs_open(XS_OPEN_SOCKETONLY);
	ctx->xen = xen;
	return xen;
}

void xen_close(struct xen *xen)
{
	if (!xen)
		return;
	if (xen->xc)
		xc_interface_close(xen->xc);
	if (xen->xs)
		xs_close(xen->xs);
	free(xen);
}

int xen_get_free_bytes(struct vfio_xen_ctx *ctx, uint64_t *bytes)
{
	struct xen *xen = xen_open(ctx);
	xc_physinfo_t info = { 0 };

	if (!xen || !xen->xc)
		return -ENODEV;
	if (xc_physinfo(xen->xc, &info))
		return -errno;
	*bytes = info.free_pages * PAGE_BYTES;
	return 0;
}

int xen_get_pool_bytes(struct vfio_xen_ctx *ctx, int domid, uint64_t *bytes)
{
	struct xen *xen = xen_open(ctx);

	if (!xen || !xen->xc)
		return -ENODEV;
	if (xc_get_paging_mempool_size(xen->xc, (uint32_t)domid, bytes))
		return -errno;
	return 0;
}

static char *read_node(struct vfio_xen_ctx *ctx, const char *path)
{
	struct xen *xen = xen_open(ctx);
	unsigned int len;

	if (!xen || !xen->xs)
		return NULL;
	return xs_read(xen->xs, XBT_NULL, path, &len);
}

char *xen_get_domid_name(struct vfio_xen_ctx *ctx, int domid)
{
	char path[64];

	snprintf(path, sizeof(path), "/local/domain/%d/name", domid);
	return read_node(ctx, path);
}

/* A PVH guest has no device model, and of a PC only the local APIC. */
static enum vfio_xen_guest_kind kind_of(const xc_domaininfo_t *info)
{
	if (!(info->flags & XEN_DOMINF_hvm_guest))
		return VFIO_XEN_GUEST_PV;
	return info->arch_config.emulation_flags & XEN_X86_EMU_IOAPIC ?
		       VFIO_XEN_GUEST_HVM :
		       VFIO_XEN_GUEST_PVH;
}

static void format_uuid(const uint8_t *handle, char uuid[37])
{
	snprintf(
		uuid, 37,
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		handle[0], handle[1], handle[2], handle[3], handle[4],
		handle[5], handle[6], handle[7], handle[8], handle[9],
		handle[10], handle[11], handle[12], handle[13], handle[14],
		handle[15]);
}

static void fill_guest(struct vfio_xen_ctx *ctx, struct vfio_xen_guest *guest,
		       const xc_domaininfo_t *info)
{
	guest->domid = (int)info->domain;
	guest->kind = kind_of(info);
	guest->ended = info->flags & (XEN_DOMINF_dying | XEN_DOMINF_shutdown);
	format_uuid(info->handle, guest->uuid);
	guest->name = xen_get_domid_name(ctx, guest->domid);
}

#define MAX_DOMAINS 1024 /* more than a host can run */

int xen_get_guests(struct vfio_xen_ctx *ctx, struct vfio_xen_guest **guests,
		   size_t *nr_guests)
{
	struct xen *xen = xen_open(ctx);
	autofree xc_domaininfo_t *infos = NULL;
	int nr;

	if (!xen || !xen->xc)
		return geteuid() && xen ? -EACCES : -ENODEV;
	infos = calloc(MAX_DOMAINS, sizeof(*infos));
	if (!infos)
		return -ENOMEM;
	nr = xc_domain_getinfolist(xen->xc, 1, MAX_DOMAINS, infos);
	if (nr < 0)
		return -errno;
	*guests = calloc((size_t)nr + 1, sizeof(**guests));
	if (!*guests)
		return -ENOMEM;
	for (int i = 0; i < nr; i++)
		fill_guest(ctx, &(*guests)[i], &infos[i]);
	*nr_guests = (size_t)nr;
	return 0;
}

/* libxl writes here which guest it assigned a device to. */
int xen_get_pci_domid(struct vfio_xen_ctx *ctx, uint32_t sbdf)
{
	autofree char *value = NULL;
	uint64_t domid;
	char path[64];

	snprintf(path, sizeof(path), "/libxl/pci/%04x-%02x-%02x-%x/domid",
		 sbdf >> 16, sbdf >> 8 & 0xff, sbdf >> 3 & 0x1f, sbdf & 7);
	value = read_node(ctx, path);
	if (!value || parse_u64(value, &domid) || domid > 0x7fff)
		return -ENOENT;
	return (int)domid;
}

/* ---- what it says of itself ---- */

int xen_has_iommu(struct vfio_xen_ctx *ctx)
{
	struct xen *xen = xen_open(ctx);
	xc_physinfo_t info = { 0 };

	if (!xen || !xen->xc)
		return -ENODEV;
	if (xc_physinfo(xen->xc, &info))
		return -errno;
	return !!(info.capabilities & XEN_SYSCTL_PHYSCAP_directio);
}

int xen_read_ring(struct vfio_xen_ctx *ctx, char *buffer, unsigned int *size,
		  uint32_t *index)
{
	struct xen *xen = xen_open(ctx);

	if (!xen || !xen->xc)
		return geteuid() && xen ? -EACCES : -ENODEV;
	if (xc_readconsolering(xen->xc, buffer, size, 0, 1, index))
		return -errno;
	return 0;
}

int xen_read_command_line(struct vfio_xen_ctx *ctx, char **text)
{
	struct xen *xen = xen_open(ctx);
	xen_commandline_t line;

	if (!xen || !xen->xc)
		return -ENODEV;
	if (xc_version(xen->xc, XENVER_commandline, &line) < 0)
		return -errno;
	*text = strndup(line, sizeof(line));
	return *text ? 0 : -ENOMEM;
}
