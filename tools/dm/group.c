// SPDX-License-Identifier: GPL-2.0-only
/*
 * An IOMMU group whose devices a guest has.
 */
#include <errno.h>
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

int group_new(struct group **group, const struct group_request *request)
{
	struct group *new = malloc(sizeof(*new));

	if (!new)
		return -ENOMEM;
	*new = (struct group){
		.interface = choose(request),
		.number = request->number,
		.domid = request->domid,
		.rdm_strict = request->rdm_strict,
		.files = { .container = -1, .fd = -1 },
	};
	memcpy(new->uuid, request->uuid, sizeof(new->uuid));
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

static void close_files(struct group *group)
{
	if (group->files.container >= 0)
		close(group->files.container);
	if (group->files.fd >= 0)
		close(group->files.fd);
	group->files = (struct group_files){ .container = -1, .fd = -1 };
}

int group_open_device(struct group *group, const char *address,
		      struct problem *problem)
{
	int err = 0;

	if (group->files.container < 0)
		err = group->interface->open(group, problem);
	if (!err)
		return group->interface->open_device(group, address, problem);
	close_files(group);
	return err;
}

struct group_files group_get_files(const struct group *group)
{
	return group->files;
}

void group_set_files(struct group *group, const struct group_files *files)
{
	group->files = *files;
}

void group_free(struct group *group)
{
	if (!group)
		return;
	close_files(group);
	free(group);
}
