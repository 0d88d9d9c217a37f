// SPDX-License-Identifier: GPL-2.0-only
/*
 * The identity of a device, independent of its address: its IDs, its serial
 * number (PCI Express Base Specification, "Device Serial Number"), and the
 * ports from the root bus to it. Bus numbers change when a card is added; ports
 * do not.
 */
#include <errno.h>
#include <string.h>

#include "libpci.h"

#define DEVICES "/sys/bus/pci/devices"

static uint16_t read_id(const struct vfio_xen_device *dev, const char *file)
{
	char line[16];

	if (file_read_line(dev->ctx, line, sizeof(line), DEVICES "/%s/%s",
			   dev->address, file))
		return 0;
	return (uint16_t)strtoul(line, NULL, 16);
}

/*
 * Makes "pci0000:00/1c.0/00.0" of a link to
 * ".../devices/pci0000:00/0000:00:1c.0/0000:03:00.0": the root bus, then device
 * and function of each step.
 */
static void make_path(char path[IDENTITY_PATH_SIZE], char *link)
{
	char *step = strstr(link, "devices/pci"), *rest = NULL;
	size_t len = 0;

	*path = '\0';
	if (!step)
		return;
	step += strlen("devices/");
	for (step = strtok_r(step, "/", &rest); step;
	     step = strtok_r(NULL, "/", &rest)) {
		const char *last = len ? strrchr(step, ':') : NULL;

		len += (size_t)snprintf(path + len, IDENTITY_PATH_SIZE - len,
					"%s%s", len ? "/" : "",
					last ? last + 1 : step);
		if (len >= IDENTITY_PATH_SIZE) {
			*path = '\0';
			return;
		}
	}
}

static void read_path(const struct vfio_xen_device *dev,
		      struct identity *identity)
{
	autofree char *link = NULL;

	link = file_link(dev->ctx, DEVICES "/%s", dev->address);
	if (link)
		make_path(identity->path, link);
}

struct serial_query {
	const struct vfio_xen_device *dev;
	char *serial;
};

static int read_serial_by_libpci(struct pci_access *pci, void *data)
{
	const struct serial_query *query = data;
	uint32_t sbdf = query->dev->sbdf, low, high;
	struct pci_dev *dev;
	struct pci_cap *cap;

	pci_init(pci);
	dev = pci_get_dev(pci, (int)(sbdf >> 16), (int)(sbdf >> 8 & 0xff),
			  (int)(sbdf >> 3 & 0x1f), (int)(sbdf & 7));
	if (!dev)
		return -ENOMEM;
	cap = pci_find_cap(dev, PCI_EXT_CAP_ID_DSN, PCI_CAP_EXTENDED);
	if (cap) {
		low = pci_read_long(dev, (int)cap->addr + 4);
		high = pci_read_long(dev, (int)cap->addr + 8);
		snprintf(query->serial, IDENTITY_SERIAL_SIZE,
			 "%02x-%02x-%02x-%02x-%02x-%02x-%02x-%02x", high >> 24,
			 high >> 16 & 0xff, high >> 8 & 0xff, high & 0xff,
			 low >> 24, low >> 16 & 0xff, low >> 8 & 0xff,
			 low & 0xff);
	}
	pci_free_dev(dev);
	return 0;
}

/* Many devices have the capability, and no number in it. */
static bool is_number(const char *serial)
{
	return serial[strspn(serial, "0-")] && serial[strspn(serial, "f-")];
}

int identity_set_serial(struct identity *identity, const char *serial)
{
	if (strlen(serial) != IDENTITY_SERIAL_SIZE - 1 ||
	    strspn(serial, "0123456789abcdef-") != IDENTITY_SERIAL_SIZE - 1)
		return -EINVAL;
	strcpy(identity->serial, is_number(serial) ? serial : "");
	return 0;
}

/*
 * Only root can read that far into configuration space; other users get no
 * number. Reading it resumes a suspended device.
 */
void identity_read_serial(const struct vfio_xen_device *dev,
			  struct identity *identity)
{
	char serial[IDENTITY_SERIAL_SIZE] = "";
	struct serial_query query = { dev, serial };
	autofree char *path = file_path(dev->ctx, "/sys/bus/pci");
	char name[] = "sysfs.path";
	struct libpci *libpci;

	if (!path || libpci_new(&libpci))
		return;
	libpci_get(libpci)->method = PCI_ACCESS_SYS_BUS_PCI;
	pci_set_param(libpci_get(libpci), name, path);
	if (!libpci_call(libpci, read_serial_by_libpci, &query))
		identity_set_serial(identity, serial);
	libpci_free(libpci);
}

void identity_read(const struct vfio_xen_device *dev, struct identity *identity)
{
	*identity = (struct identity){
		.vendor = dev->vendor_id,
		.device = dev->device_id,
		.subvendor = read_id(dev, "subsystem_vendor"),
		.subdevice = read_id(dev, "subsystem_device"),
	};
	read_path(dev, identity);
}

bool identity_is_alike(const struct identity *a, const struct identity *b)
{
	if (a->vendor != b->vendor || a->device != b->device)
		return false;
	return !a->subvendor || !b->subvendor ||
	       (a->subvendor == b->subvendor && a->subdevice == b->subdevice);
}

bool identity_has_twin(const struct vfio_xen_device *dev,
		       const struct identity *identity)
{
	struct vfio_xen_device *other;
	struct identity twin;

	if (!*identity->serial)
		return false;
	vfio_xen_device_foreach(dev->ctx, other) {
		if (other == dev || (other->sbdf & 7) != (dev->sbdf & 7))
			continue;
		identity_read(other, &twin);
		if (!identity_is_alike(&twin, identity))
			continue;
		identity_read_serial(other, &twin);
		if (!strcmp(twin.serial, identity->serial))
			return true;
	}
	return false;
}

bool identity_is_same(const struct identity *a, const struct identity *b)
{
	return identity_is_alike(a, b) &&
	       (!*a->serial || !*b->serial || !strcmp(a->serial, b->serial));
}
