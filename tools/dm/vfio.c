// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VFIO device that a guest has.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vfio.h"

#define MAX_CAPABILITIES 48 /* as many as fit between 0x40 and 0xff */

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

int vfio_device_init(struct vfio_device *dev, int fd)
{
	struct vfio_region_info info;
	int err;

	*dev = (struct vfio_device){ .fd = fd };
	err = get_region(dev, VFIO_PCI_CONFIG_REGION_INDEX, &info);
	if (!err) {
		dev->config_offset = info.offset;
		dev->config_size = (uint32_t)info.size;
		err = init_bars(dev);
	}
	if (!err)
		init_irqs(dev);
	return err;
}

void vfio_device_close(struct vfio_device *dev)
{
	close(dev->fd);
	dev->fd = -1;
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

/* Little-endian on both sides, as x86 is. */
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

static int set_feature(const struct vfio_device *dev, uint32_t feature,
		       const void *data, size_t size)
{
	union {
		struct vfio_device_feature header;
		uint8_t bytes[64];
	} arg = {
		.header.argsz = (uint32_t)(sizeof(arg.header) + size),
		.header.flags = VFIO_DEVICE_FEATURE_SET | feature,
	};

	assert(arg.header.argsz <= sizeof(arg));
	memcpy(arg.header.data, data, size);
	return ioctl(dev->fd, VFIO_DEVICE_FEATURE, &arg) ? -errno : 0;
}

static int set_bar(const struct vfio_device *dev,
		   const struct vfio_device_feature_xen_bar *want)
{
	if (!part_is_sane(dev, want->bar, want->offset, want->size))
		return -EINVAL;
	return set_feature(dev, VFIO_DEVICE_FEATURE_XEN_BAR, want,
			   sizeof(*want));
}

int vfio_bar_map(const struct vfio_device *dev, unsigned int bar,
		 uint64_t offset, uint64_t size, uint64_t address)
{
	const struct vfio_device_feature_xen_bar want = { bar, 1, offset, size,
							  address };

	return set_bar(dev, &want);
}

int vfio_bar_unmap(const struct vfio_device *dev, unsigned int bar,
		   uint64_t offset, uint64_t size, uint64_t address)
{
	const struct vfio_device_feature_xen_bar want = { bar, 0, offset, size,
							  address };

	return set_bar(dev, &want);
}

static int set_ports(const struct vfio_device *dev,
		     const struct vfio_device_feature_xen_ports *want)
{
	return set_feature(dev, VFIO_DEVICE_FEATURE_XEN_PORTS, want,
			   sizeof(*want));
}

int vfio_ports_map(const struct vfio_device *dev, unsigned int bar,
		   uint16_t gport)
{
	const struct vfio_device_feature_xen_ports want = { bar, 1, gport };

	return set_ports(dev, &want);
}

int vfio_ports_unmap(const struct vfio_device *dev, unsigned int bar)
{
	const struct vfio_device_feature_xen_ports want = { bar, 0, 0 };

	return set_ports(dev, &want);
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

int vfio_notify(const struct vfio_device *dev, unsigned int index, int fd)
{
	union {
		struct vfio_irq_set header;
		uint8_t bytes[sizeof(struct vfio_irq_set) + sizeof(int32_t)];
	} set = {
		.header.argsz = sizeof(set.bytes),
		.header.flags = VFIO_IRQ_SET_DATA_EVENTFD |
				VFIO_IRQ_SET_ACTION_TRIGGER,
		.header.index = index,
		.header.count = 1,
	};

	memcpy(set.header.data, &fd, sizeof(int32_t));
	return ioctl(dev->fd, VFIO_DEVICE_SET_IRQS, &set) ? -errno : 0;
}

int vfio_intx_prepare(const struct vfio_device *dev)
{
	struct vfio_irq_xen_guest entry = {
		.flags = VFIO_IRQ_XEN_GUEST_CONNECT | VFIO_IRQ_XEN_GUEST_SHARED,
	};
	int err;

	if (!vfio_has_intx(dev))
		return 0;
	err = vfio_irq_connect(dev, VFIO_PCI_INTX_IRQ_INDEX, 0, 1, &entry);
	if (!err)
		err = vfio_irq_disable(dev, VFIO_PCI_INTX_IRQ_INDEX);
	return err;
}
