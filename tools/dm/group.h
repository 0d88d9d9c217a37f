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

struct group;

/* What is to be opened, and for whom. */
struct group_request {
	int number;
	const char *address; /* a device of it, as in sysfs: 0000:05:00.0 */
	enum vfio_xen_iommu iommu;
	uint32_t domid;
	const uint8_t *uuid; /* GROUP_UUID_SIZE; a domid may be used again */
};

/**
 * group_open - give the devices of a group to a guest
 * @group: where to put it
 * @request: what is wanted
 * @problem: is told the step that failed, and the way out
 *
 * With iommufd some of the errors come from group_open_device() only.
 *
 * Return: 0; -EOPNOTSUPP if the guest was created without an IOMMU, or the kernel
 * lacks the interface; -EBUSY if somebody else has the group or VFIO does not have
 * all its members, -ENOENT if there is no such group with VFIO, -ESRCH if the guest
 * is gone.
 */
int group_open(struct group **group, const struct group_request *request,
	       struct problem *problem);
int group_number(const struct group *group);
/* Which of the two it is: never VFIO_XEN_IOMMU_AUTO. */
enum vfio_xen_iommu group_iommu(const struct group *group);
/* A descriptor of a device of the group, which is the caller's; or -errno. */
int group_open_device(struct group *group, const char *address,
		      struct problem *problem);
/* The guest loses the devices once their descriptors are closed too. */
void group_close(struct group *group);

#endif
