/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Xen's log, which is a ring: what is old is overwritten.
 */
#ifndef XEN_LOG_H
#define XEN_LOG_H

#include "internal.h"

/* How far it has been read: characters since Xen has started, modulo 2^32. */
struct xen_log {
	uint32_t index;
};

/* What has been read. It may have NULs in it; the caller frees text. */
struct xen_log_text {
	char *text; /* with a NUL after it */
	size_t len;
	uint32_t lost; /* characters before it that were overwritten or cleared */
};

/* All that is in it, as a string that the caller frees. */
int xen_log_read_all(struct vfio_xen_ctx *ctx, char **text);
/* What is new. On failure, nothing has changed. */
int xen_log_read(struct vfio_xen_ctx *ctx, struct xen_log *log,
		 struct xen_log_text *text);

#endif
