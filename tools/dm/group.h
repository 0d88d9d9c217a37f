/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An IOMMU group whose devices a guest has, and opening these devices.
 *
 * VFIO has two interfaces for that, which differ in nothing else: each device's own
 * character device with an iommufd, and the group's with a type1 container. Kernels
 * have one of them or both. The group's devices are the guest's from the first that
 * is opened until the last descriptor of one is closed, and the group too.
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

struct vfio_group;

/* What is to be opened, and for whom. */
struct vfio_group_request {
	int number;
	const char *address; /* a device of it, as in sysfs: 0000:05:00.0 */
	enum vfio_xen_iommu iommu;
	uint32_t domid;
	const uint8_t *uuid; /* GROUP_UUID_SIZE; a domid may be used again */
};

/**
 * vfio_group_open - give the devices of a group to a guest
 * @group: where to put it
 * @request: what is wanted
 * @problem: is told the step that failed, and the way out
 *
 * With iommufd some of the errors come from vfio_group_open_device() only.
 *
 * Return: 0; -EOPNOTSUPP if the guest was created without an IOMMU, or the kernel
 * lacks the interface; -EBUSY if somebody else has the group or VFIO does not have
 * all its members, -ENOENT if there is no such group with VFIO, -ESRCH if the guest
 * is gone.
 */
int vfio_group_open(struct vfio_group **group,
		    const struct vfio_group_request *request,
		    struct problem *problem);
int vfio_group_number(const struct vfio_group *group);
/* Which of the two it is: never VFIO_XEN_IOMMU_AUTO. */
enum vfio_xen_iommu vfio_group_iommu(const struct vfio_group *group);
/* A descriptor of a device of the group, which is the caller's; or -errno. */
int vfio_group_open_device(struct vfio_group *group, const char *address,
			   struct problem *problem);
/* The guest loses the devices once their descriptors are closed too. */
void vfio_group_close(struct vfio_group *group);

/* ---- between the files that make a group ---- */

struct vfio_interface {
	enum vfio_xen_iommu iommu;
	int (*open)(struct vfio_group *group, struct problem *problem);
	int (*open_device)(struct vfio_group *group, const char *address,
			   struct problem *problem);
};

extern const struct vfio_interface vfio_iommufd;
extern const struct vfio_interface vfio_type1;

struct vfio_group {
	const struct vfio_interface *interface;
	int number;
	uint32_t domid;
	uint8_t uuid[GROUP_UUID_SIZE];
	int container; /* of type1, or the iommufd */
	int fd; /* type1: the group's */
	uint32_t page_table; /* iommufd: the guest, as one; 0: not yet */
};

/* Whether the kernel has all that iommufd takes, for a device. */
bool vfio_iommufd_is_there(const char *address);

/* What both say when the device cannot become the guest's. */
int vfio_group_note_assign(struct problem *problem, int err,
			   const char *unsafe_interrupts);

#endif
