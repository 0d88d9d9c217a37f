/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VFIO device that a guest has. How it becomes the guest's is group.h's; all that
 * is done with it then is the same, and here.
 *
 * The supervisor opens devices, and keeps them open. The worker gets a copy of a
 * device's descriptor, and makes its own struct vfio_device of it. Closing the last
 * copy takes the device from the guest.
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
	uint64_t size; /* 0: there is none */
	uint64_t offset; /* in the device's file */
	uint32_t type; /* low bits of the register: PCI_BASE_ADDRESS_* */
	bool can_map; /* in memory, and VFIO lets it be mapped, table apart */
};

struct vfio_device {
	int fd;
	uint64_t config_offset;
	uint32_t config_size;
	struct vfio_bar bars[VFIO_NR_BARS];
	struct vfio_bar rom;
	uint32_t nr_irqs[VFIO_PCI_NUM_IRQS]; /* vectors that an index has */
	bool guest_irqs[VFIO_PCI_NUM_IRQS]; /* and can go to a guest */
};

/* Make a device of a descriptor, which is then its own. */
int vfio_device_init(struct vfio_device *dev, int fd);
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
int vfio_bar_unmap(const struct vfio_device *dev, unsigned int bar,
		   uint64_t offset, uint64_t size, uint64_t address);
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
/* Why that failed; Xen's limit has a text of its own, as has its way out. */
#define VFIO_NO_VECTOR_LEFT                                            \
	"the guest has no free interrupt; raise extra_guest_irqs= on " \
	"Xen's command line (32 for each guest by default)"
static inline const char *vfio_irq_strerror(int err)
{
	return err == -ENOSPC ? VFIO_NO_VECTOR_LEFT : strerror(-err);
}

/* Disconnect all of an index, so that another one can be used. */
int vfio_irq_disable(const struct vfio_device *dev, unsigned int index);

/* Whether the device has INTx that a guest can be connected to. */
static inline bool vfio_has_intx(const struct vfio_device *dev)
{
	return dev->nr_irqs[VFIO_PCI_INTX_IRQ_INDEX] &&
	       dev->guest_irqs[VFIO_PCI_INTX_IRQ_INDEX];
}

/* Have an eventfd signalled for an index that is not an interrupt of the device's. */
int vfio_notify(const struct vfio_device *dev, unsigned int index, int fd);

/*
 * See that the guest can have INTx, if the device has it, on a line that others may
 * use as well: from then on whoever has the device can connect it. Needs
 * CAP_SYS_ADMIN, and no index that is in use. Return: 0 or -errno; -EBUSY if a driver
 * of dom0's has the line and does not share it.
 */
int vfio_intx_prepare(const struct vfio_device *dev);

#endif
