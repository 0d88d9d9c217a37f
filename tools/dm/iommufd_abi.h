/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the uAPI headers linux/iommufd.h and linux/vfio.h say of iommufd, also where
 * they are older than Linux 6.7 (Debian 12): what the kernel has is found out when
 * vfio-xen-dm runs, not when it is built. Only what iommufd.c needs.
 *
 * All of these return 0 or -1 with errno. @size and @argsz are those of the structure;
 * what is reserved, and @flags, are 0. IDs are of objects of one /dev/iommu.
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

/* Make an address space in which nothing is mapped. */
struct iommu_ioas_alloc {
	__u32 size;
	__u32 flags;
	__u32 out_ioas_id;
};

#define IOMMU_IOAS_ALLOC _IO(IOMMUFD_TYPE, 0x81)

/* Make a page table for a device, of a type that its IOMMU's driver knows. */
struct iommu_hwpt_alloc {
	__u32 size;
	__u32 flags;
	__u32 dev_id;
	__u32 pt_id; /* the address space that it belongs to */
	__u32 out_hwpt_id;
	__u32 reserved;
	__u32 data_type;
	__u32 data_len; /* in bytes */
	__aligned_u64 data_uptr;
};

#define IOMMU_HWPT_ALLOC _IO(IOMMUFD_TYPE, 0x89)

#ifndef VFIO_DEVICE_ATTACH_IOMMUFD_PT

/* Open the device of a character device, for the time that that is open. */
struct vfio_device_bind_iommufd {
	__u32 argsz;
	__u32 flags;
	__s32 iommufd;
	__u32 out_devid;
};

#define VFIO_DEVICE_BIND_IOMMUFD _IO(VFIO_TYPE, VFIO_BASE + 18)

/* Have it use a page table, or the one of an address space. */
struct vfio_device_attach_iommufd_pt {
	__u32 argsz;
	__u32 flags;
	__u32 pt_id;
};

#define VFIO_DEVICE_ATTACH_IOMMUFD_PT _IO(VFIO_TYPE, VFIO_BASE + 19)

#endif
#endif

#endif
