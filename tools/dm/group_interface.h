/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files share that make a group: the two interfaces of VFIO are one each.
 */
#ifndef DM_GROUP_INTERFACE_H
#define DM_GROUP_INTERFACE_H

#include "group.h"

struct group_interface {
	enum vfio_xen_iommu iommu;
	int (*open)(struct group *group, struct problem *problem);
	int (*open_device)(struct group *group, const char *address,
			   struct problem *problem);
};

struct group {
	const struct group_interface *interface;
	int number;
	uint32_t domid;
	uint8_t uuid[GROUP_UUID_SIZE];
	int container; /* of type1, or the iommufd */
	int fd; /* type1: the group's */
	uint32_t page_table; /* iommufd: the guest, as one; 0: not yet */
};

/* What both say when the device cannot become the guest's. */
int group_interface_note_assign(struct problem *problem, int err,
				const char *unsafe_interrupts);

#endif
