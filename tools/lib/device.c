// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCI devices as the last scan found them.
 */
#include <errno.h>

#include "libpci.h"

void device_free(struct vfio_xen_device *dev)
{
	if (!dev)
		return;
	names_free(dev->names);
	free(dev->driver);
	free(dev->former_driver);
	free(dev->reset_method);
	free(dev->vectors);
	free(dev);
}

void devices_free(struct vfio_xen_ctx *ctx)
{
	for (size_t i = 0; i < ctx->nr_devices; i++)
		device_free(ctx->devices[i]);
	free(ctx->devices);
	ctx->devices = NULL;
	ctx->nr_devices = 0;
}

/* Read the link again: libpci would return what it saw during the scan. */
void device_refresh_driver(struct vfio_xen_device *dev)
{
	free(dev->driver);
	dev->driver = file_link_name(dev->ctx, "/sys/bus/pci/devices/%s/driver",
				     dev->address);
	dev->has_vfio_dev = file_exists(
		dev->ctx, "/sys/bus/pci/devices/%s/vfio-dev", dev->address);
}

bool device_has_vfio_driver(const struct vfio_xen_device *dev)
{
	return dev->driver &&
	       (dev->has_vfio_dev || driver_is_vfio(dev->driver));
}

bool device_shares_group(const struct vfio_xen_device *dev)
{
	return device_has_vfio_driver(dev) ||
	       (dev->driver && driver_leaves_dma(dev->driver));
}

struct vfio_xen_device *vfio_xen_device_get_first(struct vfio_xen_ctx *ctx)
{
	return ctx->nr_devices ? ctx->devices[0] : NULL;
}

struct vfio_xen_device *
vfio_xen_device_get_next(const struct vfio_xen_device *dev)
{
	size_t next = dev->index + 1;

	return next < dev->ctx->nr_devices ? dev->ctx->devices[next] : NULL;
}

struct vfio_xen_device *vfio_xen_device_get_by_sbdf(struct vfio_xen_ctx *ctx,
						    uint32_t sbdf)
{
	for (size_t i = 0; i < ctx->nr_devices; i++)
		if (ctx->devices[i]->sbdf == sbdf)
			return ctx->devices[i];
	return NULL;
}

uint32_t vfio_xen_device_get_sbdf(const struct vfio_xen_device *dev)
{
	return dev->sbdf;
}

const char *vfio_xen_device_get_address(const struct vfio_xen_device *dev)
{
	return dev->address;
}

const struct vfio_xen_group *
vfio_xen_device_get_group(const struct vfio_xen_device *dev)
{
	return dev->group;
}

/*
 * Host, PCI, CardBus and semi-transparent bridges connect other devices, and
 * VFIO cannot use them. Other bridge classes, such as ISA, are functions with
 * drivers like any other.
 */
bool vfio_xen_device_is_bridge(const struct vfio_xen_device *dev)
{
	switch (dev->class) {
	case PCI_CLASS_BRIDGE_HOST:
	case PCI_CLASS_BRIDGE_PCI:
	case PCI_CLASS_BRIDGE_CARDBUS:
	case PCI_CLASS_BRIDGE_PCI_SEMI:
		return true;
	default:
		return false;
	}
}

const char *vfio_xen_device_get_driver(const struct vfio_xen_device *dev)
{
	return dev->driver;
}

const char *vfio_xen_device_get_former_driver(const struct vfio_xen_device *dev)
{
	return dev->former_driver;
}

const char *vfio_xen_device_get_reset_method(const struct vfio_xen_device *dev)
{
	return dev->reset_method;
}

enum vfio_xen_owner vfio_xen_device_get_owner(const struct vfio_xen_device *dev)
{
	return dev->owner;
}

int vfio_xen_device_get_owner_domid(const struct vfio_xen_device *dev)
{
	return dev->owner_domid;
}

int vfio_xen_device_get_bars_exposed_to(const struct vfio_xen_device *dev)
{
	return dev->bars_exposed_to;
}

bool vfio_xen_device_is_return_pending(const struct vfio_xen_device *dev)
{
	return dev->return_pending;
}

int vfio_xen_device_is_bus_master(const struct vfio_xen_device *dev)
{
	FILE *config = file_open(dev->ctx, "/sys/bus/pci/devices/%s/config",
				 dev->address);
	uint8_t head[PCI_COMMAND + 2];
	size_t nr;

	if (!config)
		return -EIO;
	nr = fread(head, 1, sizeof(head), config);
	fclose(config);
	/* A device that is gone reads as all ones. */
	if (nr < sizeof(head) || (head[0] == 0xff && head[1] == 0xff))
		return -EIO;
	return !!(head[PCI_COMMAND] & PCI_COMMAND_MASTER);
}
