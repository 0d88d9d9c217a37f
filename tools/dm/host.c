// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device of the host, as sysfs describes it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"

#define DRIVER "vfio-xen-pci"

/* The last part of the target of a link. */
static int link_name(const char *address, const char *attribute,
		     char name[NAME_MAX + 1])
{
	char path[PATH_MAX], target[PATH_MAX];
	const char *last;
	ssize_t len;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", address,
		 attribute);
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return -errno;
	target[len] = '\0';
	last = strrchr(target, '/');
	snprintf(name, NAME_MAX + 1, "%.*s", NAME_MAX,
		 last ? last + 1 : target);
	return 0;
}

int host_check_device(const char *address, struct problem *problem)
{
	static const char step[] = "find the device";
	char name[NAME_MAX + 1], path[PATH_MAX], text[160], hint[160];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s", address);
	if (access(path, F_OK))
		return problem_note(problem, -ENODEV, step,
				    "there is no such device", NULL);
	if (link_name(address, "driver", name))
		snprintf(name, sizeof(name), "no driver");
	if (strcmp(name, DRIVER) != 0) {
		snprintf(text, sizeof(text), "%.100s has it, and not " DRIVER,
			 name);
		snprintf(hint, sizeof(hint),
			 "vfio-xen-ctl bind --driver=" DRIVER " %s", address);
		return problem_note(problem, -EBUSY, step, text, hint);
	}
	if (link_name(address, "iommu_group", name))
		return problem_note(problem, -ENODEV, step,
				    "it has no IOMMU group",
				    "load the module vfio-xen-iommu");
	return atoi(name);
}

bool host_has_module(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	return access(path, F_OK) == 0;
}

bool host_parameter_is_set(const char *module, const char *name)
{
	char path[PATH_MAX], value = 'N';
	int fd;

	snprintf(path, sizeof(path), "/sys/module/%s/parameters/%s", module,
		 name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, &value, 1) != 1)
		value = 'N';
	close(fd);
	return value == 'Y';
}
