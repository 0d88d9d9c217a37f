/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Address spaces: Linux's paging iommu_domains.
 *
 * A space is the iova table, which says what is mapped, the devices attached
 * to it, and a shell domain while both of these exist: it is created at the
 * first map of a space with devices and destroyed when the last device leaves.
 * Without a shell domain the devices are in quarantine, which is what an empty
 * address space looks like, and mapping is bookkeeping. So opening a group and
 * closing it again makes no domain, and nothing is unmapped frame by frame from
 * a domain that is going away.
 */
#ifndef VXI_PAGING_H
#define VXI_PAGING_H

#include <linux/iommu.h>

struct vxi_paging;
struct xen_dev;

/**
 * vxi_paging_alloc() - make an address space of @iova_bits bits
 * @ops:	the operations of its iommu_domain
 */
struct iommu_domain *vxi_paging_alloc(unsigned int iova_bits,
				      const struct iommu_domain_ops *ops);
void vxi_paging_free(struct iommu_domain *dom);

/**
 * vxi_paging_attach() - attach a device, which must be in no other space
 *
 * Return: 0; otherwise the device is in quarantine and in no space.
 */
int vxi_paging_attach(struct iommu_domain *dom, struct xen_dev *xdev);

/* What is attached to for this space. */
struct iommu_domain *vxi_paging_domain(struct vxi_paging *paging);

/**
 * vxi_paging_detach() - take a device out of the space that it is in, if any
 *
 * It ends in quarantine. If Xen refuses even that, it stays in its shell
 * domain, bus mastering off, and that domain stays as it is until it can leave.
 */
void vxi_paging_detach(struct xen_dev *xdev);

/* struct iommu_domain_ops: see there. They may sleep. */
int vxi_paging_map_pages(struct iommu_domain *dom, unsigned long iova,
			 phys_addr_t paddr, size_t pgsize, size_t pgcount,
			 int prot, gfp_t gfp, size_t *mapped);
size_t vxi_paging_unmap_pages(struct iommu_domain *dom, unsigned long iova,
			      size_t pgsize, size_t pgcount,
			      struct iommu_iotlb_gather *gather);
phys_addr_t vxi_paging_iova_to_phys(struct iommu_domain *dom, dma_addr_t iova);

#endif
