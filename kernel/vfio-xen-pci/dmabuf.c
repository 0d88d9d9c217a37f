// SPDX-License-Identifier: GPL-2.0
/*
 * Export BARs as dma-bufs, except the MSI-X table.
 */
#include <linux/errno.h>
#include <linux/vfio_pci_core.h>

#include "dmabuf.h"
#include "table.h"

static int get_phys(struct vfio_pci_core_device *core,
		    struct p2pdma_provider **provider, unsigned int index,
		    struct phys_vec *phys, struct vfio_region_dma_range *ranges,
		    size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (vxp_table_overlaps(core, index, ranges[i].offset,
				       ranges[i].length))
			return -EINVAL;
	}
	return vfio_pci_core_get_dmabuf_phys(core, provider, index, phys,
					     ranges, nr);
}

static const struct vfio_pci_device_ops device_ops = {
	.get_dmabuf_phys = get_phys,
};

void vxp_dmabuf_allow(struct vfio_pci_core_device *core)
{
	core->pci_ops = &device_ops;
}
