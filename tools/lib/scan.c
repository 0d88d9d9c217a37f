// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scan: creates all devices and groups from libpci, sysfs, vfio-xen-iommu
 * and /proc.
 */
#include <errno.h>
#include <string.h>

#include "libpci.h"

#define SCAN_FIELDS (PCI_FILL_IDENT | PCI_FILL_CLASS)

/* Read the link here: libpci would resolve each part of the path. */
static void device_read_group(struct vfio_xen_device *dev)
{
	autofree char *name = file_link_name(
		dev->ctx, "/sys/bus/pci/devices/%s/iommu_group", dev->address);
	uint64_t number;

	dev->group_number = -1;
	if (name && !parse_u64(name, &number) && number <= INT_MAX)
		dev->group_number = (int)number;
}

static void device_read_former(struct vfio_xen_device *dev)
{
	struct bind_record record;

	if (!bind_record_read(dev, &record) && *record.driver)
		dev->former_driver = strdup(record.driver);
}

/* The file is missing if the kernel found no reset method. */
static void device_read_reset(struct vfio_xen_device *dev)
{
	char line[128];

	if (!file_read_line(dev->ctx, line, sizeof(line),
			    "/sys/bus/pci/devices/%s/reset_method",
			    dev->address) &&
	    *line)
		dev->reset_method = strdup(line);
}

static struct vfio_xen_device *device_new(struct vfio_xen_ctx *ctx,
					  struct pci_dev *from)
{
	struct vfio_xen_device *dev = calloc(1, sizeof(*dev));

	if (!dev)
		return NULL;
	dev->names = names_new();
	if (!dev->names) {
		free(dev);
		return NULL;
	}
	dev->ctx = ctx;
	dev->sbdf = (uint32_t)from->domain << 16 | (uint32_t)from->bus << 8 |
		    (uint32_t)from->dev << 3 | from->func;
	vfio_xen_sbdf_format(dev->sbdf, dev->address);
	dev->vendor_id = from->vendor_id;
	dev->device_id = from->device_id;
	dev->class = from->device_class;
	device_read_group(dev);
	device_refresh_driver(dev);
	device_read_former(dev);
	device_read_reset(dev);
	return dev;
}

static int devices_add(struct vfio_xen_ctx *ctx, struct vfio_xen_device *dev)
{
	struct vfio_xen_device **grown;

	if (!dev)
		return -ENOMEM;
	grown = reallocarray(ctx->devices, ctx->nr_devices + 1, sizeof(*grown));
	if (!grown) {
		device_free(dev);
		return -ENOMEM;
	}
	grown[ctx->nr_devices++] = dev;
	ctx->devices = grown;
	return 0;
}

static int read_devices(struct pci_access *pci, void *data)
{
	struct vfio_xen_ctx *ctx = data;
	struct pci_dev *from;
	int err = 0;

	pci_init(pci);
	pci_scan_bus(pci);
	for (from = pci->devices; from && !err; from = from->next) {
		if (from->domain < 0 || from->domain > 0xffff)
			continue;
		pci_fill_info(from, SCAN_FIELDS);
		err = devices_add(ctx, device_new(ctx, from));
	}
	return err;
}

static int scan_pci(struct vfio_xen_ctx *ctx)
{
	autofree char *path = file_path(ctx, "/sys/bus/pci");
	struct libpci *libpci;
	char name[] = "sysfs.path";
	int err;

	if (!path)
		return -ENOMEM;
	if (!file_exists(ctx, "/sys/bus/pci/devices"))
		return problem_set(ctx, VFIO_XEN_PROBLEM_SCAN, -ENODEV, 0,
				   "this host has no PCI bus");
	err = libpci_new(&libpci);
	if (err)
		return err;
	libpci_get(libpci)->method = PCI_ACCESS_SYS_BUS_PCI;
	pci_set_param(libpci_get(libpci), name, path);
	err = libpci_call(libpci, read_devices, ctx);
	if (libpci_get_error(libpci))
		err = problem_set(ctx, VFIO_XEN_PROBLEM_SCAN, -EIO, 0,
				  libpci_get_error(libpci));
	libpci_free(libpci);
	return err;
}

static int compare_devices(const void *a, const void *b)
{
	const struct vfio_xen_device *const *left = a, *const *right = b;

	return ((*left)->sbdf > (*right)->sbdf) -
	       ((*left)->sbdf < (*right)->sbdf);
}

static void device_read_owner(struct vfio_xen_device *dev,
			      const struct vfio_xen_debugfs *debugfs)
{
	int domid;

	dev->owner_domid = -ENOENT;
	dev->bars_exposed_to = -ENOENT;
	dev->vectors_used = -ENOENT;
	dev->vectors_mapped = -ENOENT;
	if (debugfs) {
		dev->owner = vfio_xen_debugfs_get_owner(debugfs, dev->sbdf,
							&dev->owner_domid);
		dev->return_pending =
			vfio_xen_debugfs_is_return_pending(debugfs, dev->sbdf);
		dev->bars_exposed_to = vfio_xen_debugfs_get_bars_exposed_to(
			debugfs, dev->sbdf);
		/* vfio-xen-iommu updates this only when it needs it. */
		if (dev->bars_exposed_to >= 0 &&
		    !guest_may_run(dev->ctx, dev->bars_exposed_to))
			dev->bars_exposed_to = -ENOENT;
		vfio_xen_debugfs_get_vectors(debugfs, dev->sbdf,
					     &dev->vectors_used,
					     &dev->vectors_mapped);
	}
	if (!dev->driver || strcmp(dev->driver, "pciback"))
		return;
	domid = xen_get_pci_domid(dev->ctx, dev->sbdf);
	if (domid < 0)
		return;
	dev->owner = VFIO_XEN_OWNER_GUEST;
	dev->owner_domid = domid;
}

static int finish_devices(struct vfio_xen_ctx *ctx)
{
	struct vfio_xen_debugfs *debugfs = NULL;
	struct irqs *irqs = NULL;
	int err;

	if (ctx->nr_devices)
		qsort(ctx->devices, ctx->nr_devices, sizeof(*ctx->devices),
		      compare_devices);
	/* Without root or vfio-xen-iommu the owners stay unknown. */
	err = vfio_xen_debugfs_new(ctx, &debugfs);
	if (err)
		ctx_note(ctx, "owners are unknown: %s", strerror(-err));
	problem_clear(ctx);
	err = irqs_new(ctx, &irqs);
	if (err)
		ctx_note(ctx, "interrupts are unknown: %s", strerror(-err));
	err = 0;
	for (size_t i = 0; i < ctx->nr_devices && !err; i++) {
		struct vfio_xen_device *dev = ctx->devices[i];

		dev->index = i;
		device_read_owner(dev, debugfs);
		err = irqs_get(irqs, dev);
	}
	irqs_free(irqs);
	vfio_xen_debugfs_free(debugfs);
	return err ? err : groups_build(ctx);
}

int vfio_xen_scan(struct vfio_xen_ctx *ctx)
{
	int err;

	problem_clear(ctx);
	groups_free(ctx);
	devices_free(ctx);
	err = scan_pci(ctx);
	if (!err)
		err = finish_devices(ctx);
	if (err) {
		groups_free(ctx);
		devices_free(ctx);
	}
	return err;
}
