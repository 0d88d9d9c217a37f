// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that were taken from pciback.
 *
 * They are bound through sysfs, not by vfio_xen_bind(): pciback is no host
 * driver, and the toolstack has assigned the device to the guest already.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "vfio-xen.h"

#define DEVICE "/sys/bus/pci/devices/%s"
#define DRIVER "/sys/bus/pci/drivers/%s/%s"
#define RUN "/run/vfio-xen/drop-in"
#define PATH_SIZE 512

static const char *root = "";

void device_set_root(const char *new_root)
{
	root = new_root;
}

/* ---- files ---- */

static void format_path(char path[PATH_SIZE], const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));
static bool exists(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static int write_file(const char *value, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static int read_file(char *line, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void format_path(char path[PATH_SIZE], const char *fmt, va_list args)
{
	int len = snprintf(path, PATH_SIZE, "%s", root);

	if (len >= 0 && len < PATH_SIZE)
		vsnprintf(path + len, PATH_SIZE - (size_t)len, fmt, args);
}

static bool exists(const char *fmt, ...)
{
	char path[PATH_SIZE];
	va_list args;

	va_start(args, fmt);
	format_path(path, fmt, args);
	va_end(args);
	return !access(path, F_OK);
}

static int write_file(const char *value, const char *fmt, ...)
{
	char path[PATH_SIZE];
	va_list args;
	int err, fd;

	va_start(args, fmt);
	format_path(path, fmt, args);
	va_end(args);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	err = dprintf(fd, "%s\n", value) < 0 ? -errno : 0;
	close(fd);
	return err;
}

/* Reads the first line, without its newline. */
static int read_file(char *line, size_t size, const char *fmt, ...)
{
	char path[PATH_SIZE];
	va_list args;
	FILE *file;
	int err;

	va_start(args, fmt);
	format_path(path, fmt, args);
	va_end(args);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	err = fgets(line, (int)size, file) ? 0 : -EIO;
	fclose(file);
	if (!err)
		line[strcspn(line, "\n")] = '\0';
	return err;
}

static bool parameter_is_set(const char *module, const char *parameter)
{
	char line[8];

	return !read_file(line, sizeof(line), "/sys/module/%s/parameters/%s",
			  module, parameter) &&
	       !strcmp(line, "Y");
}

bool device_has_drop_in(void)
{
	return parameter_is_set("vfio_xen_pci", "pciback");
}

bool device_trusts_guests(void)
{
	return parameter_is_set("vfio_xen_iommu", "trust_pv_guests");
}

/* ---- whose they are ---- */

int device_init(void)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/run/vfio-xen", root);
	if (mkdir(path, 0755) && errno != EEXIST)
		return -errno;
	snprintf(path, sizeof(path), "%s" RUN, root);
	return mkdir(path, 0755) && errno != EEXIST ? -errno : 0;
}

static int note(const char *address, uint32_t domid)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", domid);
	return write_file(text, RUN "/%s", address);
}

static int read_domid(const char *address, uint32_t *domid)
{
	char line[16], *end;
	unsigned long number;
	int err = read_file(line, sizeof(line), RUN "/%s", address);

	if (err)
		return err;
	errno = 0;
	number = strtoul(line, &end, 10);
	if (errno || end == line || *end || number > UINT16_MAX)
		return -EBADMSG;
	*domid = (uint32_t)number;
	return 0;
}

void device_foreach(void (*fn)(void *data, const char *address, uint32_t domid),
		    void *data)
{
	char path[PATH_SIZE];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s" RUN, root);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		uint32_t domid, sbdf;

		if (!vfio_xen_sbdf_parse(entry->d_name, &sbdf) &&
		    !read_domid(entry->d_name, &domid))
			fn(data, entry->d_name, domid);
	}
	if (dir)
		closedir(dir);
}

/* ---- drivers ---- */

static int bind_to(const char *driver, const char *address)
{
	if (exists(DEVICE "/driver", address))
		write_file(address, DEVICE "/driver/unbind", address);
	write_file(driver, DEVICE "/driver_override", address);
	write_file(address, "/sys/bus/pci/drivers_probe");
	return exists(DRIVER, driver, address) ? 0 : -EBUSY;
}

/* pciback has the device, or had it when an earlier process died here. */
static bool may_take(const char *address, uint32_t domid)
{
	uint32_t noted;

	return exists(DRIVER, "pciback", address) ||
	       (!read_domid(address, &noted) && noted == domid);
}

int device_take(const char *address, uint32_t domid)
{
	uint32_t sbdf;
	int err;

	if (vfio_xen_sbdf_parse(address, &sbdf) || !may_take(address, domid))
		return -ENODEV;
	err = note(address, domid);
	return err ? err : bind_to("vfio-xen-pci", address);
}

int device_give_back(const char *address)
{
	char path[PATH_SIZE];
	int err = bind_to("pciback", address);

	if (err)
		return err;
	snprintf(path, sizeof(path), "%s" RUN "/%s", root, address);
	return unlink(path) ? -errno : 0;
}
