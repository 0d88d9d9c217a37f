// SPDX-License-Identifier: GPL-2.0-only
/*
 * In place of iommufd.c where the kernel's headers are too old for it.
 */
#include <errno.h>

#include "group.h"

bool vfio_iommufd_is_there(const char *address)
{
	(void)address;
	return false;
}

static int iommufd_open(struct vfio_group *group, struct problem *problem)
{
	(void)group;
	return problem_note(problem, -EOPNOTSUPP, "open /dev/iommu",
			    "vfio-xen-dm was built without iommufd",
			    "do without it (--iommu type1)");
}

const struct vfio_interface vfio_iommufd = {
	.iommu = VFIO_XEN_IOMMU_IOMMUFD,
	.open = iommufd_open,
};
