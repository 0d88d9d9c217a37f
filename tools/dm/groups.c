// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFIO groups of the guest: open while one of their devices is attached.
 */
#include <errno.h>
#include <stdio.h>

#include "supervisor.h"

static struct group_use *find(struct supervisor *sup, int number)
{
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		struct group_use *use = &sup->groups[i];

		if (use->users && vfio_group_number(use->group) == number)
			return use;
	}
	return NULL;
}

static struct group_use *find_free(struct supervisor *sup)
{
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		if (!sup->groups[i].users)
			return &sup->groups[i];
	}
	return NULL;
}

static int open_group(const struct attach_device *dev,
		      struct vfio_group **group, struct problem *problem)
{
	const struct guest *guest = &dev->sup->guest;
	const struct vfio_group_request request = {
		.number = dev->group_number,
		.address = dev->address,
		.iommu = dev->iommu,
		.domid = guest->domid,
		.uuid = guest->uuid,
	};

	return vfio_group_open(group, &request, problem);
}

/* The kernel has a group open in one way or the other. */
static int check_interface(struct attach_device *dev,
			   const struct vfio_group *group)
{
	enum vfio_xen_iommu iommu = vfio_group_iommu(group);
	char text[80];

	if (dev->iommu == VFIO_XEN_IOMMU_AUTO || dev->iommu == iommu)
		return 0;
	snprintf(text, sizeof(text),
		 "another device of its group is open with %s",
		 vfio_xen_iommu_get_name(iommu));
	return problem_note(&dev->problem, -EBUSY, "open the group with VFIO",
			    text, "use the same for both, or auto");
}

int supervisor_get_group(struct attach_device *dev)
{
	struct group_use *use = find(dev->sup, dev->group_number);
	int err;

	if (use) {
		err = check_interface(dev, use->group);
	} else {
		use = find_free(dev->sup);
		err = use ? open_group(dev, &use->group, &dev->problem) :
			    -ENOSPC;
	}
	if (err)
		return err;
	use->users++;
	dev->group = use->group;
	return 0;
}

void supervisor_put_group(struct supervisor *sup, struct vfio_group *group)
{
	struct group_use *use = find(sup, vfio_group_number(group));

	if (use && !--use->users)
		vfio_group_close(use->group);
}
