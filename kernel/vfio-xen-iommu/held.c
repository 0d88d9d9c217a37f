// SPDX-License-Identifier: GPL-2.0
/*
 * Devices that a driver had before this module.
 */
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "held.h"

/**
 * struct held - a held group, and the one beside it
 * @group:	where the held devices are, or NULL when all drivers have let go
 * @beside:	where what is not isolated from them is, or NULL if there is nothing
 * @nr:		how many devices are held
 * @nr_dma:	without the bridges
 *
 * It is what iommu_group_get_iommudata() has for both groups. Both are referred to
 * as long as @group is there; then it is left to @beside.
 */
struct held {
	struct iommu_group *group;
	struct iommu_group *beside;
	unsigned int nr;
	unsigned int nr_dma;
};

/* A device that is held. */
struct held_device {
	struct list_head node;
	struct pci_dev *pdev;
	struct held *held;
};

/* Locking: a leaf, but for the mutexes of held groups. */
static DEFINE_MUTEX(held_lock);
static LIST_HEAD(held_devices);

static void free_held(void *data)
{
	kfree(data);
}

static bool does_dma(struct pci_dev *pdev)
{
	return pdev->hdr_type == PCI_HEADER_TYPE_NORMAL;
}

/* NULL if the group is not of held devices. */
static struct held *held_of(struct iommu_group *group)
{
	struct held *held = iommu_group_get_iommudata(group);

	return held && held->group == group ? held : NULL;
}

static struct held *make_held(struct iommu_group *group)
{
	struct held *held = kzalloc(sizeof(*held), GFP_KERNEL);

	if (!held)
		return NULL;
	held->group = iommu_group_ref_get(group);
	iommu_group_set_iommudata(group, held, NULL);
	iommu_group_set_name(group, "held");
	return held;
}

static void put_if_empty(struct held *held)
{
	struct iommu_group *group = held->group;
	struct iommu_group *beside = held->beside;

	lockdep_assert_held(&held_lock);

	if (held->nr)
		return;
	held->group = NULL;
	iommu_group_set_iommudata(group, NULL, NULL);
	iommu_group_put(group);
	if (beside)
		iommu_group_put(beside);
	else
		free_held(held);
}

/* Into a group that exists if something there is held already: no other is yet. */
static int add(struct held_device *hdev)
{
	struct device *dev = &hdev->pdev->dev;
	struct iommu_group *group = pci_device_group(dev);
	int ret = -ENOMEM;

	if (IS_ERR(group))
		return PTR_ERR(group);
	hdev->held = held_of(group) ?: make_held(group);
	if (hdev->held)
		ret = iommu_group_add_device(group, dev);
	iommu_group_put(group);
	if (ret && hdev->held)
		put_if_empty(hdev->held);
	return ret;
}

static int hold(struct pci_dev *pdev)
{
	struct held_device *hdev = kzalloc(sizeof(*hdev), GFP_KERNEL);
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
	hdev->held->nr++;
	WRITE_ONCE(hdev->held->nr_dma, hdev->held->nr_dma + does_dma(pdev));
	list_add_tail(&hdev->node, &held_devices);
	return 0;
}

static struct held_device *find(struct pci_dev *pdev)
{
	struct held_device *hdev;

	lockdep_assert_held(&held_lock);

	list_for_each_entry(hdev, &held_devices, node)
		if (hdev->pdev == pdev)
			return hdev;
	return NULL;
}

bool held_has(struct pci_dev *pdev)
{
	guard(mutex)(&held_lock);
	return find(pdev);
}

/* The core takes it for a mistake that nobody has told it of the driver. */
void held_unbind(struct pci_dev *pdev)
{
	guard(mutex)(&held_lock);
	if (find(pdev))
		iommu_group_remove_device(&pdev->dev);
}

bool held_unbound(struct pci_dev *pdev)
{
	struct held_device *hdev;
	struct held *held;

	guard(mutex)(&held_lock);
	hdev = find(pdev);
	if (!hdev)
		return false;
	held = hdev->held;
	held->nr--;
	WRITE_ONCE(held->nr_dma, held->nr_dma - does_dma(pdev));
	put_if_empty(held);
	list_del(&hdev->node);
	kfree(hdev);
	return true;
}

int held_init(void)
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
		held_exit();
	return ret;
}

void held_exit(void)
{
	struct pci_dev *pdev = NULL;

	for_each_pci_dev(pdev) {
		guard(device)(&pdev->dev);
		held_unbind(pdev);
		held_unbound(pdev);
	}
}

struct iommu_group *held_device_group(struct device *dev)
{
	struct iommu_group *group = pci_device_group(dev);
	struct iommu_group *beside;
	struct held *held;

	if (IS_ERR(group))
		return group;

	guard(mutex)(&held_lock);
	held = held_of(group);
	if (!held)
		return group;
	iommu_group_put(group);
	if (!held->beside) {
		beside = iommu_group_alloc();
		if (IS_ERR(beside))
			return beside;
		iommu_group_set_iommudata(beside, held, free_held);
		held->beside = beside;
	}
	return iommu_group_ref_get(held->beside);
}

bool held_beside(struct device *dev)
{
	struct held *held = iommu_group_get_iommudata(dev->iommu_group);

	return held && READ_ONCE(held->nr_dma);
}
