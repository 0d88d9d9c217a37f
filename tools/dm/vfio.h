/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VFIO device of a guest. group.h assigns it to the guest; everything after that is
 * here, and independent of VFIO's interface.
 *
 * The supervisor opens devices, and keeps them open. The worker gets a copy of the
 * descriptor, and creates its own struct vfio_device from it. Closing the last copy takes
 * the device from the guest.
 *
 * All functions return 0 or -errno, unless they say otherwise.
 */
#ifndef DM_VFIO_H
#define DM_VFIO_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "problem.h"
#include "vfio_xen.h"

#define VFIO_NR_BARS 6

struct vfio_bar {
	uint64_t size; /* 0: none */
	uint64_t offset; /* in the device's file */
	uint32_t type; /* low bits of the register: PCI_BASE_ADDRESS_* */
	bool can_map; /* a memory BAR that VFIO can map, except the MSI-X table */
};

struct vfio_device {
	int fd;
	uint64_t config_offset;
	uint32_t config_size;
	struct vfio_bar bars[VFIO_NR_BARS];
	struct vfio_bar rom;
	uint32_t nr_irqs[VFIO_PCI_NUM_IRQS]; /* vectors of an index */
	bool guest_irqs[VFIO_PCI_NUM_IRQS]; /* a guest can have them */
};

/* Creates a device from a descriptor, which vfio_device_close() closes in any case. */
int vfio_device_init(struct vfio_device *dev, int fd);
void vfio_device_close(struct vfio_device *dev);

/* Registers of 1, 2 or 4 bytes, naturally aligned, as VFIO shows them. */
int vfio_config_read(const struct vfio_device *dev, uint32_t offset,
		     unsigned int size, uint32_t *value);
int vfio_config_write(const struct vfio_device *dev, uint32_t offset,
		      unsigned int size, uint32_t value);
/* The value of a register, or 0 if it is unreadable */
static inline uint32_t vfio_config_value(const struct vfio_device *dev,
					 uint32_t offset, unsigned int size)
{
	uint32_t value;

	return vfio_config_read(dev, offset, size, &value) ? 0 : value;
}

/*
 * The offset of a capability below 256, or 0. Returns for any list, even a looping one.
 */
uint8_t vfio_find_capability(const struct vfio_device *dev, uint8_t id);

/*
 * Reads and writes a BAR through VFIO, for parts that cannot be mapped. Any size up to 8.
 */
int vfio_bar_read(const struct vfio_device *dev, unsigned int bar,
		  uint64_t offset, void *data, size_t size);
int vfio_bar_write(const struct vfio_device *dev, unsigned int bar,
		   uint64_t offset, const void *data, size_t size);
/* The same for the expansion ROM */
int vfio_rom_read(const struct vfio_device *dev, uint64_t offset, void *data,
		  size_t size);

/*
 * Maps a part of a memory BAR into an HVM guest at guest-physical @address. All arguments
 * are multiples of the page size. The device must decode memory, and the part must not
 * contain pages of the MSI-X table.
 */
int vfio_bar_map(const struct vfio_device *dev, unsigned int bar,
		 uint64_t offset, uint64_t size, uint64_t address);
int vfio_bar_unmap(const struct vfio_device *dev, unsigned int bar,
		   uint64_t offset, uint64_t size, uint64_t address);
/* The same for the ports of an I/O BAR, always as a whole */
int vfio_ports_map(const struct vfio_device *dev, unsigned int bar,
		   uint16_t gport);
int vfio_ports_unmap(const struct vfio_device *dev, unsigned int bar);

/*
 * Connects vectors of an index (VFIO_PCI_*_IRQ_INDEX) to the guest, or disconnects them.
 * Entries are written back; see linux/vfio_xen.h.
 */
int vfio_irq_connect(const struct vfio_device *dev, unsigned int index,
		     unsigned int vector, unsigned int nr,
		     struct vfio_irq_xen_guest *entries);
/* Why that failed; Xen's limit has a text of its own, as has its way out. */
#define VFIO_NO_VECTOR_LEFT                                            \
	"the guest has no free interrupt; raise extra_guest_irqs= on " \
	"Xen's command line (32 for each guest by default)"
static inline const char *vfio_irq_strerror(int err)
{
	return err == -ENOSPC ? VFIO_NO_VECTOR_LEFT : strerror(-err);
}

/* Disconnects all vectors of an index, so that another index can be used. */
int vfio_irq_disable(const struct vfio_device *dev, unsigned int index);

/* Whether the device has INTx that can be connected to a guest */
static inline bool vfio_has_intx(const struct vfio_device *dev)
{
	return dev->nr_irqs[VFIO_PCI_INTX_IRQ_INDEX] &&
	       dev->guest_irqs[VFIO_PCI_INTX_IRQ_INDEX];
}

/* Sets the eventfd of an index that is no interrupt of the device (ERR, REQ). */
int vfio_notify(const struct vfio_device *dev, unsigned int index, int fd);

/*
 * Prepares INTx, if the device has it, on a line that others may use as well: from then
 * on every holder of the device can connect it. Needs CAP_SYS_ADMIN, and no index in use.
 * Returns 0 or -errno; -EBUSY if a driver of dom0 has the line and does not share it.
 */
int vfio_intx_prepare(const struct vfio_device *dev);

#endif
