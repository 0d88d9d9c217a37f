/* SPDX-License-Identifier: GPL-2.0 */
/*
 * BARs as dma-bufs, for devices of other drivers (VFIO_DEVICE_FEATURE_DMA_BUF).
 * no-dmabuf.c is for kernels whose VFIO lacks that.
 */
#ifndef VXP_DMABUF_H
#define VXP_DMABUF_H

struct vfio_pci_core_device;

void vxp_dmabuf_allow(struct vfio_pci_core_device *core);

#endif
