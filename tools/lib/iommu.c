// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of VFIO's interfaces to the IOMMU.
 */
#include <errno.h>
#include <string.h>

#include "internal.h"

static const char *const names[] = {
	[VFIO_XEN_IOMMU_AUTO] = "auto",
	[VFIO_XEN_IOMMU_IOMMUFD] = "iommufd",
	[VFIO_XEN_IOMMU_TYPE1] = "type1",
};

int vfio_xen_iommu_parse(const char *name, enum vfio_xen_iommu *iommu)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(names[i], name) == 0) {
			*iommu = (enum vfio_xen_iommu)i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *vfio_xen_iommu_get_name(enum vfio_xen_iommu iommu)
{
	return names[iommu];
}
