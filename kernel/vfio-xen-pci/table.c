// SPDX-License-Identifier: GPL-2.0
/*
 * The MSI-X table's pages are not for the VFIO user.
 */
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>
#include <linux/vfio_pci_core.h>

#include "compat/vfio.h"
#include "table.h"

#define INDEX_SHIFT	(VFIO_PCI_OFFSET_SHIFT - PAGE_SHIFT)

static struct vfio_pci_core_device *to_core(struct vfio_device *vdev)
{
	return container_of(vdev, struct vfio_pci_core_device, vdev);
}

static bool in_bar(const struct vfio_pci_core_device *core, unsigned int index)
{
	return core->pdev->msix_cap && index == core->msix_bar;
}

bool vxp_table_overlaps(const struct vfio_pci_core_device *core,
			unsigned int index, u64 offset, u64 size)
{
	u64 first = core->msix_offset >> PAGE_SHIFT;
	u64 last = (core->msix_offset + core->msix_size - 1) >> PAGE_SHIFT;
	u64 start = offset >> PAGE_SHIFT;
	u64 nr = PAGE_ALIGN(size) >> PAGE_SHIFT;

	/* Where start + nr wraps around, there is no such range. */
	return in_bar(core, index) && start <= last && start + nr > first;
}

bool vxp_table_overlaps_vma(const struct vfio_pci_core_device *core,
			    const struct vm_area_struct *vma)
{
	u64 start = vma->vm_pgoff & (BIT_ULL(INDEX_SHIFT) - 1);

	return vxp_table_overlaps(core, vma->vm_pgoff >> INDEX_SHIFT,
				  start << PAGE_SHIFT,
				  vma->vm_end - vma->vm_start);
}

int vxp_table_region_info(struct vfio_device *vdev,
			  struct vfio_region_info *info,
			  struct vfio_info_cap *caps)
{
	int ret = vfio_pci_ioctl_get_region_info(vdev, info, caps);

	/* A BAR has no other capability. The caller frees it. */
	if (!ret && in_bar(to_core(vdev), info->index))
		caps->size = 0;
	return ret;
}

long vxp_table_region_info_ioctl(struct vfio_device *vdev, unsigned long arg)
{
	const size_t minsz = offsetofend(struct vfio_region_info, offset);
	struct vfio_region_info __user *user = (void __user *)arg;
	struct vfio_region_info info;
	long ret;

	ret = vfio_pci_core_ioctl(vdev, VFIO_DEVICE_GET_REGION_INFO, arg);
	if (ret)
		return ret;
	if (copy_from_user(&info, user, minsz))
		return -EFAULT;
	if (!in_bar(to_core(vdev), info.index))
		return 0;
	/* A BAR has no other capability. */
	info.flags &= ~VFIO_REGION_INFO_FLAG_CAPS;
	info.cap_offset = 0;
	return copy_to_user(user, &info, minsz) ? -EFAULT : 0;
}
