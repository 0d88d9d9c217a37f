// SPDX-License-Identifier: GPL-2.0-only
/*
 * The owner of a device, and its name.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xenstore.h>

#include "plugin.h"

#define PCIBACK "/sys/bus/pci/drivers/pciback"
/* In libxl's directory of names, so that all names are different */
#define INFO "/libxl/pci"
#define PATH_SIZE 80

uint32_t pci_sbdf(const libxl_device_pci *pci)
{
	return (uint32_t)pci->domain << 16 | (uint32_t)pci->bus << 8 |
	       (uint32_t)pci->dev << 3 | pci->func;
}

void pci_set_sbdf(libxl_device_pci *pci, uint32_t sbdf)
{
	pci->domain = (int)(sbdf >> 16);
	pci->bus = (uint8_t)(sbdf >> 8);
	pci->dev = sbdf >> 3 & 0x1f;
	pci->func = sbdf & 7;
}

/* ---- drivers ---- */

bool pciback_is_loaded(void)
{
	return !access(PCIBACK, F_OK);
}

static void make_sysfs_path(uint32_t sbdf, const char *file,
			    char path[PATH_SIZE])
{
	char address[VFIO_XEN_SBDF_SIZE];

	vfio_xen_sbdf_format(sbdf, address);
	snprintf(path, PATH_SIZE, "/sys/bus/pci/devices/%s/%s", address, file);
}

bool sbdf_exists(uint32_t sbdf)
{
	char path[PATH_SIZE];

	make_sysfs_path(sbdf, "vendor", path);
	return !access(path, F_OK);
}

bool sbdf_has_reserved_memory(uint32_t sbdf)
{
	char path[PATH_SIZE], line[PATH_SIZE];
	bool found = false;
	FILE *file;

	make_sysfs_path(sbdf, "iommu_group/reserved_regions", path);
	file = fopen(path, "re");
	if (!file)
		return false;
	/* "0x... 0x... direct-relaxable" */
	while (!found && fgets(line, sizeof(line), file))
		found = strstr(line, " direct");
	fclose(file);
	return found;
}

void sbdf_read_driver(uint32_t sbdf, char driver[DRIVER_SIZE])
{
	char link[PATH_SIZE], target[PATH_MAX];
	const char *name;
	ssize_t len;

	make_sysfs_path(sbdf, "driver", link);
	len = readlink(link, target, sizeof(target) - 1);
	target[len > 0 ? len : 0] = '\0';
	name = strrchr(target, '/');
	snprintf(driver, DRIVER_SIZE, "%s", name ? name + 1 : "");
}

bool sbdf_is_ours(uint32_t sbdf)
{
	char driver[DRIVER_SIZE];

	sbdf_read_driver(sbdf, driver);
	return strcmp(driver, DRIVER) == 0;
}

bool sbdf_is_for_us(uint32_t sbdf)
{
	return sbdf_is_ours(sbdf) || !pciback_is_loaded();
}

/* ---- names ---- */

static void make_path(uint32_t sbdf, char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, INFO "/%04x-%02x-%02x-%01x/name", sbdf >> 16,
		 sbdf >> 8 & 0xff, sbdf >> 3 & 0x1f, sbdf & 7);
}

void name_write(uint32_t sbdf, const char *name)
{
	struct xs_handle *xs = xs_open(0);
	char path[PATH_SIZE];

	if (!xs)
		return;
	make_path(sbdf, path);
	if (name)
		xs_write(xs, XBT_NULL, path, name, (unsigned int)strlen(name));
	else
		xs_rm(xs, XBT_NULL, path);
	xs_close(xs);
}

static char *read_name(struct xs_handle *xs, uint32_t sbdf)
{
	char path[PATH_SIZE];
	unsigned int len;

	make_path(sbdf, path);
	return xs_read(xs, XBT_NULL, path, &len);
}

char *name_read(uint32_t sbdf)
{
	struct xs_handle *xs = xs_open(0);
	char *name = xs ? read_name(xs, sbdf) : NULL;

	if (xs)
		xs_close(xs);
	return name;
}

static bool is_called(struct xs_handle *xs, uint32_t sbdf, const char *name)
{
	char *found = read_name(xs, sbdf);
	bool same = found && strcmp(found, name) == 0;

	free(found);
	return same;
}

/* "0000-05-00-0" */
static bool parse_entry(const char *entry, uint32_t *sbdf)
{
	unsigned int seg, bus, dev, fn;

	if (sscanf(entry, "%4x-%2x-%2x-%1x", &seg, &bus, &dev, &fn) != 4)
		return false;
	*sbdf = seg << 16 | bus << 8 | (dev & 0x1f) << 3 | (fn & 7);
	return true;
}

static bool find_name(struct xs_handle *xs, const char *name, uint32_t *sbdf)
{
	unsigned int nr = 0;
	char **entries = xs_directory(xs, XBT_NULL, INFO, &nr);
	bool found = false;

	for (unsigned int i = 0; entries && !found && i < nr; i++)
		found = parse_entry(entries[i], sbdf) &&
			is_called(xs, *sbdf, name);
	free(entries);
	return found;
}

static bool find_assignable(const char *name, uint32_t *sbdf)
{
	struct xs_handle *xs = xs_open(0);
	bool found = xs && find_name(xs, name, sbdf);

	if (xs)
		xs_close(xs);
	return found;
}

/* Names of persistent devices survive a reboot. */
static bool find_persistent(const char *name, uint32_t *sbdf)
{
	struct vfio_xen_ctx *lib;
	bool found;

	/* An address does not count as a name here. */
	if (!vfio_xen_name_is_valid(name) || vfio_xen_new(&lib))
		return false;
	found = !vfio_xen_scan(lib) && !vfio_xen_resolve(lib, name, sbdf);
	vfio_xen_free(lib);
	return found;
}

bool pci_resolve(const libxl_device_pci *pci, libxl_device_pci *copy)
{
	uint32_t sbdf = 0;
	bool found;

	*copy = *pci;
	if (!pci->name)
		return true;
	found = find_assignable(pci->name, &sbdf) ||
		find_persistent(pci->name, &sbdf);
	if (found)
		pci_set_sbdf(copy, sbdf);
	return found;
}
