/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The namespace of what vfio-xen-iommu exports: a string since Linux 6.13, a word
 * that becomes one before.
 */
#ifndef COMPAT_EXPORT_H
#define COMPAT_EXPORT_H

#ifdef HAVE_NS_STRING
#define VXI_NS "VFIO_XEN_IOMMU"
#else
#define VXI_NS VFIO_XEN_IOMMU
#endif

#endif
