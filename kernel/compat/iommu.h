/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The IOMMU core's operations. Code is written as the newest kernel wants it; on an
 * older one, what is here makes it that kernel's. DEFINE_x(name, arguments) begins a
 * function whose signature differs.
 */
#ifndef COMPAT_IOMMU_H
#define COMPAT_IOMMU_H

#include <linux/err.h>
#include <linux/iommu.h>

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
/* It had domains that are nested in a parent as well. */
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

/* The value is whatever user space had there. */
static inline bool hw_info_asked_for(u32 asked, u32 type)
{
	return true;
}
#endif

#endif
