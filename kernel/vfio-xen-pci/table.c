// SPDX-License-Identifier: GPL-2.0
/*
 * Keep a VFIO user from mapping the pages of the MSI-X table and of its pending
 * bits.
 */
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>
#include <linux/vfio_pci_core.h>

#include "compat/vfio.h"
#include "table.h"

#define INDEX_SHIFT	(VFIO_PCI_OFFSET_SHIFT - PAGE_SHIFT)

#define ENTRY_SIZE	PCI_MSIX_ENTRY_SIZE
#define PENDING_BITS	64U

/* The mappable areas between and around two runs of pages */
#define MAX_AREAS	3

/* A run of pages of a BAR; empty if @first equals @end */
struct pages {
	u64 first;
	u64 end;
};

static struct vfio_pci_core_device *to_core(struct vfio_device *vdev)
{
	return container_of(vdev, struct vfio_pci_core_device, vdev);
}

static struct pages pages_of(u64 offset, u64 size)
{
	return (struct pages){ offset >> PAGE_SHIFT,
			       PAGE_ALIGN(offset + size) >> PAGE_SHIFT };
}

/*
 * The parts of a BAR that Xen keeps: the table and the pending bits. The BAR
 * may contain neither.
 */
static void find_kept(const struct vfio_pci_core_device *core,
		      unsigned int index, struct pages kept[2])
{
	u32 nr = core->msix_size / ENTRY_SIZE;
	struct pci_dev *pdev = core->pdev;
	u32 pending;

	memset(kept, 0, 2 * sizeof(*kept));
	if (!pdev->msix_cap || !nr)
		return;
	if (index == core->msix_bar)
		kept[0] = pages_of(core->msix_offset, core->msix_size);
	pci_read_config_dword(pdev, pdev->msix_cap + PCI_MSIX_PBA, &pending);
	if (index == (pending & PCI_MSIX_PBA_BIR))
		kept[1] = pages_of(pending & PCI_MSIX_PBA_OFFSET,
				   DIV_ROUND_UP(nr, PENDING_BITS) * sizeof(u64));
	if (kept[1].first < kept[0].first)
		swap(kept[0], kept[1]);
}

static bool has_kept(const struct vfio_pci_core_device *core,
		     unsigned int index)
{
	struct pages kept[2];

	find_kept(core, index, kept);
	return kept[0].end || kept[1].end;
}

bool vxp_table_overlaps(const struct vfio_pci_core_device *core,
			unsigned int index, u64 offset, u64 size)
{
	u64 start = offset >> PAGE_SHIFT;
	u64 nr = PAGE_ALIGN(size) >> PAGE_SHIFT;
	struct pages kept[2];
	unsigned int i;

	find_kept(core, index, kept);
	for (i = 0; i < ARRAY_SIZE(kept); i++)
		/* If start + nr wraps around, the range is invalid. */
		if (start < kept[i].end && start + nr > kept[i].first)
			return true;
	return false;
}

bool vxp_table_overlaps_vma(const struct vfio_pci_core_device *core,
			    const struct vm_area_struct *vma)
{
	u64 start = vma->vm_pgoff & (BIT_ULL(INDEX_SHIFT) - 1);

	return vxp_table_overlaps(core, vma->vm_pgoff >> INDEX_SHIFT,
				  start << PAGE_SHIFT,
				  vma->vm_end - vma->vm_start);
}

/* ---- what of a BAR can be mapped ---- */

static unsigned int find_areas(const struct vfio_pci_core_device *core,
			       unsigned int index,
			       struct vfio_region_sparse_mmap_area *areas)
{
	u64 end = pci_resource_len(core->pdev, index) >> PAGE_SHIFT;
	struct pages kept[3];
	unsigned int i, nr = 0;
	u64 next = 0;

	find_kept(core, index, kept);
	kept[2] = (struct pages){ end, end };
	for (i = 0; i < ARRAY_SIZE(kept); i++) {
		if (kept[i].first > next)
			areas[nr++] = (struct vfio_region_sparse_mmap_area){
				.offset = next << PAGE_SHIFT,
				.size = (min(kept[i].first, end) - next) << PAGE_SHIFT,
			};
		next = clamp(kept[i].end, next, end);
	}
	return nr;
}

/* In place of vfio-pci-core's capability for this BAR */
static int set_caps(const struct vfio_pci_core_device *core,
		    struct vfio_region_info *info, struct vfio_info_cap *caps)
{
	struct vfio_region_info_cap_sparse_mmap *sparse;
	size_t size = struct_size(sparse, areas, MAX_AREAS);
	unsigned int nr;
	int ret = 0;

	caps->size = 0;
	if (!(info->flags & VFIO_REGION_INFO_FLAG_MMAP))
		return 0;
	sparse = kzalloc(size, GFP_KERNEL);
	if (!sparse)
		return -ENOMEM;
	nr = find_areas(core, info->index, sparse->areas);
	sparse->header.id = VFIO_REGION_INFO_CAP_SPARSE_MMAP;
	sparse->header.version = 1;
	sparse->nr_areas = nr;
	if (nr)
		ret = vfio_info_add_capability(caps, &sparse->header,
					       struct_size(sparse, areas, nr));
	else
		info->flags &= ~VFIO_REGION_INFO_FLAG_MMAP;
	kfree(sparse);
	return ret;
}

int vxp_table_region_info(struct vfio_device *vdev,
			  struct vfio_region_info *info,
			  struct vfio_info_cap *caps)
{
	int ret = vfio_pci_ioctl_get_region_info(vdev, info, caps);

	if (ret || !has_kept(to_core(vdev), info->index))
		return ret;
	/* The caller frees them. */
	return set_caps(to_core(vdev), info, caps);
}

/* The same way in which VFIO returns capabilities for its drivers */
static int copy_caps(struct vfio_region_info *info, struct vfio_info_cap *caps,
		     void __user *to)
{
	info->cap_offset = 0;
	info->flags &= ~VFIO_REGION_INFO_FLAG_CAPS;
	if (!caps->size)
		return 0;
	info->flags |= VFIO_REGION_INFO_FLAG_CAPS;
	if (info->argsz < sizeof(*info) + caps->size) {
		info->argsz = sizeof(*info) + caps->size;
		return 0;
	}
	vfio_info_cap_shift(caps, sizeof(*info));
	info->cap_offset = sizeof(*info);
	return copy_to_user(to + sizeof(*info), caps->buf, caps->size) ?
	       -EFAULT : 0;
}

long vxp_table_region_info_ioctl(struct vfio_device *vdev, unsigned long arg)
{
	const size_t minsz = offsetofend(struct vfio_region_info, offset);
	struct vfio_region_info __user *user = (void __user *)arg;
	struct vfio_info_cap caps = { .buf = NULL };
	struct vfio_region_info info;
	u32 argsz;
	long ret;

	/* Without room for the capability, the answer is its size. */
	if (get_user(argsz, &user->argsz))
		return -EFAULT;
	ret = vfio_pci_core_ioctl(vdev, VFIO_DEVICE_GET_REGION_INFO, arg);
	if (ret)
		return ret;
	if (copy_from_user(&info, user, minsz))
		return -EFAULT;
	if (!has_kept(to_core(vdev), info.index))
		return 0;
	info.argsz = argsz;
	ret = set_caps(to_core(vdev), &info, &caps);
	if (!ret)
		ret = copy_caps(&info, &caps, user);
	kfree(caps.buf);
	if (!ret && copy_to_user(user, &info, minsz))
		ret = -EFAULT;
	return ret;
}
