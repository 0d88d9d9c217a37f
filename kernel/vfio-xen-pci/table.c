// SPDX-License-Identifier: GPL-2.0
/*
 * The MSI-X table's pages are not for the VFIO user.
 */
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>
#include <linux/vfio_pci_core.h>

#include "table.h"

#define INDEX_SHIFT	(VFIO_PCI_OFFSET_SHIFT - PAGE_SHIFT)

bool table_is_in(const struct vfio_pci_core_device *core, unsigned int bar,
		 u64 offset, u64 size)
{
	u64 first = round_down(core->msix_offset, PAGE_SIZE);
	u64 end = round_up((u64)core->msix_offset + core->msix_size, PAGE_SIZE);

	/* A sum that is too large is no part of a BAR. */
	return core->pdev->msix_cap && bar == core->msix_bar &&
	       offset < end && offset + size > first;
}

bool table_overlaps(const struct vfio_pci_core_device *core,
		    struct vm_area_struct *vma)
{
	u64 start = vma->vm_pgoff & (BIT_ULL(INDEX_SHIFT) - 1);

	return table_is_in(core, vma->vm_pgoff >> INDEX_SHIFT,
			   start << PAGE_SHIFT, vma->vm_end - vma->vm_start);
}

/* Take the capability out of the chain that vfio-pci-core has written. */
static int drop_mappable(struct vfio_region_info __user *user,
			 struct vfio_region_info *info)
{
	u32 at = info->cap_offset;
	struct vfio_info_cap_header cap;
	u32 before = 0;

	while (at) {
		void __user *here = (void __user *)user + at;

		if (copy_from_user(&cap, here, sizeof(cap)))
			return -EFAULT;
		if (cap.id == VFIO_REGION_INFO_CAP_MSIX_MAPPABLE)
			break;
		before = at;
		at = cap.next;
	}
	if (!at)
		return 0;
	if (before) {
		struct vfio_info_cap_header __user *header =
			(void __user *)user + before;

		return put_user(cap.next, &header->next);
	}
	info->cap_offset = cap.next;
	if (!cap.next)
		info->flags &= ~VFIO_REGION_INFO_FLAG_CAPS;
	return 0;
}

long table_region_info(struct vfio_pci_core_device *core, unsigned long arg)
{
	const size_t minsz = offsetofend(struct vfio_region_info, offset);
	struct vfio_region_info __user *user = (void __user *)arg;
	struct vfio_region_info info;
	long ret;

	ret = vfio_pci_core_ioctl(&core->vdev, VFIO_DEVICE_GET_REGION_INFO,
				  arg);
	if (ret)
		return ret;
	if (copy_from_user(&info, user, minsz))
		return -EFAULT;
	if (!core->pdev->msix_cap || info.index != core->msix_bar ||
	    !(info.flags & VFIO_REGION_INFO_FLAG_CAPS))
		return 0;
	/* Too small for the capabilities: the user will ask again. */
	if (!info.cap_offset)
		return 0;
	ret = drop_mappable(user, &info);
	if (ret)
		return ret;
	return copy_to_user(user, &info, minsz) ? -EFAULT : 0;
}
