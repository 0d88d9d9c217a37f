/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * vfio-xen-iommu: a running guest as the address space of a VFIO group.
 *
 * VFIO makes an address space for each container. By default that is a shell
 * domain, which maps memory of dom0. It can be a guest instead: then the group's
 * devices are the guest's, and do DMA to where its memory is. This device file,
 * /dev/xen/iommu, is how to ask for that, since VFIO has no place for it:
 *
 *	chardev = open("/dev/xen/iommu");
 *	ioctl(chardev, VFIO_XEN_SET_GUEST, { group, domid, handle });
 *	group = open("/dev/vfio/GROUP"); ...
 *	ioctl(group, VFIO_GROUP_SET_CONTAINER, &container);
 *	ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU);	here it is attached
 *
 * In such a container VFIO_IOMMU_MAP_DMA takes only mappings of the BARs of the
 * group's own devices, and the guest must be HVM: it then has them at the guest
 * address iova, RAM, which the guest has already, is refused (EPERM). With the
 * driver vfio-xen-pci there is VFIO_DEVICE_FEATURE_XEN_BAR as well (vfio_xen.h). A
 * PV guest may use the BARs of its devices from the start, where they are in the
 * machine.
 *
 * Use a container for each group. When the group leaves it, or its last
 * descriptor is closed, the devices are quarantined and all of this is undone.
 * What a PV guest has mapped of a BAR it keeps: nobody but this guest gets such a
 * device until the guest has ended.
 */
#ifndef _UAPI_LINUX_VFIO_XEN_IOMMU_H
#define _UAPI_LINUX_VFIO_XEN_IOMMU_H

#include <linux/ioctl.h>
#include <linux/types.h>

/*
 * Flag of struct vfio_xen_set_guest and struct vfio_xen_hwpt_guest: the guest gets a
 * device only if Xen can map all memory that firmware reserves for the device at the
 * same addresses in the guest, and no other device shares that memory. Otherwise the
 * attachment fails with EADDRINUSE. Without the flag, where the guest has RAM at these
 * addresses the RAM stays.
 */
#define VFIO_XEN_GUEST_RDM_STRICT	0x1

/**
 * struct vfio_xen_set_guest - the guest that a group is for
 * @argsz:	size of the structure
 * @flags:	VFIO_XEN_GUEST_RDM_STRICT or 0
 * @group:	number of the IOMMU group
 * @domid:	the guest
 * @handle:	its UUID, in the order in which it is written: domids are used
 *		again, and this tells one domain from the next
 */
struct vfio_xen_set_guest {
	__u32 argsz;
	__u32 flags;
	__u32 group;
	__u32 domid;
	__u8 handle[16];
};

/*
 * The next address space that this process makes for the group is the guest's.
 * Only the next: ask again for another. Closing the descriptor withdraws what has
 * not been used. Needs CAP_SYS_ADMIN.
 *
 * Errors: EPERM, EFAULT; EINVAL for a short structure, unknown flags or a domid that
 * cannot be a guest's; ESRCH if there is no such domain; EBUSY if somebody else
 * has asked for this group. Whether Xen will give the guest a device is found out
 * when the group is attached: EOPNOTSUPP means that the guest was created without
 * an IOMMU, EBUSY that another guest may still reach the device, EADDRINUSE that its
 * reserved memory cannot be mapped (VFIO_XEN_GUEST_RDM_STRICT).
 */
#define VFIO_XEN_SET_GUEST	_IOW('V', 0x80, struct vfio_xen_set_guest)

/*
 * With iommufd there is a place for it, and no need for the above:
 * IOMMU_HWPT_ALLOC with @data_type VFIO_XEN_HWPT_DATA_GUEST makes an address
 * space that is a guest, for the group of the device @dev_id, to attach this
 * device to. It is for an IOAS with nothing mapped: what the IOAS maps, the guest
 * would be given (EPERM, as above). BARs, which iommufd may not know how to map, are
 * for VFIO_DEVICE_FEATURE_XEN_BAR. Needs CAP_SYS_ADMIN.
 *
 * Errors, beside iommufd's: EPERM; EFAULT; EINVAL for another @data_type or length,
 * unknown flags, or a domid that cannot be a guest's; ESRCH if there is no such domain. A
 * device is not attached to it while it has MSIs in dom0, as eventfds or event
 * channels: EBUSY. Disable them first.
 */
#define VFIO_XEN_HWPT_DATA_GUEST	0x58454e01

/**
 * struct vfio_xen_hwpt_guest - data of IOMMU_HWPT_ALLOC
 * @flags:	VFIO_XEN_GUEST_RDM_STRICT or 0
 * @domid:	the guest
 * @handle:	its UUID, as in struct vfio_xen_set_guest
 */
struct vfio_xen_hwpt_guest {
	__u32 flags;
	__u32 domid;
	__u8 handle[16];
};

/* @out_data_type of IOMMU_GET_HW_INFO */
#define VFIO_XEN_HW_INFO_TYPE	0x58454e01

/**
 * struct vfio_xen_hw_info - data of IOMMU_GET_HW_INFO
 * @flags:	0
 * @iova_bits:	width of I/O virtual addresses, 39 to 48
 * @xen_major:	release of the hypervisor
 * @xen_minor:	its second part: 20 in 4.20
 */
struct vfio_xen_hw_info {
	__u32 flags;
	__u32 iova_bits;
	__u32 xen_major;
	__u32 xen_minor;
};

#endif
