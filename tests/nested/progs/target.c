// SPDX-License-Identifier: GPL-2.0
/* See target.h. */
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "util.h"

/* A message for vector 0x40 of the guest's first processor */
#define MESSAGE_ADDRESS 0xfee00000u
#define MESSAGE_DATA 0x40u

struct target target_parse(const char *domid, const char *uuid, const char *type)
{
	struct target t = { .domid = (uint32_t)atoi(domid), .hvm = !strcmp(type, "hvm") };
	unsigned int byte, n = 0;

	for (const char *at = uuid; n < sizeof(t.uuid) && sscanf(at, "%2x", &byte) == 1; at += 2) {
		t.uuid[n++] = (uint8_t)byte;
		if (at[2] == '-')
			at++;
	}
	if (!t.domid || n != sizeof(t.uuid))
		die("%s, %s are no domid and UUID", domid, uuid);
	return t;
}

int target_open(void)
{
	int fd = open("/dev/xen/iommu", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die("/dev/xen/iommu: %s", strerror(errno));
	return fd;
}

static unsigned int group_of(const char *sbdf)
{
	char path[PATH_MAX], group[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", sbdf);
	n = readlink(path, group, sizeof(group) - 1);
	if (n < 0)
		die("%s has no group", sbdf);
	group[n] = '\0';
	return (unsigned int)atoi(strrchr(group, '/') + 1);
}

struct vfio_xen_set_guest target_request(const struct target *t, const char *sbdf)
{
	struct vfio_xen_set_guest request = {
		.argsz = sizeof(request),
		.group = group_of(sbdf),
		.domid = t->domid,
	};

	memcpy(request.handle, t->uuid, sizeof(request.handle));
	return request;
}

int target_issue(int fd, const struct vfio_xen_set_guest *request)
{
	return ioctl(fd, VFIO_XEN_SET_GUEST, request) ? -errno : 0;
}

int target_set(int fd, const struct target *t, const char *sbdf)
{
	struct vfio_xen_set_guest request = target_request(t, sbdf);

	return target_issue(fd, &request);
}

int target_give(struct opened *o, const struct target *t, const char *sbdf)
{
	int fd = target_open();
	int ret = target_set(fd, t, sbdf);

	if (!ret)
		ret = opened_open(o, sbdf);
	close(fd);
	return ret;
}

struct target_bar target_bar(unsigned int bar, uint64_t offset, uint64_t size, uint64_t gaddr)
{
	return (struct target_bar){
		.argsz = sizeof(struct target_bar),
		.flags = VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_XEN_BAR,
		.part = { .bar = bar, .map = 1, .offset = offset, .size = size, .gaddr = gaddr },
	};
}

int target_bar_issue(struct device *d, const struct target_bar *r)
{
	return ret_errno(ioctl(d->fd, VFIO_DEVICE_FEATURE, r));
}

int target_map_bar(struct device *d, unsigned int bar, uint64_t offset, uint64_t size,
		   uint64_t gaddr)
{
	struct target_bar r = target_bar(bar, offset, size, gaddr);

	return target_bar_issue(d, &r);
}

int target_unmap_bar(struct device *d, unsigned int bar, uint64_t offset, uint64_t size,
		     uint64_t gaddr)
{
	struct target_bar r = target_bar(bar, offset, size, gaddr);

	r.part.map = 0;
	return target_bar_issue(d, &r);
}

struct target_irqs target_irqs(unsigned int index, unsigned int start, unsigned int count)
{
	struct target_irqs r = {
		.set = {
			.argsz = (uint32_t)(sizeof(r.set) + count * sizeof(*r.entry)),
			.flags = VFIO_IRQ_SET_DATA_XEN_GUEST | VFIO_IRQ_SET_ACTION_TRIGGER,
			.index = index,
			.start = start,
			.count = count,
		},
	};

	for (unsigned int i = 0; i < count; i++)
		r.entry[i] = (struct vfio_irq_xen_guest) {
			.flags = VFIO_IRQ_XEN_GUEST_CONNECT,
			.pirq = -1,
			.address = MESSAGE_ADDRESS,
			.data = MESSAGE_DATA + i,
		};
	return r;
}

int target_set_irqs(struct device *d, struct target_irqs *r)
{
	return ioctl(d->fd, VFIO_DEVICE_SET_IRQS, r) ? -errno : 0;
}
