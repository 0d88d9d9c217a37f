// SPDX-License-Identifier: GPL-2.0-only
/*
 * Select the devices of a call, and check whether they may be bound or given
 * back. Nothing here changes a device.
 */
#include <errno.h>
#include <string.h>

#include "internal.h"

static bool set_has(const struct device_set *set,
		    const struct vfio_xen_device *dev)
{
	for (size_t i = 0; i < set->nr; i++)
		if (set->devs[i] == dev)
			return true;
	return false;
}

/* The array has room for every device of the host. */
static void set_add(struct device_set *set, struct vfio_xen_device *dev)
{
	if (!set_has(set, dev))
		set->devs[set->nr++] = dev;
}

static void set_add_group(struct device_set *set,
			  const struct vfio_xen_group *group)
{
	struct vfio_xen_device *dev;

	vfio_xen_group_device_foreach(group, dev)
		if (!vfio_xen_device_is_bridge(dev))
			set_add(set, dev);
}

/* On success the caller frees set->devs. */
int set_build(struct vfio_xen_ctx *ctx, struct device_set *set,
	      const uint32_t *sbdfs, size_t nr_sbdfs, unsigned int flags)
{
	autofree struct vfio_xen_device **devs = NULL;

	devs = calloc(ctx->nr_devices + 1, sizeof(struct vfio_xen_device *));
	if (!devs)
		return -ENOMEM;
	*set = (struct device_set){ .devs = devs };
	for (size_t i = 0; i < nr_sbdfs; i++) {
		struct vfio_xen_device *dev;

		dev = vfio_xen_device_get_by_sbdf(ctx, sbdfs[i]);
		if (!dev)
			return problem_set(ctx, VFIO_XEN_PROBLEM_NO_DEVICE,
					   -ENODEV, sbdfs[i], NULL);
		set_add(set, dev);
		if (flags & VFIO_XEN_WHOLE_GROUP && dev->group)
			set_add_group(set, dev->group);
	}
	devs = NULL;
	return 0;
}

/* A host driver in the group would keep VFIO from opening the group. */
static int check_siblings(const struct device_set *set,
			  struct vfio_xen_device *dev)
{
	struct vfio_xen_device *other;

	vfio_xen_group_device_foreach(dev->group, other) {
		if (set_has(set, other) || vfio_xen_device_is_bridge(other))
			continue;
		if (other->driver && !device_shares_group(other))
			return problem_set_other(dev->ctx, dev->sbdf,
						 other->sbdf, other->driver);
	}
	return 0;
}

static bool is_pciback(const struct vfio_xen_device *dev)
{
	return dev->driver && !strcmp(dev->driver, "pciback");
}

static int check_guest(struct vfio_xen_device *dev)
{
	int domid = dev->owner_domid;

	if (dev->owner != VFIO_XEN_OWNER_GUEST)
		domid = xen_get_pci_domid(dev->ctx, dev->sbdf);
	if (domid < 0)
		return 0;
	return problem_set_id(dev->ctx, VFIO_XEN_PROBLEM_GUEST, -EBUSY,
			      dev->sbdf, domid, NULL);
}

static int check_owner(struct vfio_xen_device *dev)
{
	int err = check_guest(dev);

	if (err)
		return err;
	if (is_pciback(dev))
		return problem_set(dev->ctx, VFIO_XEN_PROBLEM_PCIBACK, -EBUSY,
				   dev->sbdf, NULL);
	return 0;
}

/*
 * While a guest may still access a device, its DMA is blocked, and a host
 * driver cannot use it.
 */
static int check_reach(struct vfio_xen_device *dev)
{
	if (dev->bars_exposed_to < 0)
		return 0;
	return problem_set_id(dev->ctx, VFIO_XEN_PROBLEM_REACHABLE, -EBUSY,
			      dev->sbdf, dev->bars_exposed_to, NULL);
}

/* Moving a device between two VFIO drivers must not hang either. */
static int check_holder(struct vfio_xen_device *dev, unsigned int flags)
{
	if (flags & VFIO_XEN_WAIT || !device_has_vfio_driver(dev))
		return 0;
	return holder_check(dev);
}

static int check_bind(const struct device_set *set, struct vfio_xen_device *dev,
		      const char *driver, unsigned int flags)
{
	int err;

	if (vfio_xen_device_is_bridge(dev))
		return problem_set(dev->ctx, VFIO_XEN_PROBLEM_BRIDGE, -EINVAL,
				   dev->sbdf, NULL);
	if (!dev->group)
		return problem_set(dev->ctx, VFIO_XEN_PROBLEM_NO_GROUP, -ENODEV,
				   dev->sbdf, NULL);
	err = check_siblings(set, dev);
	if (err || (dev->driver && !strcmp(dev->driver, driver)))
		return err;
	err = check_owner(dev);
	if (!err)
		err = check_holder(dev, flags);
	if (!err && !(flags & VFIO_XEN_FORCE))
		err = inuse_check(dev);
	return err;
}

int set_check_bind(const struct device_set *set, const char *driver,
		   unsigned int flags)
{
	int err = 0;

	for (size_t i = 0; !err && i < set->nr; i++)
		err = check_bind(set, set->devs[i], driver, flags);
	return err;
}

/* The guest says more to the user than the process that serves it. */
static int check_unbind(struct vfio_xen_device *dev, unsigned int flags)
{
	int err;

	if (!(flags & VFIO_XEN_WAIT) && dev->owner == VFIO_XEN_OWNER_GUEST &&
	    (device_has_vfio_driver(dev) || is_pciback(dev)))
		return check_guest(dev);
	err = check_reach(dev);
	return err ? err : check_holder(dev, flags);
}

int set_check_unbind(const struct device_set *set, unsigned int flags)
{
	int err = 0;

	for (size_t i = 0; !err && i < set->nr; i++)
		err = check_unbind(set->devs[i], flags);
	return err;
}
