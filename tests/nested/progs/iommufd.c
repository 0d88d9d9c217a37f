// SPDX-License-Identifier: GPL-2.0
/* See iommufd.h. */
#include "iommufd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/iommufd.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "util.h"

/* As <linux/iommufd.h> has it since Linux 6.13 */
#ifndef IOMMU_IOAS_MAP_FILE
struct iommu_ioas_map_file {
	__u32 size;
	__u32 flags;
	__u32 ioas_id;
	__s32 fd;
	__aligned_u64 start;
	__aligned_u64 length;
	__aligned_u64 iova;
};

#define IOMMU_IOAS_MAP_FILE _IO(IOMMUFD_TYPE, 0x8f)
#endif

int iommufd_open(void)
{
	int fd = open("/dev/iommu", O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int iommufd_destroy(int fd, uint32_t id)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = id };

	return ret_errno(ioctl(fd, IOMMU_DESTROY, &cmd));
}

/* IOASes */

int ioas_alloc(int fd, uint32_t *ioas)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	int ret = ret_errno(ioctl(fd, IOMMU_IOAS_ALLOC, &cmd));

	*ioas = cmd.out_ioas_id;
	return ret;
}

int ioas_choose(int fd, uint32_t ioas)
{
	struct iommu_vfio_ioas cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.op = IOMMU_VFIO_IOAS_SET,
	};

	return ret_errno(ioctl(fd, IOMMU_VFIO_IOAS, &cmd));
}

int ioas_chosen(int fd, uint32_t *ioas)
{
	struct iommu_vfio_ioas cmd = { .size = sizeof(cmd), .op = IOMMU_VFIO_IOAS_GET };
	int ret = ret_errno(ioctl(fd, IOMMU_VFIO_IOAS, &cmd));

	*ioas = cmd.ioas_id;
	return ret;
}

int ioas_map(int fd, uint32_t ioas, void *va, uint64_t iova, uint64_t size, uint32_t flags)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = flags | IOMMU_IOAS_MAP_FIXED_IOVA,
		.ioas_id = ioas,
		.user_va = (uintptr_t)va,
		.length = size,
		.iova = iova,
	};

	return ret_errno(ioctl(fd, IOMMU_IOAS_MAP, &cmd));
}

int ioas_map_file(int fd, uint32_t ioas, int file, uint64_t start, uint64_t iova, uint64_t size,
		  uint32_t flags)
{
	struct iommu_ioas_map_file cmd = {
		.size = sizeof(cmd),
		.flags = flags | IOMMU_IOAS_MAP_FIXED_IOVA,
		.ioas_id = ioas,
		.fd = file,
		.start = start,
		.length = size,
		.iova = iova,
	};

	return ret_errno(ioctl(fd, IOMMU_IOAS_MAP_FILE, &cmd));
}

int ioas_copy(int fd, uint32_t to, uint64_t to_iova, uint32_t from, uint64_t from_iova,
	      uint64_t size)
{
	struct iommu_ioas_copy cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.dst_ioas_id = to,
		.src_ioas_id = from,
		.length = size,
		.dst_iova = to_iova,
		.src_iova = from_iova,
	};

	return ret_errno(ioctl(fd, IOMMU_IOAS_COPY, &cmd));
}

int ioas_unmap(int fd, uint32_t ioas, uint64_t iova, uint64_t size)
{
	struct iommu_ioas_unmap cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.iova = iova,
		.length = size,
	};

	return ret_errno(ioctl(fd, IOMMU_IOAS_UNMAP, &cmd));
}

int ioas_ranges(int fd, uint32_t ioas, struct iova_range *r, int max)
{
	struct iommu_iova_range ranges[16];
	struct iommu_ioas_iova_ranges cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.num_iovas = 16,
		.allowed_iovas = (uintptr_t)ranges,
	};
	int nr;

	if (ioctl(fd, IOMMU_IOAS_IOVA_RANGES, &cmd))
		return -errno;
	for (nr = 0; nr < max && nr < (int)cmd.num_iovas; nr++)
		r[nr] = (struct iova_range){ ranges[nr].start, ranges[nr].last };
	return nr;
}

/* Page tables */

int hwpt_alloc(int fd, uint32_t dev, uint32_t parent, uint32_t flags, uint32_t data_type,
	       const void *data, uint32_t size, uint32_t *hwpt)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.dev_id = dev,
		.pt_id = parent,
		.data_type = data_type,
		.data_len = size,
		.data_uptr = (uintptr_t)data,
	};
	int ret = ret_errno(ioctl(fd, IOMMU_HWPT_ALLOC, &cmd));

	*hwpt = cmd.out_hwpt_id;
	return ret;
}

int hw_info(int fd, uint32_t dev, uint32_t *type, void *data, uint32_t size)
{
	struct iommu_hw_info cmd = {
		.size = sizeof(cmd),
		.dev_id = dev,
		.data_len = size,
		.data_uptr = (uintptr_t)data,
	};
	int ret = ret_errno(ioctl(fd, IOMMU_GET_HW_INFO, &cmd));

	*type = cmd.out_data_type;
	return ret;
}

/* Devices */

int cdev_path(const char *sbdf, char *path, size_t size)
{
	char dir[PATH_MAX];
	struct dirent *entry;
	int ret = -ENOENT;
	DIR *d;

	snprintf(dir, sizeof(dir), "/sys/bus/pci/devices/%s/vfio-dev", sbdf);
	d = opendir(dir);
	if (!d)
		return -errno;
	while (ret && (entry = readdir(d))) {
		if (strncmp(entry->d_name, "vfio", 4))
			continue;
		snprintf(path, size, "/dev/vfio/devices/%s", entry->d_name);
		ret = 0;
	}
	closedir(d);
	return ret;
}

int cdev_open(struct device *d, const char *sbdf)
{
	char path[PATH_MAX];
	int ret = cdev_path(sbdf, path, sizeof(path));

	d->fd = -1;
	snprintf(d->sbdf, sizeof(d->sbdf), "%s", sbdf);
	if (ret)
		return ret;
	d->fd = open(path, O_RDWR | O_CLOEXEC);
	return ret_errno(d->fd);
}

int cdev_bind(struct device *d, int fd, uint32_t *dev)
{
	struct vfio_device_bind_iommufd bind = { .argsz = sizeof(bind), .iommufd = fd };

	if (ioctl(d->fd, VFIO_DEVICE_BIND_IOMMUFD, &bind))
		return -errno;
	*dev = bind.out_devid;
	return device_find_config(d);
}

int cdev_attach(struct device *d, uint32_t to)
{
	struct vfio_device_attach_iommufd_pt attach = { .argsz = sizeof(attach), .pt_id = to };

	return ret_errno(ioctl(d->fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach));
}

int cdev_detach(struct device *d)
{
	struct vfio_device_detach_iommufd_pt detach = { .argsz = sizeof(detach) };

	return ret_errno(ioctl(d->fd, VFIO_DEVICE_DETACH_IOMMUFD_PT, &detach));
}
