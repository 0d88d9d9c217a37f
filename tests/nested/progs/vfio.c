// SPDX-License-Identifier: GPL-2.0
/* See vfio.h. */
#include "vfio.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/iommufd.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iommufd.h"
#include "util.h"

#define UUID_SIZE 16

/* As <linux/vfio.h> has it since Linux 6.19 */
#ifndef VFIO_DEVICE_FEATURE_DMA_BUF
#define VFIO_DEVICE_FEATURE_DMA_BUF 11

struct vfio_region_dma_range {
	__u64 offset;
	__u64 length;
};

struct vfio_device_feature_dma_buf {
	__u32 region_index;
	__u32 open_flags;
	__u32 flags;
	__u32 nr_ranges;
};
#endif

bool vfio_is(const char *interface)
{
	const char *wanted = getenv("RIG_VFIO");

	return !strcmp(wanted ? wanted : "type1", interface);
}

static bool use_cdev(void)
{
	return vfio_is("cdev");
}

static int fd_close(int *fd)
{
	int ret = *fd >= 0 ? close(*fd) : 0;

	*fd = -1;
	return ret ? -errno : 0;
}

/* Containers */

static const char *container_path(void)
{
	return vfio_is("type1") ? "/dev/vfio/vfio" : "/dev/iommu";
}

int container_open(struct container *c)
{
	c->fd = open(container_path(), O_RDWR | O_CLOEXEC);
	return ret_errno(c->fd);
}

/* Without a group to join there is no IOAS for it yet. */
int container_set_type(struct container *c, unsigned int type)
{
	uint32_t ioas;
	int ret;

	if (use_cdev()) {
		ret = ioas_alloc(c->fd, &ioas);
		if (!ret)
			ret = ioas_choose(c->fd, ioas);
		if (ret)
			return ret;
	}
	return ret_errno(ioctl(c->fd, VFIO_SET_IOMMU, type));
}

int container_map(struct container *c, void *va, uint64_t iova, uint64_t size, uint32_t flags)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = flags,
		.vaddr = (uintptr_t)va,
		.iova = iova,
		.size = size,
	};

	return ret_errno(ioctl(c->fd, VFIO_IOMMU_MAP_DMA, &map));
}

int container_unmap(struct container *c, uint64_t iova, uint64_t size, uint32_t flags,
		    uint64_t *unmapped)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.flags = flags,
		.iova = iova,
		.size = size,
	};
	int ret = ret_errno(ioctl(c->fd, VFIO_IOMMU_UNMAP_DMA, &unmap));

	if (unmapped)
		*unmapped = ret ? 0 : unmap.size;
	return ret;
}

static struct vfio_iommu_type1_info *container_info(struct container *c)
{
	struct vfio_iommu_type1_info *info = NULL, *grown;
	uint32_t size = sizeof(*info);

	for (;;) {
		grown = realloc(info, size);
		if (!grown)
			break;
		info = grown;
		memset(info, 0, size);
		info->argsz = size;
		if (ioctl(c->fd, VFIO_IOMMU_GET_INFO, info))
			break;
		if (info->argsz <= size)
			return info;
		size = info->argsz;
	}
	free(info);
	return NULL;
}

static const void *info_capability(const struct vfio_iommu_type1_info *info, uint16_t id)
{
	uint32_t offset = info->flags & VFIO_IOMMU_INFO_CAPS ? info->cap_offset : 0;

	while (offset) {
		const struct vfio_info_cap_header *h = (const void *)((const char *)info + offset);

		if (h->id == id)
			return h;
		offset = h->next;
	}
	return NULL;
}

int container_iova_ranges(struct container *c, struct iova_range *r, int max)
{
	struct vfio_iommu_type1_info *info = container_info(c);
	const struct vfio_iommu_type1_info_cap_iova_range *cap;
	int nr = -ENOENT;

	if (!info)
		return -errno;
	cap = info_capability(info, VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE);
	if (cap)
		for (nr = 0; nr < max && nr < (int)cap->nr_iovas; nr++)
			r[nr] = (struct iova_range){ cap->iova_ranges[nr].start,
						     cap->iova_ranges[nr].end };
	free(info);
	return nr;
}

void container_close(struct container *c)
{
	fd_close(&c->fd);
}

/* Groups */

int group_open(struct group *g, const char *sbdf)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t n;

	g->fd = -1;
	snprintf(g->sbdf, sizeof(g->sbdf), "%s", sbdf);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", sbdf);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = 0;
	g->id = atoi(strrchr(target, '/') + 1);
	if (use_cdev())
		return 0;
	snprintf(path, sizeof(path), "/dev/vfio/%d", g->id);
	g->fd = open(path, O_RDWR | O_CLOEXEC);
	return ret_errno(g->fd);
}

