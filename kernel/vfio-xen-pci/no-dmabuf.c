// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's VFIO does not export BARs.
 */
#include "dmabuf.h"

void vxp_dmabuf_allow(struct vfio_pci_core_device *core)
{
}
