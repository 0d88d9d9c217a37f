/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Address spaces: Linux's paging iommu_domains.
 *
 * An address space consists of the iova table, which records the mappings, and of
 * the devices attached to it. While it has both mappings and devices, it also has
 * a shell domain, which is created at the first map and destroyed when the last
 * device leaves. Without a shell domain the devices are in quarantine, where they
 * reach no memory either, and map and unmap only update the table. Opening and
 * closing a group therefore creates no domain, and a domain that is destroyed is
 * not unmapped frame by frame first.
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
 * vxi_paging_attach() - attach a device
 *
 * The device must not be in another address space.
 *
 * Return: 0, or -errno; the device is then quarantined and in no address space.
 */
int vxi_paging_attach(struct iommu_domain *dom, struct xen_dev *xdev);

/* The iommu_domain of this address space. */
struct iommu_domain *vxi_paging_domain(struct vxi_paging *paging);

/**
 * vxi_paging_detach() - take a device out of its address space, if it is in one
 *
 * The device is quarantined. If Xen refuses that, the device stays in its shell
 * domain with bus mastering off, and the domain stays until the device can leave.
 */
void vxi_paging_detach(struct xen_dev *xdev);

/* Callbacks of struct iommu_domain_ops; all may sleep. */
int vxi_paging_map_pages(struct iommu_domain *dom, unsigned long iova,
			 phys_addr_t paddr, size_t pgsize, size_t pgcount,
			 int prot, gfp_t gfp, size_t *mapped);
size_t vxi_paging_unmap_pages(struct iommu_domain *dom, unsigned long iova,
			      size_t pgsize, size_t pgcount,
			      struct iommu_iotlb_gather *gather);
phys_addr_t vxi_paging_iova_to_phys(struct iommu_domain *dom, dma_addr_t iova);

#endif
