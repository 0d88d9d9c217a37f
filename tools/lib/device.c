// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCI devices: what libpci, sysfs, vfio-xen-iommu and /proc know of each.
 */
#include <errno.h>
#include <string.h>

#include "libpci.h"

#define SCAN_FIELDS (PCI_FILL_IDENT | PCI_FILL_CLASS)

static void device_free(struct vfio_xen_device *dev)
{
	if (!dev)
		return;
	names_free(dev->names);
	free(dev->driver);
	free(dev->former_driver);
	free(dev->reset_method);
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

/* Not by libpci, which looks at each part of the path for links. */
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
	struct record record;

	if (!record_read(dev, &record) && *record.driver)
		dev->former_driver = strdup(record.driver);
}

/* There is no such file if there was no way when the device was found. */
static void device_read_reset(struct vfio_xen_device *dev)
{
	char line[128];

	if (!file_read_line(dev->ctx, line, sizeof(line),
			    "/sys/bus/pci/devices/%s/reset_method",
			    dev->address) &&
	    *line)
		dev->reset_method = strdup(line);
}

/* Read the link anew: libpci would answer what it saw at the scan. */
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
			      const struct vfio_xen_state *state)
{
	int domid;

	dev->owner_domid = -ENOENT;
	dev->bars_exposed_to = -ENOENT;
	dev->vectors_used = -ENOENT;
	dev->vectors_mapped = -ENOENT;
	if (state) {
		dev->owner = vfio_xen_state_get_owner(state, dev->sbdf,
						      &dev->owner_domid);
		dev->return_pending = vfio_xen_state_is_return_pending(state, dev->sbdf);
		dev->bars_exposed_to =
			vfio_xen_state_get_bars_exposed_to(state, dev->sbdf);
		/* vfio-xen-iommu looks at that again when it needs to only. */
		if (dev->bars_exposed_to >= 0 &&
		    !guest_may_run(dev->ctx, dev->bars_exposed_to))
			dev->bars_exposed_to = -ENOENT;
		vfio_xen_state_get_vectors(state, dev->sbdf, &dev->vectors_used,
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
	struct vfio_xen_state *state = NULL;
	struct irqs *irqs = NULL;
	int err;

	if (ctx->nr_devices)
		qsort(ctx->devices, ctx->nr_devices, sizeof(*ctx->devices),
		      compare_devices);
	/* Not being root, or no vfio-xen-iommu, only leaves the owners unknown. */
	err = vfio_xen_state_new(ctx, &state);
	if (err)
		ctx_note(ctx, "owners are unknown: %s", strerror(-err));
	problem_clear(ctx);
	err = irqs_new(ctx, &irqs);
	if (err)
		ctx_note(ctx, "interrupts are unknown: %s", strerror(-err));
	for (size_t i = 0; i < ctx->nr_devices; i++) {
		struct vfio_xen_device *dev = ctx->devices[i];

		dev->index = i;
		device_read_owner(dev, state);
		irqs_get(irqs, dev, &dev->irq);
	}
	irqs_free(irqs);
	vfio_xen_state_free(state);
	return groups_build(ctx);
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
 * Host, PCI, CardBus and semi-transparent bridges: they carry other devices,
 * or nothing VFIO could use. Other bridge classes, such as ISA, are functions
 * with drivers like any other.
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
