/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the files that implement groups: one for each of VFIO's two interfaces.
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
	bool rdm_strict;
	uint8_t uuid[GROUP_UUID_SIZE];
	struct group_files files;
};

/* The problem of both if the device cannot be assigned to the guest. */
int group_interface_note_assign(struct problem *problem, int err,
				const char *unsafe_interrupts);

#endif
