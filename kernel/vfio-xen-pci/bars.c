// SPDX-License-Identifier: GPL-2.0
/*
 * Memory BARs that an HVM guest accesses without a VM exit.
 */
#include <linux/errno.h>
#include <linux/pci.h>
#include <linux/rwsem.h>
#include <linux/vfio_pci_core.h>

#include <linux/vfio_xen.h>

#include <xen/vxi.h>

#include "bars.h"
#include "decode.h"
#include "table.h"

static int set(struct vfio_pci_core_device *core,
	       const struct vfio_device_feature_xen_bar *want)
{
	return vxi_guest_set_bar(core->pdev, want->bar, want->offset,
				 want->size, want->gaddr, want->map);
}

static int map(struct vfio_pci_core_device *core,
	       const struct vfio_device_feature_xen_bar *want)
{
	int ret;

	if (!core->bar_mmap_supported[want->bar] ||
	    vxp_table_overlaps(core, want->bar, want->offset, want->size))
		return -EINVAL;
	down_read(&core->memory_lock);
	ret = vxp_decode_has_memory(core) ? set(core, want) : -EIO;
	up_read(&core->memory_lock);
	return ret;
}

int vxp_bars_set(struct vfio_pci_core_device *core,
		 const struct vfio_device_feature_xen_bar *want)
{
	if (want->bar >= PCI_STD_NUM_BARS || want->map > 1)
		return -EINVAL;
	return want->map ? map(core, want) : set(core, want);
}

void vxp_bars_unmap_all(struct vfio_pci_core_device *core)
{
	vxi_guest_unmap_bars(core->pdev);
}
