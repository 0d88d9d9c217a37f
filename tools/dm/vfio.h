/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VFIO device that a guest has: the only file of vfio-xen-dm that makes VFIO's
 * ioctls.
 *
 * The supervisor opens groups and devices, and keeps them open. The worker gets
 * copies of a device's two descriptors, and makes its own struct vfio_device of
 * them. Closing the last copy takes the device from the guest.
 *
 * All functions return 0 or -errno, unless they say otherwise.
 */
#ifndef DM_VFIO_H
#define DM_VFIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "problem.h"
#include "vfio_xen.h"

#define VFIO_NR_BARS 6
#define VFIO_UUID_SIZE 16

struct vfio_group;

struct vfio_bar {
	uint64_t size; /* 0: there is none */
	uint64_t offset; /* in the device's file */
	uint32_t type; /* low bits of the register: PCI_BASE_ADDRESS_* */
	bool can_map; /* in memory, and VFIO lets it be mapped, table apart */
};

struct vfio_device {
	int fd;
	int container;
	uint64_t config_offset;
	uint32_t config_size;
	struct vfio_bar bars[VFIO_NR_BARS];
	struct vfio_bar rom;
	uint32_t nr_irqs[VFIO_PCI_NUM_IRQS]; /* vectors that an index has */
	bool guest_irqs[VFIO_PCI_NUM_IRQS]; /* and can go to a guest */
};

/* ---- supervisor ---- */

/**
 * vfio_group_open - give the devices of a group to a guest
 * @group: where to put it
 * @number: the group's
 * @domid: the guest
 * @uuid: its, so that a domid that is used again is not taken for it
 * @problem: is told the step that failed, and the way out
 *
 * Return: 0; -EOPNOTSUPP if the guest was created without an IOMMU, -EBUSY if
 * somebody else has the group or VFIO does not have all its members, -ENOENT if
 * there is no such group with VFIO, -ESRCH if the guest is gone.
 */
int vfio_group_open(struct vfio_group **group, int number, uint32_t domid,
		    const uint8_t uuid[VFIO_UUID_SIZE],
		    struct problem *problem);
int vfio_group_number(const struct vfio_group *group);
/* The guest loses the devices once their descriptors are closed too. */
void vfio_group_close(struct vfio_group *group);

/* @address as in sysfs: 0000:05:00.0 */
int vfio_device_open(struct vfio_device *dev, struct vfio_group *group,
		     const char *address);
int vfio_device_reset(struct vfio_device *dev);

/* ---- both ---- */

/* Make a device of two descriptors, which are then its own. */
int vfio_device_init(struct vfio_device *dev, int fd, int container);
void vfio_device_close(struct vfio_device *dev);

/* Registers of 1, 2 or 4 bytes, naturally aligned, as VFIO shows them. */
int vfio_config_read(const struct vfio_device *dev, uint32_t offset,
		     unsigned int size, uint32_t *value);
int vfio_config_write(const struct vfio_device *dev, uint32_t offset,
		      unsigned int size, uint32_t value);
/* Offset of a capability below 256, or 0; ends whatever the list looks like. */
uint8_t vfio_find_capability(const struct vfio_device *dev, uint8_t id);

/* Parts of a BAR, by VFIO: for what cannot be mapped. Any size up to 8. */
int vfio_bar_read(const struct vfio_device *dev, unsigned int bar,
		  uint64_t offset, void *data, size_t size);
int vfio_bar_write(const struct vfio_device *dev, unsigned int bar,
		   uint64_t offset, const void *data, size_t size);
/* The same for the expansion ROM. */
int vfio_rom_read(const struct vfio_device *dev, uint64_t offset, void *data,
		  size_t size);

/*
 * Have an HVM guest see a part of a memory BAR at guest-physical @address. All
 * are multiples of the page size; the device decodes memory; no part of the
 * MSI-X table's pages is in it.
 */
int vfio_bar_map(const struct vfio_device *dev, unsigned int bar,
		 uint64_t offset, uint64_t size, uint64_t address);
int vfio_bar_unmap(const struct vfio_device *dev, uint64_t address,
		   uint64_t size);
/* The same for the ports of an I/O BAR; always all of it. */
int vfio_ports_map(const struct vfio_device *dev, unsigned int bar,
		   uint16_t gport);
int vfio_ports_unmap(const struct vfio_device *dev, unsigned int bar);

/*
 * Connect vectors of an index (VFIO_PCI_*_IRQ_INDEX) to the guest, or disconnect
 * them: entries are written back, see linux/vfio_xen.h.
 */
int vfio_irq_connect(const struct vfio_device *dev, unsigned int index,
		     unsigned int vector, unsigned int nr,
		     struct vfio_irq_xen_guest *entries);
/* Disconnect all of an index, so that another one can be used. */
int vfio_irq_disable(const struct vfio_device *dev, unsigned int index);

#endif
