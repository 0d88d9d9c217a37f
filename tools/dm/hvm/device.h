/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device in an HVM guest, as the worker emulates it: function 0 of a slot.
 */
#ifndef DM_HVM_DEVICE_H
#define DM_HVM_DEVICE_H

#include "vfio-xen.h"

#include "../config.h"
#include "../reset.h"
#include "../worker.h"
#include "bars.h"
#include "irqs.h"
#include "guest_memory.h"
#include "msi.h"
#include "msix.h"
#include "request.h"
#include "rom.h"

struct hvm_device {
	const struct vfio_device *vfio;
	struct state_hvm *state;
	char name[VFIO_XEN_SBDF_SIZE]; /* 0000:05:00.0 */
	struct registers registers;
	struct config config;
	struct bars bars;
	struct msi msi;
	struct msix msix;
	struct irqs irqs;
	struct reset reset;
	struct rom rom;
	uint16_t command; /* VFIO's value, or the value that is being written */
};

/* Shared by all devices of the guest */
struct hvm_devices {
	struct ioreq_server server;
	const struct guest_memory *memory;
	struct hvm_device *devices[STATE_MAX_DEVICES];
};

/* Takes a fresh device, or one of a predecessor. Returns 0 or -errno. */
int hvm_device_init(struct hvm_device *dev, struct hvm_devices *all,
		    const struct vfio_device *vfio, struct state_device *state);
/*
 * Continues unfinished changes of a predecessor. All devices must be in @all by then,
 * because a BAR must not overlap another one.
 */
void hvm_device_resume(struct hvm_device *dev);
/* Take from the guest what it has of the device; reset the registers; free memory. */
void hvm_device_clear(struct hvm_device *dev);

/*
 * Accesses to configuration space, and to parts of a BAR or the ROM that are not mapped
 */
uint32_t hvm_device_config_read(const struct hvm_device *dev, uint32_t offset,
				unsigned int size);
void hvm_device_config_write(struct hvm_device *dev, uint32_t offset,
			     unsigned int size, uint32_t value);
uint64_t hvm_device_bar_read(struct hvm_device *dev, unsigned int bar,
			     uint64_t offset, unsigned int size);
void hvm_device_bar_write(struct hvm_device *dev, unsigned int bar,
			  uint64_t offset, unsigned int size, uint64_t value);

#endif
