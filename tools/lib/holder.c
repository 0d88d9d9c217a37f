// SPDX-License-Identifier: GPL-2.0-only
/*
 * Find the process that has a device open through VFIO. Unbinding the driver
 * would block in the kernel until that process closes the device.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* The nodes of /dev that give access to one device; the second may be "". */
struct nodes {
	char group[32];
	char cdev[NAME_SIZE + 32];
};

/* A kernel with VFIO's cdev shows <device>/vfio-dev/vfioN. */
static void find_cdev(const struct vfio_xen_device *dev, struct nodes *nodes)
{
	autofree char *path = file_path(
		dev->ctx, "/sys/bus/pci/devices/%s/vfio-dev", dev->address);
	DIR *dir = path ? opendir(path) : NULL;
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			snprintf(nodes->cdev, sizeof(nodes->cdev),
				 "/dev/vfio/devices/%s", entry->d_name);
	closedir(dir);
}

static bool fd_is_of(const char *link, const struct nodes *nodes)
{
	char target[PATH_MAX];
	ssize_t len = readlink(link, target, sizeof(target) - 1);

	if (len < 0)
		return false;
	target[len] = '\0';
	return !strcmp(target, nodes->group) || !strcmp(target, nodes->cdev);
}

static bool process_holds(struct vfio_xen_ctx *ctx, const char *pid,
			  const struct nodes *nodes)
{
	autofree char *path = file_path(ctx, "/proc/%s/fd", pid);
	DIR *dir = path ? opendir(path) : NULL;
	struct dirent *entry;
	bool holds = false;

	/* The process may have ended since, or only root may see its files. */
	if (!dir)
		return false;
	while (!holds && (entry = readdir(dir))) {
		autofree char *link = NULL;

		if (asprintf(&link, "%s/%s", path, entry->d_name) < 0)
			link = NULL;
		holds = link && fd_is_of(link, nodes);
	}
	closedir(dir);
	return holds;
}

/* The pid as text, or "" if there is none. */
static void find_holder(const struct vfio_xen_device *dev, char pid[NAME_SIZE])
{
	autofree char *path = file_path(dev->ctx, "/proc");
	DIR *dir = path ? opendir(path) : NULL;
	struct nodes nodes = { .cdev = "" };
	struct dirent *entry;

	*pid = '\0';
	if (!dir)
		return;
	snprintf(nodes.group, sizeof(nodes.group), "/dev/vfio/%d",
		 dev->group_number);
	find_cdev(dev, &nodes);
	while (!*pid && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    process_holds(dev->ctx, entry->d_name, &nodes))
			snprintf(pid, NAME_SIZE, "%s", entry->d_name);
	closedir(dir);
}

static void read_comm(struct vfio_xen_ctx *ctx, const char *pid, char *comm,
		      size_t size)
{
	if (file_read_line(ctx, comm, size, "/proc/%s/comm", pid))
		*comm = '\0';
}

int holder_check(struct vfio_xen_device *dev)
{
	char pid[NAME_SIZE], comm[NAME_SIZE];

	find_holder(dev, pid);
	if (!*pid)
		return 0;
	read_comm(dev->ctx, pid, comm, sizeof(comm));
	return problem_set_id(dev->ctx, VFIO_XEN_PROBLEM_HELD, -EBUSY,
			      dev->sbdf, atoi(pid), comm);
}

int vfio_xen_device_find_process(const struct vfio_xen_device *dev,
				 char comm[VFIO_XEN_COMM_SIZE])
{
	char pid[NAME_SIZE];

	find_holder(dev, pid);
	if (!*pid)
		return -ENOENT;
	read_comm(dev->ctx, pid, comm, VFIO_XEN_COMM_SIZE);
	return atoi(pid);
}

int vfio_xen_get_locked_bytes(struct vfio_xen_ctx *ctx, int pid,
			      uint64_t *bytes)
{
	FILE *file = file_open(ctx, "/proc/%d/status", pid);
	unsigned long long kib;
	char line[256];

	if (!file)
		return -errno;
	*bytes = 0;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "VmLck: %llu kB", &kib) == 1 ||
		    sscanf(line, "VmPin: %llu kB", &kib) == 1)
			*bytes += kib * 1024;
	fclose(file);
	return 0;
}
