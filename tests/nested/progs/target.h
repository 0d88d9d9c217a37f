/* SPDX-License-Identifier: GPL-2.0 */
/* A guest that devices are given to: linux/vfio_xen_iommu.h, and its interrupts. */
#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "open.h"
#include "vfio_xen.h"
#include "vfio_xen_iommu.h"

struct target {
	uint32_t domid;
	uint8_t uuid[16];
	bool hvm;
};

/* From "domid", "uuid" and "pv" or "hvm"; ends the program if they are not. */
struct target target_parse(const char *domid, const char *uuid, const char *type);

/* /dev/xen/iommu; ends the program if there is none. */
int target_open(void);

/* Asks for the guest, for the group of a device. 0 or -errno. */
int target_set(int fd, const struct target *t, const char *sbdf);
/* The same with whatever is in the request. */
int target_issue(int fd, const struct vfio_xen_set_guest *request);
struct vfio_xen_set_guest target_request(const struct target *t, const char *sbdf);

/* Opens a device that becomes the guest's. 0 or -errno, with nothing left open. */
int target_give(struct opened *o, const struct target *t, const char *sbdf);

/* VFIO_DEVICE_FEATURE with a part of a BAR for an HVM guest */
struct target_bar {
	uint32_t argsz, flags;
	struct vfio_device_feature_xen_bar part;
};

/* To map it, or to edit into something else. */
struct target_bar target_bar(unsigned int bar, uint64_t offset, uint64_t size, uint64_t gaddr);
/* 0 or -errno */
int target_bar_issue(struct device *d, const struct target_bar *r);
int target_map_bar(struct device *d, unsigned int bar, uint64_t offset, uint64_t size,
		   uint64_t gaddr);
int target_unmap_bar(struct device *d, unsigned int bar, uint64_t offset, uint64_t size,
		     uint64_t gaddr);

#define TARGET_VECTORS_MAX 8u

/*
 * struct vfio_irq_set, whose array can't be inside another structure. The array
 * follows at once, whatever alignment its entries would like.
 */
struct target_irqs {
	struct {
		uint32_t argsz, flags, index, start, count;
	} set;
	struct vfio_irq_xen_guest entry[TARGET_VECTORS_MAX];
} __attribute__((packed));

/* To connect vectors to the guest, or to edit into something else. */
struct target_irqs target_irqs(unsigned int index, unsigned int start, unsigned int count);
/* 0 or -errno; the entries are written back. */
int target_set_irqs(struct device *d, struct target_irqs *r);

#endif
