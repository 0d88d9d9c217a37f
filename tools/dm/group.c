// SPDX-License-Identifier: GPL-2.0-only
/*
 * An IOMMU group whose devices a guest has.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "group_interface.h"
#include "iommufd.h"
#include "type1.h"

static const struct group_interface *choose(const struct group_request *request)
{
	if (request->iommu == VFIO_XEN_IOMMU_TYPE1)
		return &type1_interface;
	if (request->iommu == VFIO_XEN_IOMMU_IOMMUFD)
		return &iommufd_interface;
	return iommufd_is_there(request->address) ? &iommufd_interface :
						    &type1_interface;
}

int group_open(struct group **group, const struct group_request *request,
	       struct problem *problem)
{
	struct group *new = malloc(sizeof(*new));
	int err;

	if (!new)
		return problem_note(problem, -ENOMEM, "open the group", NULL,
				    NULL);
	*new = (struct group){
		.interface = choose(request),
		.number = request->number,
		.domid = request->domid,
		.rdm_strict = request->rdm_strict,
		.container = -1,
		.fd = -1,
	};
	memcpy(new->uuid, request->uuid, sizeof(new->uuid));
	err = new->interface->open(new, problem);
	if (err) {
		group_close(new);
		return err;
	}
	*group = new;
	return 0;
}

int group_number(const struct group *group)
{
	return group->number;
}

bool group_is_rdm_strict(const struct group *group)
{
	return group->rdm_strict;
}

enum vfio_xen_iommu group_iommu(const struct group *group)
{
	return group->interface->iommu;
}

int group_open_device(struct group *group, const char *address,
		      struct problem *problem)
{
	return group->interface->open_device(group, address, problem);
}

void group_close(struct group *group)
{
	if (!group)
		return;
	if (group->container >= 0)
		close(group->container);
	if (group->fd >= 0)
		close(group->fd);
	free(group);
}
