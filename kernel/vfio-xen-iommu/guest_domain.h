/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest domains: guests as address spaces.
 *
 * A device that is attached to a guest domain is the guest's. Its DMA goes where the
 * guest's memory is, with nothing to map. What can be mapped is the device's own
 * BARs, for an HVM guest to reach at guest addresses of the user's choice; a PV
 * guest is allowed them where they are.
 *
 * They are mapped through the IOMMU core, as type1 does it, or for their device by
 * vxi_guest_set_bar(), for iommufd, which takes no BARs. Both share one record of
 * what is where, and whatever is left is unmapped when the device leaves.
 *
 * A guest domain is for one group: type1 would otherwise merge those of two guests in
 * one container.
 */
#ifndef VXI_GUEST_DOMAIN_H
#define VXI_GUEST_DOMAIN_H

#include <linux/iommu.h>

struct vxi_guest;
struct pci_dev;
struct vxi_guest_domain;
struct xen_dev;

/* The arguments and what they mean are as in paging.h. */
struct iommu_domain *vxi_guest_domain_alloc(const struct vxi_guest *guest,
					    struct iommu_group *group,
					    unsigned int iova_bits,
					    const struct iommu_domain_ops *ops);
void vxi_guest_domain_free(struct iommu_domain *dom);

/**
 * vxi_guest_domain_attach() - give a device, which must be in no paging or guest domain
 *
 * Return: 0; otherwise the device is in quarantine: -ESRCH if the guest is gone,
 * -EOPNOTSUPP if it has no IOMMU, -EINVAL for a device of another group; for a PV guest,
 * -EIO for a device in a low-power state, -EBUSY for one that is being reset.
 */
int vxi_guest_domain_attach(struct iommu_domain *dom, struct xen_dev *xdev);

/* Take a device out of the guest domain that it is in, if any; it ends in quarantine. */
void vxi_guest_domain_detach(struct xen_dev *xdev);

/**
 * vxi_guest_domain_set_out() - what keeps a device from decoding its BARs
 * @undecoded:	its COMMAND or power state
 * @resets:	how many resets of it are under way
 *
 * As long as there is any of it, what is mapped of the device is taken out of the
 * guest, and what else is mapped is just recorded. Under xen_dev.guest_domain_lock.
 *
 * Return: 0; Xen's error if it has not unmapped all of it.
 */
int vxi_guest_domain_set_out(struct xen_dev *xdev, bool undecoded,
			     unsigned int resets);

/* struct iommu_domain_ops: see there. They may sleep. */
int vxi_guest_domain_map_pages(struct iommu_domain *dom, unsigned long iova,
			       phys_addr_t paddr, size_t pgsize, size_t pgcount,
			       int prot, gfp_t gfp, size_t *mapped);
size_t vxi_guest_domain_unmap_pages(struct iommu_domain *dom,
				    unsigned long iova, size_t pgsize,
				    size_t pgcount,
				    struct iommu_iotlb_gather *gather);
phys_addr_t vxi_guest_domain_iova_to_phys(struct iommu_domain *dom,
					  dma_addr_t iova);

#endif
