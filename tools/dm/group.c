// SPDX-License-Identifier: GPL-2.0-only
/*
 * An IOMMU group whose devices a guest has.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "group.h"

static const struct vfio_interface *
choose(const struct vfio_group_request *request)
{
	if (request->iommu == VFIO_XEN_IOMMU_TYPE1)
		return &vfio_type1;
	if (request->iommu == VFIO_XEN_IOMMU_IOMMUFD)
		return &vfio_iommufd;
	return vfio_iommufd_is_there(request->address) ? &vfio_iommufd :
							 &vfio_type1;
}

int vfio_group_open(struct vfio_group **group,
		    const struct vfio_group_request *request,
		    struct problem *problem)
{
	struct vfio_group *new = malloc(sizeof(*new));
	int err;

	if (!new)
		return problem_note(problem, -ENOMEM, "open the group", NULL,
				    NULL);
	*new = (struct vfio_group){
		.interface = choose(request),
		.number = request->number,
		.domid = request->domid,
		.container = -1,
		.fd = -1,
	};
	memcpy(new->uuid, request->uuid, sizeof(new->uuid));
	err = new->interface->open(new, problem);
	if (err) {
		vfio_group_close(new);
		return err;
	}
	*group = new;
	return 0;
}

int vfio_group_number(const struct vfio_group *group)
{
	return group->number;
}

enum vfio_xen_iommu vfio_group_iommu(const struct vfio_group *group)
{
	return group->interface->iommu;
}

int vfio_group_open_device(struct vfio_group *group, const char *address,
			   struct problem *problem)
{
	return group->interface->open_device(group, address, problem);
}

void vfio_group_close(struct vfio_group *group)
{
	if (!group)
		return;
	if (group->container >= 0)
		close(group->container);
	if (group->fd >= 0)
		close(group->fd);
	free(group);
}

int vfio_group_note_assign(struct problem *problem, int err,
			   const char *unsafe_interrupts)
{
	static const char step[] = "assign the device to the guest";

	if (err == -EOPNOTSUPP)
		return problem_note(
			problem, err, step, NULL,
			"create the guest with passthrough=\"enabled\"");
	if (err == -EPERM)
		return problem_note(problem, err, step, NULL,
				    unsafe_interrupts);
	return problem_note(problem, err, step, NULL, NULL);
}
