/* SPDX-License-Identifier: GPL-2.0 */
/*
 * BARs as dma-bufs, for other drivers' devices to reach: where the kernel's VFIO has
 * that (VFIO_DEVICE_FEATURE_DMA_BUF). no-dmabuf.c is for kernels without.
 */
#ifndef VFIO_XEN_PCI_DMABUF_H
#define VFIO_XEN_PCI_DMABUF_H

struct vfio_pci_core_device;

void dmabuf_allow(struct vfio_pci_core_device *core);

#endif
