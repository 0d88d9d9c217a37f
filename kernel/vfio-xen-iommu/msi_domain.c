// SPDX-License-Identifier: GPL-2.0
/*
 * An irq domain that allocates the vectors which a device took along.
 */
#define pr_fmt(fmt) "vfio-xen-iommu: " fmt

#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/irqdomain.h>
#include <linux/moduleparam.h>
#include <linux/msi.h>
#include <linux/pci.h>

#include <xen/events.h>

#include "borrow.h"
#include "hypercall.h"
#include "msi_domain.h"
#include "msi_pool.h"
#include "xen_dev.h"

static bool isolated_msi;
module_param(isolated_msi, bool, 0444);
MODULE_PARM_DESC(isolated_msi,
		 "Xen remaps interrupts, so VFIO needs no allow_unsafe_interrupts (default N: dom0 cannot find out)");

/* Xen's irq domain, which serves dom0's devices */
static struct irq_domain *xen_domain_of_msi;
static const struct msi_domain_info *xen_info;

static struct irq_domain *our_domain;
static struct msi_domain_info our_info;
static struct msi_domain_ops our_ops;

static int have_kind(struct xen_dev *xdev, u8 cap)
{
	int ret;

	if (xdev->msi->cap == cap)
		return 0;
	if (!vxi_msi_pool_can_change_kind(xdev->pdev) || !xdev->table_kept)
		return -ENODEV;
	ret = vxi_borrow(xdev, vxi_msi_pool_change_kind);
	if (ret)
		dev_warn_ratelimited(&xdev->pdev->dev,
				     "cannot have %s now: %d\n",
				     cap == PCI_CAP_ID_MSIX ? "MSI-X" : "MSI",
				     ret);
	return ret;
}

/*
 * Xen holds back the next interrupt of an MSI that it cannot mask until it is
 * told that this one is handled. (irq_status_query always requests this from
 * guests that cannot tell; in a storm, Xen masks and unmasks the MSIs that it
 * can.)
 */
static bool needs_eoi(struct pci_dev *pdev, const struct msi_pool *pool)
{
	u16 flags;

	if (pool->cap == PCI_CAP_ID_MSIX)
		return false;
	pci_read_config_word(pdev, pdev->msi_cap + PCI_MSI_FLAGS, &flags);
	return !(flags & PCI_MSI_FLAGS_MASKBIT);
}

/* The pirq never changes while the irq exists. */
static void handle_and_eoi(struct irq_desc *desc)
{
	handle_edge_irq(desc);
	vxi_hc_eoi((unsigned long)irq_desc_get_handler_data(desc));
}

static void use_eoi(struct msi_vector *vector)
{
	irq_set_handler_data(vector->irq, (void *)(unsigned long)vector->pirq);
	irq_set_handler(vector->irq, handle_and_eoi);
}

static int bind_vector(struct msi_vector *vector, bool eoi)
{
	int ret, irq;

	ret = vxi_hc_bind_pirq(vector->pirq, &vector->port);
	if (ret)
		return ret;
	irq = bind_evtchn_to_irq(vector->port);
	if (irq < 0) {
		vxi_hc_close_port(vector->port);
		return irq;
	}
	/* evtchn_put() then undoes both steps. */
	evtchn_make_refcounted(vector->port, false);
	vector->irq = irq;
	if (eoi)
		use_eoi(vector);
	return 0;
}

static void set_desc(unsigned int irq, struct msi_desc *desc)
{
	irq_get_irq_data(irq)->common->msi_desc = desc;
}

static void free_from_pool(struct msi_pool *pool, struct device *dev)
{
	struct msi_desc *desc;

	msi_for_each_desc(desc, dev, MSI_DESC_ASSOCIATED) {
		struct msi_vector *vector =
			vxi_msi_pool_vector(pool, desc->msi_index);

		set_desc(desc->irq, NULL);
		desc->irq = 0;
		evtchn_put(vector->port);
		vector->irq = 0;
	}
}

static int alloc_from_pool(struct msi_pool *pool, struct device *dev)
{
	bool eoi = needs_eoi(to_pci_dev(dev), pool);
	struct msi_desc *desc;
	unsigned int done = 0;

	msi_for_each_desc(desc, dev, MSI_DESC_NOTASSOCIATED) {
		struct msi_vector *vector =
			vxi_msi_pool_vector(pool, desc->msi_index);
		int ret = vector ? bind_vector(vector, eoi) : -ENOSPC;

		if (ret) {
			free_from_pool(pool, dev);
			/*
			 * A positive count asks the driver to be content with
			 * that many.
			 */
			return ret == -ENOSPC && done ? done : ret;
		}
		/* Linux would write its own message, but Xen's counts. */
		desc->pci.msi_attrib.is_virtual = 1;
		desc->irq = vector->irq;
		set_desc(vector->irq, desc);
		done++;
	}
	return 0;
}