bool group_viable(struct group *g)
{
	struct vfio_group_status s = { .argsz = sizeof(s) };

	return use_cdev() || (!ioctl(g->fd, VFIO_GROUP_GET_STATUS, &s) &&
			      (s.flags & VFIO_GROUP_FLAGS_VIABLE));
}

int group_join(struct group *g, struct container *c)
{
	g->container = c;
	return use_cdev() ? 0 : ret_errno(ioctl(g->fd, VFIO_GROUP_SET_CONTAINER, &c->fd));
}

int group_leave(struct group *g)
{
	return use_cdev() ? 0 : ret_errno(ioctl(g->fd, VFIO_GROUP_UNSET_CONTAINER));
}

void group_close(struct group *g)
{
	fd_close(&g->fd);
}

/* Devices */

int device_open(struct device *d, struct group *g, const char *sbdf)
{
	return device_open_token(d, g, sbdf, NULL);
}

int device_find_config(struct device *d)
{
	struct vfio_region_info config = {
		.argsz = sizeof(config),
		.index = VFIO_PCI_CONFIG_REGION_INDEX,
	};
	int ret = ret_errno(ioctl(d->fd, VFIO_DEVICE_GET_REGION_INFO, &config));

	d->config = config.offset;
	return ret;
}

static int open_cdev(struct device *d, struct container *c, const char *sbdf)
{
	uint32_t ioas, dev;
	int ret = ioas_chosen(c->fd, &ioas);

	if (!ret)
		ret = cdev_open(d, sbdf);
	if (!ret)
		ret = cdev_bind(d, c->fd, &dev);
	if (!ret)
		ret = cdev_attach(d, ioas);
	if (ret)
		fd_close(&d->fd);
	return ret;
}

int device_open_token(struct device *d, struct group *g, const char *sbdf, const char *token)
{
	char name[80];
	int ret;

	d->fd = -1;
	if (use_cdev())
		return token ? -EOPNOTSUPP : open_cdev(d, g->container, sbdf);
	snprintf(d->sbdf, sizeof(d->sbdf), "%s", sbdf);
	snprintf(name, sizeof(name), "%s%s%s", sbdf, token ? " vf_token=" : "", token ? token : "");
	d->fd = ioctl(g->fd, VFIO_GROUP_GET_DEVICE_FD, name);
	if (d->fd < 0)
		return -errno;
	ret = device_find_config(d);
	if (ret)
		fd_close(&d->fd);
	return ret;
}

int vfio_give(const char *sbdf, uid_t user)
{
	char path[PATH_MAX];
	struct group g;
	int ret;

	if (use_cdev()) {
		ret = cdev_path(sbdf, path, sizeof(path));
	} else {
		ret = group_open(&g, sbdf);
		snprintf(path, sizeof(path), "/dev/vfio/%d", g.id);
		group_close(&g);
	}
	if (!ret)
		ret = ret_errno(chown(path, user, user));
	return ret ? ret : ret_errno(chmod(container_path(), 0666));
}

static int uuid_parse(const char *text, uint8_t *uuid)
{
	for (unsigned int i = 0; i < UUID_SIZE; i++) {
		if (*text == '-')
			text++;
		if (sscanf(text, "%2hhx", &uuid[i]) != 1)
			return -EINVAL;
		text += 2;
	}
	return 0;
}

int device_set_token(struct device *d, const char *token)
{
	struct {
		uint32_t argsz, flags;
		uint8_t uuid[UUID_SIZE];
	} feature = {
		.argsz = sizeof(feature),
		.flags = VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_PCI_VF_TOKEN,
	};
	int ret = uuid_parse(token, feature.uuid);

	return ret ? ret : ret_errno(ioctl(d->fd, VFIO_DEVICE_FEATURE, &feature));
}

bool device_find_table(struct device *d, unsigned int *bar, uint64_t *offset)
{
	uint8_t pos = 0, id = 0;
	uint32_t where = 0;

	device_config_read(d, PCI_CAPABILITY_LIST, &pos, 1);
	for (; pos; device_config_read(d, pos + 1, &pos, 1)) {
		device_config_read(d, pos, &id, 1);
		if (id == PCI_CAP_ID_MSIX)
			break;
	}
	if (!pos || device_config_read(d, pos + PCI_MSIX_TABLE, &where, sizeof(where)))
		return false;
	*bar = where & PCI_MSIX_TABLE_BIR;
	*offset = where & PCI_MSIX_TABLE_OFFSET;
	return true;
}

