// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VFIO device that a guest has.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vfio.h"
#include "xen_iommu.h"

#define PAGE_MASK_BYTES 0xfffULL
#define MAX_CAPABILITIES 48 /* as many as fit between 0x40 and 0xff */

struct vfio_group {
	int number;
	int fd;
	int container;
};

/* ---- groups ---- */

static int request_target(const struct vfio_group *group, uint32_t domid,
			  const uint8_t uuid[VFIO_UUID_SIZE], int *target)
{
	struct xen_iommu_target arg = {
		.argsz = sizeof(arg),
		.group = (uint32_t)group->number,
		.domid = domid,
	};
	int err;

	*target = open("/dev/xen/iommu", O_RDWR | O_CLOEXEC);
	if (*target < 0)
		return -errno;
	memcpy(arg.handle, uuid, sizeof(arg.handle));
	if (ioctl(*target, XEN_IOMMU_SET_TARGET, &arg)) {
		err = -errno;
		close(*target);
		return err;
	}
	return 0;
}

static int open_files(struct vfio_group *group)
{
	char path[32];

	snprintf(path, sizeof(path), "/dev/vfio/%d", group->number);
	group->fd = open(path, O_RDWR | O_CLOEXEC);
	if (group->fd < 0)
		return -errno;
	group->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (group->container < 0)
		return -errno;
	return 0;
}

static int check_viable(const struct vfio_group *group)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };

	if (ioctl(group->fd, VFIO_GROUP_GET_STATUS, &status))
		return -errno;
	return status.flags & VFIO_GROUP_FLAGS_VIABLE ? 0 : -EBUSY;
}

