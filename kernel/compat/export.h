/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The namespace of vfio-xen-iommu's exports: a string since Linux 6.13, a bare
 * word before.
 */
#ifndef COMPAT_EXPORT_H
#define COMPAT_EXPORT_H

#ifdef HAVE_NS_STRING
#define VXI_NS "VFIO_XEN_IOMMU"
#else
#define VXI_NS VFIO_XEN_IOMMU
#endif

#endif
