/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The IOMMU core's operations. The code is written for the newest kernel; this
 * file adapts it to older ones. DEFINE_x(name, arguments) begins a function
 * whose signature differs.
 */
#ifndef COMPAT_IOMMU_H
#define COMPAT_IOMMU_H

#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/pci.h>

#ifdef HAVE_ATTACH_OLD
#define DEFINE_ATTACH_DEV(name, dom, dev)				\
static int name(struct iommu_domain *dom, struct device *dev,		\
		struct iommu_domain *old)
#else
#define DEFINE_ATTACH_DEV(name, dom, dev)				\
static int name(struct iommu_domain *dom, struct device *dev)
#endif

#ifdef HAVE_ALLOC_PAGING_FLAGS
#define DEFINE_ALLOC_PAGING_FLAGS(name, dev, flags, data)		\
static struct iommu_domain *name(struct device *dev, u32 flags,		\
				 const struct iommu_user_data *data)
#else
/* It also created domains nested in a parent. */
#define domain_alloc_paging_flags domain_alloc_user
#define DEFINE_ALLOC_PAGING_FLAGS(name, dev, flags, data)		\
static struct iommu_domain *name##_(struct device *dev, u32 flags,	\
				    const struct iommu_user_data *data); \
static struct iommu_domain *name(struct device *dev, u32 flags,		\
				 struct iommu_domain *parent,		\
				 const struct iommu_user_data *data)	\
{									\
	return parent ? ERR_PTR(-EOPNOTSUPP) : name##_(dev, flags, data); \
}									\
static struct iommu_domain *name##_(struct device *dev, u32 flags,	\
				    const struct iommu_user_data *data)
#endif

/*
 * As if the device had no ATS. Kernels that do not handle ATS around resets
 * need nothing.
 */
static inline void pci_forget_ats(struct pci_dev *pdev)
{
#ifdef CONFIG_PCI_ATS
	pdev->ats_cap = 0;
#endif
}

#ifdef HAVE_HW_INFO_INPUT_TYPE
#define DEFINE_HW_INFO(name, dev, length, type)				\
static void *name(struct device *dev, u32 *length,			\
		  enum iommu_hw_info_type *type)

static inline bool hw_info_asked_for(u32 asked, u32 type)
{
	return asked == type || asked == IOMMU_HW_INFO_TYPE_DEFAULT;
}
#else
#define DEFINE_HW_INFO(name, dev, length, type)				\
static void *name(struct device *dev, u32 *length, u32 *type)

/* User space chooses the value. */
static inline bool hw_info_asked_for(u32 asked, u32 type)
{
	return true;
}
#endif

#endif
