// SPDX-License-Identifier: GPL-2.0-only
/*
 * Check whether the host visibly uses a device: its disks and its network
 * interfaces.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* Whether one of the links in the first @len characters of the path leads to @part. */
static bool links_to(const char *path, size_t len, const char *part)
{
	autofree char *dirname = strndup(path, len);
	DIR *dir = dirname ? opendir(dirname) : NULL;
	struct dirent *entry;
	bool found = false;

	if (!dir)
		return false;
	while (!found && (entry = readdir(dir))) {
		autofree char *link = NULL, *real = NULL;

		if (asprintf(&link, "%s/%s", dirname, entry->d_name) < 0)
			link = NULL;
		real = link ? realpath(link, NULL) : NULL;
		found = real && strstr(real, part);
	}
	closedir(dir);
	return found;
}

/*
 * With NVMe multipath, the disk of a drive is below a virtual device, its subsystem. The
 * subsystem has a link to each of its controllers.
 */
static bool is_of_subsystem(const char *real, const char *part)
{
	static const char class[] = "/nvme-subsystem/";
	const char *subsystem = strstr(real, class);

	if (!subsystem)
		return false;
	subsystem += strlen(class);
	subsystem += strcspn(subsystem, "/");
	return links_to(real, (size_t)(subsystem - real), part);
}

/* Whether an entry of /sys/class, which is a link, belongs to the device. */
static bool is_of_device(struct vfio_xen_device *dev, const char *class,
			 const char *name)
{
	autofree char *link =
		file_path(dev->ctx, "/sys/class/%s/%s", class, name);
	autofree char *real = link ? realpath(link, NULL) : NULL;
	autofree char *part = NULL;

	if (asprintf(&part, "/%s/", dev->address) < 0) {
		part = NULL;
		return false;
	}
	return real && (strstr(real, part) || is_of_subsystem(real, part));
}

/* The number of entries except "." and ".."; 0 if the directory is missing. */
static size_t count_entries(struct vfio_xen_ctx *ctx, const char *block,
			    const char *dirname)
{
	autofree char *path =
		file_path(ctx, "/sys/class/block/%s/%s", block, dirname);
	DIR *dir = path ? opendir(path) : NULL;
	struct dirent *entry;
	size_t nr = 0;

	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		nr += entry->d_name[0] != '.';
	closedir(dir);
	return nr;
}

/*
 * A mount names its device by number (btrfs does not) and by source (an early
 * root does not). Either suffices. See proc_pid_mountinfo(5) for the fields.
 */
static bool mount_is_of(const char *line, const char *number, const char *name)
{
	const char *tail = strstr(line, " - ");
	char field[32], source[PATH_MAX];
	const char *base;

	if (sscanf(line, "%*s %*s %31s", field) == 1 && !strcmp(field, number))
		return true;
	if (!tail || sscanf(tail, " - %*s %4095s", source) != 1)
		return false;
	base = strrchr(source, '/');
	return !strncmp(source, "/dev/", 5) && !strcmp(base + 1, name);
}

static bool is_mounted(struct vfio_xen_ctx *ctx, const char *name)
{
	FILE *mounts = file_open(ctx, "/proc/self/mountinfo");
	char number[32], *line = NULL;
	bool found = false;
	size_t size = 0;

	if (!mounts)
		return false;
	if (file_read_line(ctx, number, sizeof(number),
			   "/sys/class/block/%s/dev", name))
		*number = '\0';
	while (!found && getline(&line, &size, mounts) >= 0)
		found = mount_is_of(line, number, name);
	free(line);
	fclose(mounts);
	return found;
}

static bool is_swap(struct vfio_xen_ctx *ctx, const char *name)
{
	FILE *swaps = file_open(ctx, "/proc/swaps");
	char *line = NULL, path[NAME_SIZE];
	bool found = false;
	size_t size = 0;

	if (!swaps)
		return false;
	while (!found && getline(&line, &size, swaps) >= 0)
		found = sscanf(line, "/dev/%255s", path) == 1 &&
			!strcmp(path, name);
	free(line);
	fclose(swaps);
	return found;
}

/*
 * The kernel refuses an exclusive open of a block device that it uses itself.
 */
static bool is_claimed(struct vfio_xen_ctx *ctx, const char *name)
{
	autofree char *path = file_path(ctx, "/dev/%s", name);
	int fd = path ? open(path, O_RDONLY | O_EXCL | O_CLOEXEC) : -1;

	if (fd < 0)
		return path && errno == EBUSY;
	close(fd);
	return false;
}

static int check_block(struct vfio_xen_device *dev, const char *name)
{
	struct vfio_xen_ctx *ctx = dev->ctx;
	autofree char *detail = NULL;
	const char *how;

	if (is_mounted(ctx, name))
		how = "is mounted";
	else if (is_swap(ctx, name))
		how = "is swap space";
	else if (count_entries(ctx, name, "holders"))
		how = "is part of a mapped device or array";
	else if (is_claimed(ctx, name))
		how = "is claimed";
	else
		return 0;
	if (asprintf(&detail, "%s %s", name, how) < 0)
		detail = NULL;
	return problem_set(ctx, VFIO_XEN_PROBLEM_BLOCK_IN_USE, -EBUSY,
			   dev->sbdf, detail);
}

static int check_net(struct vfio_xen_device *dev, const char *name)
{
	unsigned long flags;
	char text[32];

	if (file_read_line(dev->ctx, text, sizeof(text),
			   "/sys/class/net/%s/flags", name))
		return 0;
	flags = strtoul(text, NULL, 16);
	if (!(flags & 1)) /* IFF_UP */
		return 0;
	return problem_set(dev->ctx, VFIO_XEN_PROBLEM_NET_IN_USE, -EBUSY,
			   dev->sbdf, name);
}

/* Calls check() for each entry of the class that belongs to the device. */
static int check_class(struct vfio_xen_device *dev, const char *class,
		       int (*check)(struct vfio_xen_device *, const char *))
{
	autofree char *path = file_path(dev->ctx, "/sys/class/%s", class);
	DIR *dir = path ? opendir(path) : NULL;
	struct dirent *entry;
	int err = 0;

	if (!dir)
		return 0;
	while (!err && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' &&
		    is_of_device(dev, class, entry->d_name))
			err = check(dev, entry->d_name);
	closedir(dir);
	return err;
}

int inuse_check(struct vfio_xen_device *dev)
{
	int err = check_class(dev, "block", check_block);

	return err ? err : check_class(dev, "net", check_net);
}
