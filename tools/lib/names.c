// SPDX-License-Identifier: GPL-2.0-only
/*
 * The names of vendors and devices, from pci.ids. libpci reads its megabyte at
 * the first query.
 */
#include <errno.h>
#include <string.h>

#include "libpci.h"

struct names {
	bool known;
	char *class;
	char *vendor;
	char *device;
};

struct names *names_new(void)
{
	return calloc(1, sizeof(struct names));
}

void names_free(struct names *names)
{
	if (!names)
		return;
	free(names->class);
	free(names->vendor);
	free(names->device);
	free(names);
}

static char *copy(const char *found)
{
	return found ? strdup(found) : NULL;
}

static char *look_up_id(struct pci_access *pci,
			const struct vfio_xen_device *dev, int what)
{
	char name[256];

	return copy(pci_lookup_name(pci, name, sizeof(name), what,
				    dev->vendor_id, dev->device_id));
}

static char *look_up_class(struct pci_access *pci, int class)
{
	char name[256];

	return copy(pci_lookup_name(pci, name, sizeof(name), PCI_LOOKUP_CLASS,
				    class));
}

static int look_up(struct pci_access *pci, void *data)
{
	const struct vfio_xen_device *const *which = data;
	const struct vfio_xen_device *dev = *which;

	dev->names->class = look_up_class(pci, dev->class);
	dev->names->vendor = look_up_id(pci, dev, PCI_LOOKUP_VENDOR);
	dev->names->device = look_up_id(pci, dev, PCI_LOOKUP_DEVICE);
	return 0;
}

/* A name is NULL if it cannot be found. */
static const struct names *names_of(const struct vfio_xen_device *dev)
{
	struct libpci **libpci = &dev->ctx->names;

	if (dev->names->known)
		return dev->names;
	dev->names->known = true;
	if (!*libpci && libpci_new(libpci))
		return dev->names;
	libpci_call(*libpci, look_up, &dev);
	return dev->names;
}

const char *vfio_xen_device_get_class_name(const struct vfio_xen_device *dev)
{
	return names_of(dev)->class;
}

const char *vfio_xen_device_get_vendor_name(const struct vfio_xen_device *dev)
{
	return names_of(dev)->vendor;
}

const char *vfio_xen_device_get_device_name(const struct vfio_xen_device *dev)
{
	return names_of(dev)->device;
}
