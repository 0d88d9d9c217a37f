// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bind PCI drivers to devices, and unbind them, through sysfs.
 *
 * A dry run only changes the object: its driver becomes what it would be.
 */
#include <errno.h>
#include <string.h>

#include "internal.h"

int driver_require(struct vfio_xen_ctx *ctx, const char *driver)
{
	int err;

	if (!*driver || strchr(driver, '/'))
		return problem_set(ctx, VFIO_XEN_PROBLEM_NO_DRIVER, -EINVAL, 0,
				   driver);
	if (file_exists(ctx, "/sys/bus/pci/drivers/%s", driver))
		return 0;
	err = module_load(ctx, driver);
	if (err && err != -ENOENT)
		return problem_set(ctx, VFIO_XEN_PROBLEM_MODULE, err, 0,
				   driver);
	if (!err && ctx->dry_run)
		return 0;
	if (err || !file_exists(ctx, "/sys/bus/pci/drivers/%s", driver))
		return problem_set(ctx, VFIO_XEN_PROBLEM_NO_DRIVER, -ENODEV, 0,
				   driver);
	return 0;
}

static int write_failed(struct vfio_xen_device *dev, int err, const char *what)
{
	return problem_set(dev->ctx, VFIO_XEN_PROBLEM_IO, err, dev->sbdf, what);
}

int driver_get_override(struct vfio_xen_device *dev, char override[NAME_SIZE])
{
	int err = file_read_line(dev->ctx, override, NAME_SIZE,
				 "/sys/bus/pci/devices/%s/driver_override",
				 dev->address);

	/* The kernel prints this for an unset override. */
	if (!err && !strcmp(override, "(null)"))
		*override = '\0';
	return err;
}

int driver_set_override(struct vfio_xen_device *dev, const char *driver)
{
	/*
	 * An empty string would cause no write; a newline clears the attribute.
	 */
	int err = file_write(dev->ctx, *driver ? driver : "\n",
			     "/sys/bus/pci/devices/%s/driver_override",
			     dev->address);

	return err ? write_failed(dev, err, "driver_override") : 0;
}

static int pretend_driver(struct vfio_xen_device *dev, const char *driver)
{
	free(dev->driver);
	dev->driver = driver ? strdup(driver) : NULL;
	dev->has_vfio_dev = false;
	return driver && !dev->driver ? -ENOMEM : 0;
}

static bool has_driver(const struct vfio_xen_device *dev, const char *driver)
{
	return dev->driver && !strcmp(dev->driver, driver);
}

int driver_attach(struct vfio_xen_device *dev, const char *driver)
{
	int err = file_write(dev->ctx, dev->address,
			     "/sys/bus/pci/drivers/%s/bind", driver);

	if (dev->ctx->dry_run)
		return pretend_driver(dev, driver);
	device_refresh_driver(dev);
	/*
	 * A driver that was just loaded may have taken the device already
	 * (EBUSY).
	 */
	if (has_driver(dev, driver))
		return 0;
	if (!err)
		err = -ENODEV;
	return problem_set(dev->ctx, VFIO_XEN_PROBLEM_NOT_TAKEN, err, dev->sbdf,
			   driver);
}

int driver_detach(struct vfio_xen_device *dev)
{
	int err;

	if (!dev->driver)
		return 0;
	err = file_write(dev->ctx, dev->address,
			 "/sys/bus/pci/drivers/%s/unbind", dev->driver);
	if (dev->ctx->dry_run)
		return pretend_driver(dev, NULL);
	device_refresh_driver(dev);
	/*
	 * Another process may have unbound the device meanwhile, which is as
	 * good.
	 */
	if (!dev->driver)
		return 0;
	return write_failed(dev, err ? err : -EBUSY, "unbind");
}

/* Let the kernel choose a driver. It is no error if none matches. */
int driver_probe(struct vfio_xen_device *dev)
{
	int err = file_write(dev->ctx, dev->address,
			     "/sys/bus/pci/drivers_probe");

	if (!dev->ctx->dry_run)
		device_refresh_driver(dev);
	return err ? write_failed(dev, err, "drivers_probe") : 0;
}
