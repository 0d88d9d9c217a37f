// SPDX-License-Identifier: GPL-2.0
/*
 * Devices that were bound to a driver before this module was loaded.
 */
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "prebound.h"

/**
 * struct prebound - a prebound group, and the one beside it
 * @group:	where the prebound devices are, or NULL when all drivers have let go
 * @beside:	where what is not isolated from them is, or NULL if there is nothing
 * @nr:		how many devices are prebound
 * @nr_dma:	without the bridges
 *
 * iommu_group_get_iommudata() returns it for both groups. It holds references
 * to both while @group exists; after that, @beside owns it.
 */
struct prebound {
	struct iommu_group *group;
	struct iommu_group *beside;
	unsigned int nr;
	unsigned int nr_dma;
};

/* A prebound device */
struct prebound_device {
	struct list_head node;
	struct pci_dev *pdev;
	struct prebound *prebound;
};

/* Locking: a leaf lock, except for the mutexes of prebound groups. */
static DEFINE_MUTEX(held_lock);
static LIST_HEAD(held_devices);

static void free_prebound(void *data)
{
	kfree(data);
}

static bool does_dma(struct pci_dev *pdev)
{
	return pdev->hdr_type == PCI_HEADER_TYPE_NORMAL;
}

/* NULL unless the group contains prebound devices */
static struct prebound *prebound_of(struct iommu_group *group)
{
	struct prebound *prebound = iommu_group_get_iommudata(group);

	return prebound && prebound->group == group ? prebound : NULL;
}

static struct prebound *make_prebound(struct iommu_group *group)
{
	struct prebound *prebound = kzalloc(sizeof(*prebound), GFP_KERNEL);

	if (!prebound)
		return NULL;
	prebound->group = iommu_group_ref_get(group);
	iommu_group_set_iommudata(group, prebound, NULL);
	iommu_group_set_name(group, "prebound");
	return prebound;
}

static void put_if_empty(struct prebound *prebound)
{
	struct iommu_group *group = prebound->group;
	struct iommu_group *beside = prebound->beside;

	lockdep_assert_held(&held_lock);

	if (prebound->nr)
		return;
	prebound->group = NULL;
	iommu_group_set_iommudata(group, NULL, NULL);
	iommu_group_put(group);
	if (beside)
		iommu_group_put(beside);
	else
		free_prebound(prebound);
}

/*
 * Join the group of an earlier prebound device there; other groups do not exist
 * yet.
 */
static int add(struct prebound_device *hdev)
{
	struct device *dev = &hdev->pdev->dev;
	struct iommu_group *group = pci_device_group(dev);
	int ret = -ENOMEM;

	if (IS_ERR(group))
		return PTR_ERR(group);
	hdev->prebound = prebound_of(group) ?: make_prebound(group);
	if (hdev->prebound)
		ret = iommu_group_add_device(group, dev);
	iommu_group_put(group);
	if (ret && hdev->prebound)
		put_if_empty(hdev->prebound);
	return ret;
}

static int hold(struct pci_dev *pdev)
{
	struct prebound_device *hdev = kzalloc(sizeof(*hdev), GFP_KERNEL);
	int ret;

	device_lock_assert(&pdev->dev);
	if (!hdev)
		return -ENOMEM;
	hdev->pdev = pdev;

	guard(mutex)(&held_lock);
	ret = add(hdev);
	if (ret) {
		kfree(hdev);
		return ret;
	}
	hdev->prebound->nr++;
	WRITE_ONCE(hdev->prebound->nr_dma,
		   hdev->prebound->nr_dma + does_dma(pdev));
	list_add_tail(&hdev->node, &held_devices);
	return 0;
}

static struct prebound_device *find(struct pci_dev *pdev)
{
	struct prebound_device *hdev;

	lockdep_assert_held(&held_lock);

	list_for_each_entry(hdev, &held_devices, node)
		if (hdev->pdev == pdev)
			return hdev;
	return NULL;
}

bool vxi_prebound_has(struct pci_dev *pdev)
{
	guard(mutex)(&held_lock);
	return find(pdev);
}

/* The core warns if it has not been told of the driver. */
void vxi_prebound_unbind(struct pci_dev *pdev)
{
	guard(mutex)(&held_lock);
	if (find(pdev))
		iommu_group_remove_device(&pdev->dev);
}

bool vxi_prebound_unbound(struct pci_dev *pdev)
{
	struct prebound_device *hdev;
	struct prebound *prebound;

	guard(mutex)(&held_lock);
	hdev = find(pdev);
	if (!hdev)
		return false;
	prebound = hdev->prebound;
	prebound->nr--;
	WRITE_ONCE(prebound->nr_dma, prebound->nr_dma - does_dma(pdev));
	put_if_empty(prebound);
	list_del(&hdev->node);
	kfree(hdev);
	return true;
}

int vxi_prebound_init(void)
{
	struct pci_dev *pdev = NULL;
	int ret = 0;

	for_each_pci_dev(pdev) {
		scoped_guard(device, &pdev->dev) {
			if (pdev->dev.driver)
				ret = hold(pdev);
		}
		if (ret)
			break;
	}
	pci_dev_put(pdev);
	if (ret)
		vxi_prebound_exit();
	return ret;
}

void vxi_prebound_exit(void)
{
	struct pci_dev *pdev = NULL;

	for_each_pci_dev(pdev) {
		guard(device)(&pdev->dev);
		vxi_prebound_unbind(pdev);
		vxi_prebound_unbound(pdev);
	}
}

struct iommu_group *vxi_prebound_device_group(struct device *dev)
{
	struct iommu_group *group = pci_device_group(dev);
	struct iommu_group *beside;
	struct prebound *prebound;

	if (IS_ERR(group))
		return group;

	guard(mutex)(&held_lock);
	prebound = prebound_of(group);
	if (!prebound)
		return group;
	iommu_group_put(group);
	if (!prebound->beside) {
		beside = iommu_group_alloc();
		if (IS_ERR(beside))
			return beside;
		iommu_group_set_iommudata(beside, prebound, free_prebound);
		prebound->beside = beside;
	}
	return iommu_group_ref_get(prebound->beside);
}

bool vxi_prebound_beside(struct device *dev)
{
	struct prebound *prebound = iommu_group_get_iommudata(dev->iommu_group);

	return prebound && READ_ONCE(prebound->nr_dma);
}
