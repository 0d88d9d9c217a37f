// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open devices by their own character devices and an iommufd. In it the guest is a page
 * table: one for each group, created with its first device.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "host.h"
#include "iommufd.h"
#include "iommufd_abi.h"
#include "vfio_xen_iommu.h"

#define DEV_IOMMU "/dev/iommu"
#define OTHER_INTERFACE "do without it (--iommu type1)"

/* ---- files ---- */

/* The number of the character device is in <device>/vfio-dev/vfioN. */
static int find_file(const char *address, char *path, size_t size)
{
	char dir_path[64];
	struct dirent *entry;
	int err = -ENOENT;
	DIR *dir;

	snprintf(dir_path, sizeof(dir_path), "/sys/bus/pci/devices/%s/vfio-dev",
		 address);
	dir = opendir(dir_path);
	if (!dir)
		return -errno;
	while (err && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, size, "/dev/vfio/devices/%s", entry->d_name);
		err = 0;
	}
	closedir(dir);
	return err;
}

bool iommufd_is_there(const char *address)
{
	char path[PATH_MAX];

	return !access(DEV_IOMMU, F_OK) &&
	       !find_file(address, path, sizeof(path)) && !access(path, F_OK);
}

static int iommufd_open(struct group *group, struct problem *problem)
{
	group->files.container = open(DEV_IOMMU, O_RDWR | O_CLOEXEC);
	if (group->files.container >= 0)
		return 0;
	return problem_note(problem, -errno, "open " DEV_IOMMU,
			    errno == ENOENT ? "this kernel has no iommufd" :
					      NULL,
			    errno == ENOENT ? OTHER_INTERFACE : NULL);
}

static int open_file(const char *address, struct problem *problem)
{
	static const char step[] = "open the device with VFIO";
	char path[PATH_MAX];
	int fd, err = find_file(address, path, sizeof(path));

	if (!err) {
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd >= 0)
			return fd;
		err = -errno;
	}
	if (err == -ENOENT)
		return problem_note(
			problem, err, step,
			"this kernel's VFIO has no device node for it",
			OTHER_INTERFACE);
	return problem_note(problem, err, step, NULL, NULL);
}

/* ---- the guest ---- */

/*
 * The kernel returns EPERM both for interrupts that are not isolated and for a group in
 * use.
 */
static bool interrupts_are_trusted(void)
{
	return host_parameter_is_set("iommufd", "allow_unsafe_interrupts") ||
	       host_parameter_is_set("vfio_xen_iommu", "isolated_msi");
}

/* A device can be bound once. VFIO returns EINVAL the second time. */
static int note_bind(struct problem *problem, int err)
{
	static const char step[] = "open the device with VFIO";

	if (err == -EPERM && interrupts_are_trusted())
		err = -EBUSY;
	if (err == -EINVAL)
		return problem_note(problem, -EBUSY, step,
				    "another process has it open", NULL);
	if (err == -EBUSY)
		return problem_note(
			problem, err, step,
			"another process has its group, or a host driver has a member of it",
			"bind the whole group: vfio-xen-ctl bind --group");
	return group_interface_note_assign(
		problem, err,
		"if this host may be trusted with it: modprobe iommufd allow_unsafe_interrupts=1, or write that to its parameter");
}

static int bind_device(const struct group *group, int fd, uint32_t *id)
{
	struct vfio_device_bind_iommufd bind = {
		.argsz = sizeof(bind),
		.iommufd = group->files.container,
	};

	if (ioctl(fd, VFIO_DEVICE_BIND_IOMMUFD, &bind))
		return -errno;
	*id = bind.out_devid;
	return 0;
}

static int make_address_space(const struct group *group, uint32_t *id)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };

	if (ioctl(group->files.container, IOMMU_IOAS_ALLOC, &alloc))
		return -errno;
	*id = alloc.out_ioas_id;
	return 0;
}

/* Its base is an address space in which nothing is ever mapped. */
static int make_page_table(struct group *group, uint32_t device)
{
	struct vfio_xen_hwpt_guest guest = {
		.flags = group->rdm_strict ? VFIO_XEN_GUEST_RDM_STRICT : 0,
		.domid = group->domid,
	};
	struct iommu_hwpt_alloc alloc = {
		.size = sizeof(alloc),
		.dev_id = device,
		.data_type = VFIO_XEN_HWPT_DATA_GUEST,
		.data_len = sizeof(guest),
		.data_uptr = (uintptr_t)&guest,
	};
	int err;

	if (group->files.page_table)
		return 0;
	memcpy(guest.handle, group->uuid, sizeof(guest.handle));
	err = make_address_space(group, &alloc.pt_id);
	if (err)
		return err;
	if (ioctl(group->files.container, IOMMU_HWPT_ALLOC, &alloc))
		return -errno;
	group->files.page_table = alloc.out_hwpt_id;
	return 0;
}

static int attach_device(const struct group *group, int fd)
{
	struct vfio_device_attach_iommufd_pt attach = {
		.argsz = sizeof(attach),
		.pt_id = group->files.page_table,
	};

	return ioctl(fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach) ? -errno : 0;
}

static int assign(struct group *group, int fd, struct problem *problem)
{
	uint32_t id = 0;
	int err = bind_device(group, fd, &id);

	if (err)
		return note_bind(problem, err);
	err = make_page_table(group, id);
	if (err)
		return problem_note(
			problem, err, "select the guest as the address space",
			NULL, err == -EOPNOTSUPP ? OTHER_INTERFACE : NULL);
	err = attach_device(group, fd);
	return err ? group_interface_note_assign(problem, err, NULL) : 0;
}

/*
 * Closing the descriptor undoes everything except the page table, which belongs to the
 * group.
 */
static int iommufd_open_device(struct group *group, const char *address,
			       struct problem *problem)
{
	int err, fd = open_file(address, problem);

	if (fd < 0)
		return fd;
	err = assign(group, fd, problem);
	if (!err)
		return fd;
	close(fd);
	return err;
}

const struct group_interface iommufd_interface = {
	.iommu = VFIO_XEN_IOMMU_IOMMUFD,
	.open = iommufd_open,
	.open_device = iommufd_open_device,
};