static int vxi_alloc_irqs(struct irq_domain *domain, struct device *dev,
			  int nvec)
{
	struct xen_dev *xdev = dev_iommu_priv_get(dev);
	u8 cap = xdev->pdev->msix_enabled ? PCI_CAP_ID_MSIX : PCI_CAP_ID_MSI;
	int ret;

	if (xdev->owner == OWNER_DOM0)
		return xen_info->ops->domain_alloc_irqs(xen_domain_of_msi, dev,
							nvec);
	if (!xdev->msi)
		return -ENODEV;
	if (cap == PCI_CAP_ID_MSI && nvec > 1)
		return 1;
	ret = have_kind(xdev, cap);
	if (ret)
		return ret;
	/* A reset has cleared the message that Xen wrote to the device. */
	ret = vxi_hc_restore_msi(xdev->sbdf);
	if (ret)
		return ret;
	return alloc_from_pool(xdev->msi, dev);
}

static void vxi_free_irqs(struct irq_domain *domain, struct device *dev)
{
	struct xen_dev *xdev = dev_iommu_priv_get(dev);

	if (xdev->owner == OWNER_DOM0)
		xen_info->ops->domain_free_irqs(xen_domain_of_msi, dev);
	else if (xdev->msi)
		free_from_pool(xdev->msi, dev);
}

/* The MSI core requires a domain that allocates. */
static int vxi_no_alloc(struct irq_domain *domain, unsigned int irq,
			unsigned int nr_irqs, void *arg)
{
	return -EOPNOTSUPP;
}

static const struct irq_domain_ops our_domain_ops = {
	.alloc = vxi_no_alloc,
};

static int make_domain(struct irq_domain *xen_msi)
{
	struct irq_domain_info info = {
		.domain_flags =
			IRQ_DOMAIN_FLAG_MSI |
			(isolated_msi ? IRQ_DOMAIN_FLAG_ISOLATED_MSI : 0),
		.hwirq_max = ~0UL,
		.ops = &our_domain_ops,
		.host_data = &our_info,
	};

	xen_domain_of_msi = xen_msi;
	xen_info = xen_msi->host_data;
	our_ops = *xen_info->ops;
	our_ops.domain_alloc_irqs = vxi_alloc_irqs;
	our_ops.domain_free_irqs = vxi_free_irqs;
	our_info = *xen_info;
	our_info.ops = &our_ops;

	info.fwnode = irq_domain_alloc_named_fwnode("XEN-MSI-VFIO");
	if (!info.fwnode)
		return -ENOMEM;
	our_domain = irq_domain_instantiate(&info);
	if (IS_ERR(our_domain)) {
		irq_domain_free_fwnode(info.fwnode);
		return PTR_ERR(our_domain);
	}
	return 0;
}

int vxi_msi_domain_init(void)
{
	struct pci_dev *pdev = NULL;
	struct irq_domain *domain = NULL;

	/*
	 * All devices have the same parent domain, which cannot be looked up by
	 * name.
	 */
	for_each_pci_dev(pdev) {
		domain = dev_get_msi_domain(&pdev->dev);
		if (domain)
			break;
	}
	pci_dev_put(pdev);
	if (!domain) {
		pr_warn("no MSI in this dom0: VFIO will have INTx only\n");
		return 0;
	}
	return make_domain(domain);
}

void vxi_msi_domain_exit(void)
{
	struct fwnode_handle *fwnode;

	if (!our_domain)
		return;
	fwnode = our_domain->fwnode;
	irq_domain_remove(our_domain);
	irq_domain_free_fwnode(fwnode);
}

void vxi_msi_domain_add_device(struct xen_dev *xdev)
{
	struct device *dev = &xdev->pdev->dev;

	if (our_domain && dev_get_msi_domain(dev) == xen_domain_of_msi)
		dev_set_msi_domain(dev, our_domain);
}

void vxi_msi_domain_remove_device(struct xen_dev *xdev)
{
	struct device *dev = &xdev->pdev->dev;

	if (our_domain && dev_get_msi_domain(dev) == our_domain)
		dev_set_msi_domain(dev, xen_domain_of_msi);
}
