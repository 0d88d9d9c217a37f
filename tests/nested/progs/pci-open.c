// SPDX-License-Identifier: GPL-2.0
/*
 * Opens any PCI device through VFIO and looks at all that VFIO shows of it:
 * configuration space, BARs, interrupts, reset, a mapping.
 *
 * usage: pci-open SBDF
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tap.h"
#include "util.h"
#include "vfio.h"

static unsigned int sysfs_hex(const char *sbdf, const char *name)
{
	char path[PATH_MAX];
	unsigned int value = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", sbdf, name);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%x", &value) != 1)
		die("%s can't be read", path);
	fclose(f);
	return value;
}

static void config_space(struct device *d)
{
	uint16_t id[2] = { 0 };

	ok0(device_config_read(d, 0, id, sizeof(id)), "configuration space can be read");
	ok(id[0] == sysfs_hex(d->sbdf, "vendor") && id[1] == sysfs_hex(d->sbdf, "device"),
	   "it says %04x:%04x, as sysfs does", id[0], id[1]);
}

static void bars(struct device *d)
{
	unsigned int mapped = 0;
	uint64_t size;
	void *va;

	ok0(device_memory_decode(d, true), "memory decode goes on");
	for (unsigned int bar = 0; bar < 6; bar++) {
		va = device_map_bar(d, bar, &size);
		if (!va)
			continue;
		comment("BAR %u: %llu KiB, first word 0x%x", bar, (unsigned long long)size >> 10,
			*(volatile uint32_t *)va);
		mapped++;
		munmap(va, size);
	}
	ok(mapped > 0, "%u BARs can be mapped", mapped);
}

static void interrupts(struct device *d)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	unsigned int found = 0;

	if (!ok0(ioctl(d->fd, VFIO_DEVICE_GET_INFO, &info) ? -errno : 0, "device info"))
		return;
	ok(info.num_regions >= 9 && info.flags & VFIO_DEVICE_FLAGS_PCI, "it is a PCI device");
	for (unsigned int i = 0; i < info.num_irqs; i++) {
		struct vfio_irq_info irq = { .argsz = sizeof(irq), .index = i };

		if (!ioctl(d->fd, VFIO_DEVICE_GET_IRQ_INFO, &irq) && irq.count)
			found |= 1u << i;
	}
	ok(found != 0, "it has interrupts (kinds 0x%x)", found);
	if (info.flags & VFIO_DEVICE_FLAGS_RESET)
		ok0(device_reset(d), "it resets");
	else
		skip("VFIO knows no reset for it", "it resets");
}

int main(int argc, char **argv)
{
	struct container c;
	struct group g;
	struct device d;
	void *va = pages_alloc(MIB(1));

	if (argc != 2)
		die("usage: pci-open SBDF");
	if (container_open(&c) || !ok0(group_open(&g, argv[1]), "%s: open its group", argv[1]))
		return 1;
	ok(group_viable(&g), "the group is viable");
	ok0(group_join(&g, &c), "it joins a container");
	ok0(container_set_type(&c, VFIO_TYPE1v2_IOMMU), "the container is of type1");
	if (!ok0(device_open(&d, &g, argv[1]), "open the device"))
		return 1;
	config_space(&d);
	interrupts(&d);
	bars(&d);
	ok0(device_bus_master(&d, true), "bus mastering goes on");
	ok0(container_map(&c, va, GIB(1), MIB(1), RW), "map 1 MiB");
	ok0(container_unmap(&c, GIB(1), MIB(1), 0, NULL), "unmap it");
	device_close(&d);
	group_close(&g);
	container_close(&c);
	return tap_status();
}