static int assign(const struct vfio_group *group)
{
	if (ioctl(group->fd, VFIO_GROUP_SET_CONTAINER, &group->container) ||
	    ioctl(group->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return -errno;
	return 0;
}

static int note_target(struct problem *problem, int err)
{
	static const char step[] = "name the guest to xen-iommu";

	if (err == -ENOENT || err == -ENXIO)
		return problem_note(
			problem, err, step, "there is no /dev/xen/iommu",
			"load the module xen-iommu of this version");
	if (err == -EBUSY)
		return problem_note(problem, err, step,
				    "another process is giving the group away",
				    NULL);
	return problem_note(problem, err, step, NULL, NULL);
}

static int note_assign(struct problem *problem, int err)
{
	static const char step[] = "assign the device to the guest";

	if (err == -EOPNOTSUPP)
		return problem_note(
			problem, err, step, NULL,
			"create the guest with passthrough=\"enabled\"");
	if (err == -EPERM)
		return problem_note(
			problem, err, step, NULL,
			"if this host may be trusted with it: modprobe vfio_iommu_type1 allow_unsafe_interrupts=1");
	return problem_note(problem, err, step, NULL, NULL);
}

static int group_connect(struct vfio_group *group, uint32_t domid,
			 const uint8_t uuid[VFIO_UUID_SIZE],
			 struct problem *problem)
{
	int target, err = request_target(group, domid, uuid, &target);

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
		problem_note(
			problem, err, "open the group with VFIO",
			"a member of its group belongs to a host driver",
			"all devices of a group go together: vfio-xen-ctl bind --group");
		goto close_target;
	}
	err = assign(group);
	if (err)
		note_assign(problem, err);
close_target:
	close(target);
	return err;
}

int vfio_group_open(struct vfio_group **group, int number, uint32_t domid,
		    const uint8_t uuid[VFIO_UUID_SIZE], struct problem *problem)
{
	struct vfio_group *new = malloc(sizeof(*new));
	int err;

	if (!new)
		return problem_note(problem, -ENOMEM, "open the group", NULL,
				    NULL);
	*new = (struct vfio_group){ number, -1, -1 };
	err = group_connect(new, domid, uuid, problem);
	if (err) {
		vfio_group_close(new);
		return err;
	}
	*group = new;
	return 0;
}

int vfio_group_number(const struct vfio_group *group)
{
	return group->number;
}

void vfio_group_close(struct vfio_group *group)
{
	if (!group)
		return;
	if (group->container >= 0)
		close(group->container);
	if (group->fd >= 0)
		close(group->fd);
	free(group);
}

/* ---- devices ---- */

static int get_region(const struct vfio_device *dev, uint32_t index,
		      struct vfio_region_info *info)
{
	*info = (struct vfio_region_info){
		.argsz = sizeof(*info),
		.index = index,
	};
	return ioctl(dev->fd, VFIO_DEVICE_GET_REGION_INFO, info) ? -errno : 0;
}

static int init_bars(struct vfio_device *dev)
{
	struct vfio_region_info info;
	uint32_t value;
	int err;

	for (unsigned int i = 0; i < VFIO_NR_BARS; i++) {
		struct vfio_bar *bar = &dev->bars[i];

		err = get_region(dev, VFIO_PCI_BAR0_REGION_INDEX + i, &info);
		if (err)
			return err;
		err = vfio_config_read(dev, PCI_BASE_ADDRESS_0 + 4 * i, 4,
				       &value);
		if (err)
			return err;
		bar->size = info.size;
		bar->offset = info.offset;
		bar->can_map = info.flags & VFIO_REGION_INFO_FLAG_MMAP;
		bar->type = value & PCI_BASE_ADDRESS_SPACE_IO ? 3 & value :
								0xf & value;
	}
	err = get_region(dev, VFIO_PCI_ROM_REGION_INDEX, &info);
	if (!err) {
		dev->rom.size = info.size;
		dev->rom.offset = info.offset;
	}
	return 0;
}

static void init_irqs(struct vfio_device *dev)
{
	for (uint32_t i = 0; i < VFIO_PCI_NUM_IRQS; i++) {
		struct vfio_irq_info info = {
			.argsz = sizeof(info),
			.index = i,
		};

		if (ioctl(dev->fd, VFIO_DEVICE_GET_IRQ_INFO, &info))
			continue; /* not all devices have all of them */
		dev->nr_irqs[i] = info.count;
		dev->guest_irqs[i] = info.flags & VFIO_IRQ_INFO_XEN_GUEST;
	}
}

int vfio_device_init(struct vfio_device *dev, int fd, int container)
{
	struct vfio_region_info info;
	int err;

	*dev = (struct vfio_device){ .fd = fd, .container = container };
	err = get_region(dev, VFIO_PCI_CONFIG_REGION_INDEX, &info);
	if (!err) {
		dev->config_offset = info.offset;
		dev->config_size = (uint32_t)info.size;
		err = init_bars(dev);
	}
	if (err) {
		vfio_device_close(dev);
		return err;
	}
	init_irqs(dev);
	return 0;
}

int vfio_device_open(struct vfio_device *dev, struct vfio_group *group,
		     const char *address)
{
	int container, fd = ioctl(group->fd, VFIO_GROUP_GET_DEVICE_FD, address);

	if (fd < 0)
		return -errno;
	container = fcntl(group->container, F_DUPFD_CLOEXEC, 0);
	if (container < 0) {
		close(fd);
		return -EMFILE;
	}
	return vfio_device_init(dev, fd, container);
}

void vfio_device_close(struct vfio_device *dev)
{
	close(dev->fd);
	close(dev->container);
	dev->fd = -1;
	dev->container = -1;
}

int vfio_device_reset(struct vfio_device *dev)
{
	return ioctl(dev->fd, VFIO_DEVICE_RESET) ? -errno : 0;
}

/* ---- registers ---- */

static int read_all(int fd, void *data, size_t size, uint64_t offset)
{
	ssize_t done = pread(fd, data, size, (off_t)offset);

	if (done < 0)
		return -errno;
	return (size_t)done == size ? 0 : -EIO;
}

static int write_all(int fd, const void *data, size_t size, uint64_t offset)
{
	ssize_t done = pwrite(fd, data, size, (off_t)offset);

	if (done < 0)
		return -errno;
	return (size_t)done == size ? 0 : -EIO;
}

static bool register_is_sane(const struct vfio_device *dev, uint32_t offset,
			     unsigned int size)
{
	return (size == 1 || size == 2 || size == 4) && offset % size == 0 &&
	       offset < dev->config_size && size <= dev->config_size - offset;
}

/* Little endian on both sides: there is no Xen for x86 that is not. */
int vfio_config_read(const struct vfio_device *dev, uint32_t offset,
		     unsigned int size, uint32_t *value)
{
	*value = 0;
	if (!register_is_sane(dev, offset, size))
		return -EINVAL;
	return read_all(dev->fd, value, size, dev->config_offset + offset);
}

int vfio_config_write(const struct vfio_device *dev, uint32_t offset,
		      unsigned int size, uint32_t value)
{
	if (!register_is_sane(dev, offset, size))
		return -EINVAL;
	return write_all(dev->fd, &value, size, dev->config_offset + offset);
}

uint8_t vfio_find_capability(const struct vfio_device *dev, uint8_t id)
{
	uint32_t value, offset;

	if (vfio_config_read(dev, PCI_STATUS, 2, &value) ||
	    !(value & PCI_STATUS_CAP_LIST) ||
	    vfio_config_read(dev, PCI_CAPABILITY_LIST, 1, &offset))
		return 0;
	for (int i = 0; i < MAX_CAPABILITIES; i++) {
		offset &= ~3U;
		if (offset < PCI_STD_HEADER_SIZEOF ||
		    vfio_config_read(dev, offset, 2, &value))
			return 0;
		if ((value & 0xff) == id)
			return (uint8_t)offset;
		offset = value >> 8;
	}
	return 0;
}

/* ---- BARs ---- */

static bool part_is_in(const struct vfio_bar *bar, uint64_t offset,
		       uint64_t size)
{
	return size && offset < bar->size && size <= bar->size - offset;
}

static bool part_is_sane(const struct vfio_device *dev, unsigned int bar,
			 uint64_t offset, uint64_t size)
{
	return bar < VFIO_NR_BARS && part_is_in(&dev->bars[bar], offset, size);
}

int vfio_bar_read(const struct vfio_device *dev, unsigned int bar,
		  uint64_t offset, void *data, size_t size)
{
	if (!part_is_sane(dev, bar, offset, size))
		return -EINVAL;
	return read_all(dev->fd, data, size, dev->bars[bar].offset + offset);
}

int vfio_bar_write(const struct vfio_device *dev, unsigned int bar,
		   uint64_t offset, const void *data, size_t size)
{
	if (!part_is_sane(dev, bar, offset, size))
		return -EINVAL;
	return write_all(dev->fd, data, size, dev->bars[bar].offset + offset);
}

int vfio_rom_read(const struct vfio_device *dev, uint64_t offset, void *data,
		  size_t size)
{
	if (!part_is_in(&dev->rom, offset, size))
		return -EINVAL;
	return read_all(dev->fd, data, size, dev->rom.offset + offset);
}

/* The mapping of our own is only there for VFIO to see what is meant. */
int vfio_bar_map(const struct vfio_device *dev, unsigned int bar,
		 uint64_t offset, uint64_t size, uint64_t address)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.iova = address,
		.size = size,
	};
	void *here;
	int err = 0;

	if (!part_is_sane(dev, bar, offset, size) ||
	    (offset | size | address) & PAGE_MASK_BYTES ||
	    !dev->bars[bar].can_map)
		return -EINVAL;
	here = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, dev->fd,
		    (off_t)(dev->bars[bar].offset + offset));
	if (here == MAP_FAILED)
		return -errno;
	map.vaddr = (uintptr_t)here;
	if (ioctl(dev->container, VFIO_IOMMU_MAP_DMA, &map))
		err = -errno;
	munmap(here, size);
	return err;
}

