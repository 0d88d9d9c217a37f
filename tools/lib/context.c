// SPDX-License-Identifier: GPL-2.0-only
/*
 * The context: its settings, and the objects that it owns.
 */
#include <errno.h>
#include <string.h>

#include "libpci.h"

int vfio_xen_new(struct vfio_xen_ctx **ctx)
{
	struct vfio_xen_ctx *new = calloc(1, sizeof(*new));
	int err;

	if (!new)
		return -ENOMEM;
	err = vfio_xen_set_root(new, "");
	if (err) {
		free(new);
		return err;
	}
	*ctx = new;
	return 0;
}

void vfio_xen_free(struct vfio_xen_ctx *ctx)
{
	if (!ctx)
		return;
	groups_free(ctx);
	devices_free(ctx);
	libpci_free(ctx->names);
	xen_close(ctx->xen);
	problem_clear(ctx);
	free(ctx->root);
	free(ctx);
}

int vfio_xen_set_root(struct vfio_xen_ctx *ctx, const char *root)
{
	char *copy = strdup(root);

	if (!copy)
		return -ENOMEM;
	free(ctx->root);
	ctx->root = copy;
	return 0;
}

void vfio_xen_set_log_fn(struct vfio_xen_ctx *ctx, vfio_xen_log_fn fn,
			 void *data)
{
	ctx->log_fn = fn;
	ctx->log_data = data;
}

void vfio_xen_set_ops(struct vfio_xen_ctx *ctx, const struct vfio_xen_ops *ops,
		      void *data)
{
	ctx->ops = ops;
	ctx->ops_data = data;
}
