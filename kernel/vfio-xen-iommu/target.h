/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Targets: guests as address spaces.
 *
 * A device that is attached to a target is the guest's. Its DMA goes where the
 * guest's memory is, with nothing to map. What can be mapped is the device's own
 * BARs, for an HVM guest to reach at guest addresses of the user's choice; a PV
 * guest is allowed them where they are.
 *
 * They are mapped through the IOMMU core, as type1 does it, or for their device by
 * xen_target_set_bar(), for iommufd, which takes no BARs. Both share one record of
 * what is where, and whatever is left is unmapped when the device leaves.
 *
 * A target is for one group: type1 would otherwise merge those of two guests in
 * one container.
 */
#ifndef XEN_IOMMU_TARGET_H
#define XEN_IOMMU_TARGET_H

#include <linux/iommu.h>

struct guest;
struct pci_dev;
struct target;
struct xen_dev;

/* The arguments and what they mean are as in space.h. */
struct iommu_domain *target_alloc(const struct guest *guest,
				  struct iommu_group *group,
				  unsigned int iova_bits,
				  const struct iommu_domain_ops *ops);
void target_free(struct iommu_domain *dom);

/**
 * target_attach() - give a device, which must be in no space or target
 *
 * Return: 0; otherwise the device is in quarantine: -ESRCH if the guest is gone,
 * -EOPNOTSUPP if it has no IOMMU, -EINVAL for a device of another group.
 */
int target_attach(struct iommu_domain *dom, struct xen_dev *xdev);

/* Take a device out of the target that it is in, if any; it ends in quarantine. */
void target_detach(struct xen_dev *xdev);

/* struct iommu_domain_ops: see there. They may sleep. */
int target_map_pages(struct iommu_domain *dom, unsigned long iova,
		     phys_addr_t paddr, size_t pgsize, size_t pgcount, int prot,
		     gfp_t gfp, size_t *mapped);
size_t target_unmap_pages(struct iommu_domain *dom, unsigned long iova,
			  size_t pgsize, size_t pgcount,
			  struct iommu_iotlb_gather *gather);
phys_addr_t target_iova_to_phys(struct iommu_domain *dom, dma_addr_t iova);

/**
 * xen_target_set_bar() - have the HVM guest that has a device reach its BAR
 * @bar:	0 to PCI_STD_NUM_BARS - 1
 * @offset:	in the BAR, in bytes
 * @size:	in bytes; both of whole pages
 * @gaddr:	guest-physical address
 * @map:	false to undo one call with the same arguments
 *
 * Not for the MSI-X table, which is for the caller to leave out. It may sleep.
 *
 * Return: 0; -EINVAL if these are not whole pages of a memory BAR; -ENODEV if the
 * device is in no target; -EOPNOTSUPP for a PV guest; -ERANGE beyond the guest's
 * last address; -EEXIST if there is a mapping of the group's devices; -EPERM if
 * another device has a BAR in the same pages; -ESRCH if the guest is gone; -ENOMEM;
 * -ENOENT if there was no call to undo; Xen's error, and then it is as before.
 */
int xen_target_set_bar(struct pci_dev *pdev, unsigned int bar, u64 offset,
		       u64 size, u64 gaddr, bool map);

/* Undo all of a device's. What Xen refuses is tried again when it leaves. */
void xen_target_unmap_bars(struct pci_dev *pdev);

#endif