int vfio_bar_unmap(const struct vfio_device *dev, uint64_t address,
		   uint64_t size)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = address,
		.size = size,
	};

	if (ioctl(dev->container, VFIO_IOMMU_UNMAP_DMA, &unmap))
		return -errno;
	return unmap.size == size ? 0 : -ENOENT;
}

static int set_ports(const struct vfio_device *dev, unsigned int bar,
		     uint16_t map, uint16_t gport)
{
	struct {
		struct vfio_device_feature header;
		struct vfio_device_feature_xen_ports ports;
	} feature = {
		.header.argsz = sizeof(feature),
		.header.flags = VFIO_DEVICE_FEATURE_SET |
				VFIO_DEVICE_FEATURE_XEN_PORTS,
		.ports = { .bar = bar, .map = map, .gport = gport },
	};

	return ioctl(dev->fd, VFIO_DEVICE_FEATURE, &feature) ? -errno : 0;
}

int vfio_ports_map(const struct vfio_device *dev, unsigned int bar,
		   uint16_t gport)
{
	return set_ports(dev, bar, 1, gport);
}

int vfio_ports_unmap(const struct vfio_device *dev, unsigned int bar)
{
	return set_ports(dev, bar, 0, 0);
}

/* ---- interrupts ---- */

int vfio_irq_connect(const struct vfio_device *dev, unsigned int index,
		     unsigned int vector, unsigned int nr,
		     struct vfio_irq_xen_guest *entries)
{
	struct vfio_irq_set *set;
	size_t size = nr * sizeof(*entries);
	int err = 0;

	if (index >= VFIO_PCI_NUM_IRQS || !nr ||
	    vector >= dev->nr_irqs[index] || nr > dev->nr_irqs[index] - vector)
		return -EINVAL;
	set = calloc(1, sizeof(*set) + size);
	if (!set)
		return -ENOMEM;
	set->argsz = (uint32_t)(sizeof(*set) + size);
	set->flags = VFIO_IRQ_SET_DATA_XEN_GUEST | VFIO_IRQ_SET_ACTION_TRIGGER;
	set->index = index;
	set->start = vector;
	set->count = nr;
	memcpy(set->data, entries, size);
	if (ioctl(dev->fd, VFIO_DEVICE_SET_IRQS, set))
		err = -errno;
	memcpy(entries, set->data, size);
	free(set);
	return err;
}

int vfio_irq_disable(const struct vfio_device *dev, unsigned int index)
{
	struct vfio_irq_set set = {
		.argsz = sizeof(set),
		.flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = index,
	};

	return ioctl(dev->fd, VFIO_DEVICE_SET_IRQS, &set) ? -errno : 0;
}
