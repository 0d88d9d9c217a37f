// SPDX-License-Identifier: GPL-2.0
/*
 * An IOMMU driver that does nothing, for dom0: it has QEMU's edu devices.
 */
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/pci.h>

#define VENDOR_QEMU	0x1234
#define DEVICE_EDU	0x11e8

static struct iommu_device other_iommu;

static int attach(struct iommu_domain *dom, struct device *dev)
{
	return 0;
}

static const struct iommu_domain_ops identity_ops = {
	.attach_dev = attach,
};

static struct iommu_domain identity = {
	.type = IOMMU_DOMAIN_IDENTITY,
	.ops = &identity_ops,
};

static struct iommu_device *probe_device(struct device *dev)
{
	struct pci_dev *pdev = dev_is_pci(dev) ? to_pci_dev(dev) : NULL;

	if (!pdev || pdev->vendor != VENDOR_QEMU || pdev->device != DEVICE_EDU)
		return ERR_PTR(-ENODEV);
	return &other_iommu;
}

static int def_domain_type(struct device *dev)
{
	return IOMMU_DOMAIN_IDENTITY;
}

static const struct iommu_ops ops = {
	.owner = THIS_MODULE,
	.probe_device = probe_device,
	.device_group = generic_device_group,
	.def_domain_type = def_domain_type,
	.identity_domain = &identity,
};

/* It stays: the core never asks devices whose driver they want. */
static int __init other_init(void)
{
	int ret = iommu_device_sysfs_add(&other_iommu, NULL, NULL, "other");

	return ret ?: iommu_device_register(&other_iommu, &ops, NULL);
}
module_init(other_init);

MODULE_DESCRIPTION("An IOMMU driver for tests");
MODULE_LICENSE("GPL");