/* A driver may keep the MSI-X table to itself: then what is in front of it. */
void *device_map_bar(struct device *d, unsigned int bar, uint64_t *size)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = bar };
	unsigned int table_bar;
	uint64_t table;
	void *va;

	if (ioctl(d->fd, VFIO_DEVICE_GET_REGION_INFO, &info))
		return NULL;
	if (!info.size || !(info.flags & VFIO_REGION_INFO_FLAG_MMAP))
		return NULL;
	va = mmap(NULL, info.size, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd, (off_t)info.offset);
	if (va == MAP_FAILED && errno == EINVAL) {
		if (!device_find_table(d, &table_bar, &table) || table_bar != bar || table < PAGE)
			return NULL;
		info.size = table & ~(PAGE - 1);
		va = mmap(NULL, info.size, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd,
			  (off_t)info.offset);
	}
	if (size)
		*size = info.size;
	return va == MAP_FAILED ? NULL : va;
}

int device_config_read(struct device *d, uint16_t offset, void *p, uint16_t n)
{
	ssize_t got = pread(d->fd, p, n, (off_t)(d->config + offset));

	return got < 0 ? -errno : got == n ? 0 : -EIO;
}

int device_config_write(struct device *d, uint16_t offset, const void *p, uint16_t n)
{
	ssize_t got = pwrite(d->fd, p, n, (off_t)(d->config + offset));

	return got < 0 ? -errno : got == n ? 0 : -EIO;
}

static int device_command(struct device *d, uint16_t bit, bool on)
{
	uint16_t cmd, want;
	int ret = device_config_read(d, PCI_COMMAND, &cmd, sizeof(cmd));

	if (ret)
		return ret;
	want = (uint16_t)(on ? cmd | bit : cmd & ~bit);
	ret = device_config_write(d, PCI_COMMAND, &want, sizeof(want));
	if (ret)
		return ret;
	ret = device_config_read(d, PCI_COMMAND, &cmd, sizeof(cmd));
	return ret ? ret : cmd == want ? 0 : -EIO;
}

int device_bus_master(struct device *d, bool on)
{
	return device_command(d, PCI_COMMAND_MASTER, on);
}

int device_memory_decode(struct device *d, bool on)
{
	return device_command(d, PCI_COMMAND_MEMORY, on);
}

int device_reset(struct device *d)
{
	return ret_errno(ioctl(d->fd, VFIO_DEVICE_RESET));
}

static int share_mapping(struct device *d, struct container *c, unsigned int bar, uint64_t offset,
			 uint64_t iova, uint64_t size)
{
	uint64_t all;
	uint8_t *va = device_map_bar(d, bar, &all);
	int ret;

	if (!va)
		return -ENODEV;
	ret = container_map(c, va + offset, iova, size, RW);
	munmap(va, all);
	return ret;
}

int device_export_bar(struct device *d, unsigned int bar, const struct bar_range *r, uint32_t nr)
{
	struct {
		struct vfio_device_feature feature;
		struct vfio_device_feature_dma_buf get;
		struct vfio_region_dma_range ranges[2];
	} f = {
		.feature = { .argsz = sizeof(f),
			     .flags = VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_DMA_BUF },
		.get = { .region_index = bar, .open_flags = O_RDWR | O_CLOEXEC, .nr_ranges = nr },
	};
	int fd;

	for (uint32_t i = 0; i < nr && i < ARRAY_SIZE(f.ranges); i++)
		f.ranges[i] = (struct vfio_region_dma_range){ r[i].offset, r[i].length };
	fd = ioctl(d->fd, VFIO_DEVICE_FEATURE, &f);
	return fd < 0 ? -errno : fd;
}

/* What is mapped keeps the dma-buf. */
static int share_dmabuf(struct device *d, struct container *c, unsigned int bar, uint64_t offset,
			uint64_t iova, uint64_t size)
{
	uint32_t ioas;
	struct bar_range range = { offset, size };
	int ret, dmabuf = device_export_bar(d, bar, &range, 1);

	if (dmabuf < 0)
		return dmabuf;
	ret = ioas_chosen(c->fd, &ioas);
	if (!ret)
		ret = ioas_map_file(c->fd, ioas, dmabuf, 0, iova, size,
				    IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE);
	close(dmabuf);
	return ret;
}

int device_share_bar(struct device *d, struct container *c, unsigned int bar, uint64_t offset,
		     uint64_t iova, uint64_t size)
{
	return use_cdev() ? share_dmabuf(d, c, bar, offset, iova, size) :
			    share_mapping(d, c, bar, offset, iova, size);
}

void device_close(struct device *d)
{
	fd_close(&d->fd);
}
