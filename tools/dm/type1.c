// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open devices by their group and a type1 container. These cannot express that the
 * address space is a guest, so /dev/xen/iommu is told before.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "type1.h"
#include "vfio_xen_iommu.h"

static int request_target(const struct group *group, int *target)
{
	struct vfio_xen_set_guest arg = {
		.argsz = sizeof(arg),
		.flags = group->rdm_strict ? VFIO_XEN_GUEST_RDM_STRICT : 0,
		.group = (uint32_t)group->number,
		.domid = group->domid,
	};
	int err;

	*target = open("/dev/xen/iommu", O_RDWR | O_CLOEXEC);
	if (*target < 0)
		return -errno;
	memcpy(arg.handle, group->uuid, sizeof(arg.handle));
	if (ioctl(*target, VFIO_XEN_SET_GUEST, &arg)) {
		err = -errno;
		close(*target);
		return err;
	}
	return 0;
}

static int open_files(struct group *group)
{
	char path[32];

	snprintf(path, sizeof(path), "/dev/vfio/%d", group->number);
	group->files.fd = open(path, O_RDWR | O_CLOEXEC);
	if (group->files.fd < 0)
		return -errno;
	group->files.container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (group->files.container < 0)
		return -errno;
	return 0;
}

static int check_viable(const struct group *group)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };

	if (ioctl(group->files.fd, VFIO_GROUP_GET_STATUS, &status))
		return -errno;
	return status.flags & VFIO_GROUP_FLAGS_VIABLE ? 0 : -EBUSY;
}

static int assign(const struct group *group)
{
	if (ioctl(group->files.fd, VFIO_GROUP_SET_CONTAINER,
		  &group->files.container) ||
	    ioctl(group->files.container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return -errno;
	return 0;
}

static int note_target(struct problem *problem, int err)
{
	static const char step[] = "name the guest to vfio-xen-iommu";

	if (err == -ENOENT || err == -ENXIO)
		return problem_note(
			problem, err, step, "there is no /dev/xen/iommu",
			"load the module vfio-xen-iommu of this version");
	if (err == -EBUSY)
		return problem_note(
			problem, err, step,
			"another process has selected a guest for the group",
			NULL);
	return problem_note(problem, err, step, NULL, NULL);
}

static int type1_open(struct group *group, struct problem *problem)
{
	int target, err = request_target(group, &target);

	if (err)
		return note_target(problem, err);
	err = open_files(group);
	if (err) {
		problem_note(
			problem, err, "open the group with VFIO",
			err == -EBUSY ? "another process has it open" : NULL,
			err == -ENOENT ? "load the module vfio-xen-pci" : NULL);
		goto close_target;
	}
	err = check_viable(group);
	if (err) {
		problem_note(problem, err, "open the group with VFIO",
			     "a member of its group belongs to a host driver",
			     "bind the whole group: vfio-xen-ctl bind --group");
		goto close_target;
	}
	err = assign(group);
	if (err)
		group_interface_note_assign(
			problem, err,
			"if this host may be trusted with it: modprobe vfio_iommu_type1 allow_unsafe_interrupts=1");
close_target:
	close(target);
	return err;
}

static int type1_open_device(struct group *group, const char *address,
			     struct problem *problem)
{
	int fd = ioctl(group->files.fd, VFIO_GROUP_GET_DEVICE_FD, address);

	(void)problem;
	return fd < 0 ? -errno : fd;
}

const struct group_interface type1_interface = {
	.iommu = VFIO_XEN_IOMMU_TYPE1,
	.open = type1_open,
	.open_device = type1_open_device,
};
