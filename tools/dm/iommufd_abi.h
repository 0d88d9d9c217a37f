/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of the uAPI headers linux/iommufd.h and linux/vfio.h that iommufd.c needs, for
 * builds with headers older than Linux 6.7 (Debian 12). vfio-xen-dm finds out at run time
 * what the kernel supports.
 *
 * All ioctls return 0, or -1 with errno. @size and @argsz are the size of the structure;
 * reserved members and @flags are 0. IDs name objects of one open /dev/iommu.
 */
#ifndef DM_IOMMUFD_ABI_H
#define DM_IOMMUFD_ABI_H

#include <linux/vfio.h>

#ifdef HAVE_IOMMUFD_HEADERS
#include <linux/iommufd.h>
#else

#include <linux/ioctl.h>
#include <linux/types.h>

#define IOMMUFD_TYPE ';'

/* Creates an empty address space. */
struct iommu_ioas_alloc {
	__u32 size;
	__u32 flags;
	__u32 out_ioas_id;
};

#define IOMMU_IOAS_ALLOC _IO(IOMMUFD_TYPE, 0x81)

/* Creates a page table for a device, of a type that its IOMMU driver defines. */
struct iommu_hwpt_alloc {
	__u32 size;
	__u32 flags;
	__u32 dev_id;
	__u32 pt_id; /* the address space below it */
	__u32 out_hwpt_id;
	__u32 reserved;
	__u32 data_type;
	__u32 data_len; /* in bytes */
	__aligned_u64 data_uptr;
};

#define IOMMU_HWPT_ALLOC _IO(IOMMUFD_TYPE, 0x89)

#ifndef VFIO_DEVICE_ATTACH_IOMMUFD_PT

/* Opens the device of a character device, for as long as that is open. */
struct vfio_device_bind_iommufd {
	__u32 argsz;
	__u32 flags;
	__s32 iommufd;
	__u32 out_devid;
};

#define VFIO_DEVICE_BIND_IOMMUFD _IO(VFIO_TYPE, VFIO_BASE + 18)

/* Attaches the device to a page table, or to that of an address space. */
struct vfio_device_attach_iommufd_pt {
	__u32 argsz;
	__u32 flags;
	__u32 pt_id;
};

#define VFIO_DEVICE_ATTACH_IOMMUFD_PT _IO(VFIO_TYPE, VFIO_BASE + 19)

#endif
#endif

#endif
