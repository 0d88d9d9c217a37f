/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An IOMMU group whose devices a guest has. Opens these devices.
 *
 * VFIO has two interfaces for that: the character device of each device with an iommufd,
 * and that of the group with a type1 container. A kernel has one of them or both. All
 * devices of the group belong to the guest from the first open until the group and the
 * last descriptor of a device are closed.
 *
 * All functions return 0 or -errno, unless they say otherwise.
 */
#ifndef DM_GROUP_H
#define DM_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "problem.h"
#include "vfio-xen.h"

#define GROUP_UUID_SIZE 16

struct group;

/* What to open, and for which guest */
struct group_request {
	int number;
	const char *address; /* of a device: 0000:05:00.0 */
	enum vfio_xen_iommu iommu;
	uint32_t domid;
	const uint8_t *uuid; /* GROUP_UUID_SIZE; a domid may be used again */
	bool rdm_strict; /* refuse devices whose reserved memory the guest can't have */
};

/* The open files of a group; -1: not open, or not needed */
struct group_files {
	int container; /* of type1, or the iommufd */
	int fd; /* type1: the group's */
	uint32_t page_table; /* iommufd: the page table that is the guest; 0: not yet */
};

/* Opens nothing yet. Returns 0 or -ENOMEM. */
int group_new(struct group **group, const struct group_request *request);
int group_number(const struct group *group);
bool group_is_rdm_strict(const struct group *group);
/* The interface in use: never VFIO_XEN_IOMMU_AUTO. */
enum vfio_xen_iommu group_iommu(const struct group *group);

/**
 * group_open_device - give a device, and with the first one its group, to the guest
 * @group: the group, whose files are opened if they are not open
 * @address: of the device
 * @problem: is told the step that failed, and the way out
 *
 * Resets the device, and may take as long as that.
 *
 * Return: a descriptor, which the caller closes; -EOPNOTSUPP if the guest was created
 * without an IOMMU, or the kernel lacks the interface; -EBUSY if another user has the
 * group or a member is not bound to VFIO; -ENOENT if VFIO has no such group; -ESRCH if
 * the guest has ended; -EADDRINUSE if the group is strict about reserved memory, and the
 * guest cannot have all of it.
 */
int group_open_device(struct group *group, const char *address,
		      struct problem *problem);

/* A process that opens the first device hands the files to another one. */
struct group_files group_get_files(const struct group *group);
void group_set_files(struct group *group, const struct group_files *files);

/*
 * Closes the files, too. The guest loses the devices once their descriptors are closed as
 * well.
 */
void group_free(struct group *group);

#endif
