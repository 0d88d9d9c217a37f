/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vfio-pci-core's interface for drivers, and driver_override. The code is
 * written for the newest kernel; this file adapts it to older ones.
 */
#ifndef COMPAT_VFIO_H
#define COMPAT_VFIO_H

#include <linux/device.h>
#include <linux/errno.h>
#include <linux/pci.h>
#include <linux/string.h>
#include <linux/vfio_pci_core.h>

#ifndef HAVE_DEVICE_OVERRIDE
/* An empty name is none. */
static inline int device_set_driver_override(struct device *dev,
					     const char *name)
{
	return driver_set_override(dev, &to_pci_dev(dev)->driver_override, name,
				   strlen(name));
}

/*
 * The lock of the device protects the name. Whoever binds, removes or resets the device
 * can have it for as long as a user likes. Then the driver that is bound answers.
 */
static inline bool driver_override_is(struct device *dev,
				      const struct device_driver *drv)
{
	const char *name;
	bool ret;

	if (!device_trylock(dev))
		return READ_ONCE(dev->driver) == drv;
	name = to_pci_dev(dev)->driver_override;
	ret = name && !strcmp(name, drv->name);
	device_unlock(dev);
	return ret;
}
#else
static inline bool driver_override_is(struct device *dev,
				      const struct device_driver *drv)
{
	int ret = device_match_driver_override(dev, drv);

	/* For sparse, which does not see where a guard ends */
	__release(dev->driver_override.lock);
	return ret > 0;
}
#endif

/* Otherwise match() checks the token of a virtual function. */
#ifdef HAVE_MATCH_TOKEN_UUID
#define VFIO_OPS_MATCH_TOKEN	.match_token_uuid = vfio_pci_core_match_token_uuid,
#else
#define VFIO_OPS_MATCH_TOKEN
#endif

/*
 * Only older kernels pass VFIO_DEVICE_GET_REGION_INFO to the driver's ioctl().
 */
#ifdef HAVE_REGION_INFO_CAPS
#define VFIO_OPS_REGION_INFO(f)	.get_region_info_caps = (f),
#else
#define VFIO_OPS_REGION_INFO(f)

static inline int vfio_pci_ioctl_get_region_info(struct vfio_device *vdev,
						 struct vfio_region_info *info,
						 struct vfio_info_cap *caps)
{
	return -ENOTTY;
}
#endif

#endif
