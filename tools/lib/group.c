// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU groups: the units in which VFIO assigns devices.
 */
#include <errno.h>

#include "internal.h"

void groups_free(struct vfio_xen_ctx *ctx)
{
	for (size_t i = 0; i < ctx->nr_groups; i++)
		free(ctx->groups[i]);
	free(ctx->groups);
	ctx->groups = NULL;
	ctx->nr_groups = 0;
}

static int compare_groups(const void *a, const void *b)
{
	const struct vfio_xen_group *const *left = a, *const *right = b;

	return ((*left)->number > (*right)->number) -
	       ((*left)->number < (*right)->number);
}

static int groups_add(struct vfio_xen_ctx *ctx, int number)
{
	struct vfio_xen_group **grown;

	if (number < 0 || vfio_xen_group_get_by_number(ctx, number))
		return 0;
	grown = reallocarray(ctx->groups, ctx->nr_groups + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	ctx->groups = grown;
	grown[ctx->nr_groups] = calloc(1, sizeof(**grown));
	if (!grown[ctx->nr_groups])
		return -ENOMEM;
	grown[ctx->nr_groups]->ctx = ctx;
	grown[ctx->nr_groups]->number = number;
	ctx->nr_groups++;
	return 0;
}

int groups_build(struct vfio_xen_ctx *ctx)
{
	struct vfio_xen_device *dev;
	int err;

	vfio_xen_device_foreach(ctx, dev) {
		err = groups_add(ctx, dev->group_number);
		if (err)
			return err;
	}
	if (ctx->nr_groups)
		qsort(ctx->groups, ctx->nr_groups, sizeof(*ctx->groups),
		      compare_groups);
	for (size_t i = 0; i < ctx->nr_groups; i++)
		ctx->groups[i]->index = i;
	vfio_xen_device_foreach(ctx, dev)
		dev->group =
			vfio_xen_group_get_by_number(ctx, dev->group_number);
	return 0;
}

struct vfio_xen_group *vfio_xen_group_get_first(struct vfio_xen_ctx *ctx)
{
	return ctx->nr_groups ? ctx->groups[0] : NULL;
}

struct vfio_xen_group *
vfio_xen_group_get_next(const struct vfio_xen_group *group)
{
	size_t next = group->index + 1;

	return next < group->ctx->nr_groups ? group->ctx->groups[next] : NULL;
}

struct vfio_xen_group *vfio_xen_group_get_by_number(struct vfio_xen_ctx *ctx,
						    int number)
{
	for (size_t i = 0; i < ctx->nr_groups; i++)
		if (ctx->groups[i]->number == number)
			return ctx->groups[i];
	return NULL;
}

int vfio_xen_group_get_number(const struct vfio_xen_group *group)
{
	return group->number;
}

enum vfio_xen_group_state
vfio_xen_group_get_state(const struct vfio_xen_group *group)
{
	bool host = false, vfio = false;
	struct vfio_xen_device *dev;

	vfio_xen_group_device_foreach(group, dev) {
		if (!dev->driver || vfio_xen_device_is_bridge(dev))
			continue;
		if (device_has_vfio_driver(dev))
			vfio = true;
		else if (!device_shares_group(dev))
			host = true;
	}
	if (host && vfio)
		return VFIO_XEN_GROUP_MIXED;
	if (host)
		return VFIO_XEN_GROUP_HOST;
	return vfio ? VFIO_XEN_GROUP_VFIO : VFIO_XEN_GROUP_FREE;
}

/* The first device of the group, starting at @dev. */
static struct vfio_xen_device *next_member(const struct vfio_xen_group *group,
					   struct vfio_xen_device *dev)
{
	while (dev && dev->group_number != group->number)
		dev = vfio_xen_device_get_next(dev);
	return dev;
}

struct vfio_xen_device *
vfio_xen_group_get_first_device(const struct vfio_xen_group *group)
{
	return next_member(group, vfio_xen_device_get_first(group->ctx));
}

struct vfio_xen_device *
vfio_xen_group_get_next_device(const struct vfio_xen_device *dev)
{
	return next_member(dev->group, vfio_xen_device_get_next(dev));
}
