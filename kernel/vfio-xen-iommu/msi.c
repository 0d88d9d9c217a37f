// SPDX-License-Identifier: GPL-2.0
/*
 * MSI and MSI-X: vectors mapped ahead, and an irq domain that hands them out.
 */
#define pr_fmt(fmt) "vfio-xen-iommu: " fmt

#include <linux/delay.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/irqdomain.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/msi.h>
#include <linux/pci.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include <xen/events.h>

#include "hypercall.h"
#include "msi.h"
#include "owner.h"

static unsigned int msi_vectors = 64;
module_param(msi_vectors, uint, 0644);
MODULE_PARM_DESC(msi_vectors, "Most MSI-X vectors that a device in VFIO's hands has (default 64)");

static bool isolated_msi;
module_param(isolated_msi, bool, 0444);
MODULE_PARM_DESC(isolated_msi, "Xen remaps interrupts, so VFIO needs no allow_unsafe_interrupts (default N: dom0 cannot find out)");

/**
 * struct msi_vector - one vector of a device
 * @pirq:	Xen's number for it, or -1 if it is not mapped
 * @port:	the event channel that it is bound to while in use
 * @irq:	Linux's number for that, or 0
 */
struct msi_vector {
	int pirq;
	evtchn_port_t port;
	unsigned int irq;
};

/**
 * struct msi_pool - the vectors that a device takes along
 * @cap:	PCI_CAP_ID_MSIX or PCI_CAP_ID_MSI, which Xen has one of at a time
 * @nr:		how many there are
 * @vectors:	by index in the MSI-X table; the first is also that of MSI
 *
 * Locking: mapped and unmapped under owner_lock while no driver has MSI
 * enabled; allocated and freed under the device's MSI descriptor mutex.
 */
struct msi_pool {
	u8 cap;
	unsigned int nr;
	struct msi_vector vectors[] __counted_by(nr);
};

/* Xen's own domain, which serves the devices that are dom0's. */
static struct irq_domain *xen_domain_of_msi;
static const struct msi_domain_info *xen_info;

static struct irq_domain *our_domain;
static struct msi_domain_info our_info;
static struct msi_domain_ops our_ops;

static u8 first_choice(struct pci_dev *pdev)
{
	return pdev->msix_cap ? PCI_CAP_ID_MSIX : PCI_CAP_ID_MSI;
}

static struct msi_pool *new_pool(struct pci_dev *pdev)
{
	struct msi_pool *pool;
	unsigned int nr, i;

	if (pdev->msix_cap)
		nr = min(msi_vectors, (unsigned int)pci_msix_vec_count(pdev));
	else
		nr = pdev->msi_cap ? 1 : 0;
	if (!nr)
		return NULL;

	pool = kzalloc(struct_size(pool, vectors, nr), GFP_KERNEL);
	if (!pool)
		return NULL;
	pool->nr = nr;
	pool->cap = first_choice(pdev);
	for (i = 0; i < nr; i++)
		pool->vectors[i].pirq = -1;
	return pool;
}

/* Where the BAR with the MSI-X table is: what tells MSI-X from MSI. */
static u64 table_base(struct pci_dev *pdev, const struct msi_pool *pool)
{
	u32 table;

	if (pool->cap == PCI_CAP_ID_MSI)
		return 0;
	pci_read_config_dword(pdev, pdev->msix_cap + PCI_MSIX_TABLE, &table);
	return pci_resource_start(pdev, table & PCI_MSIX_TABLE_BIR);
}

static int map_vectors(struct xen_dev *xdev, struct msi_pool *pool)
{
	unsigned int nr = pool->cap == PCI_CAP_ID_MSIX ? pool->nr : 1;
	u64 base = table_base(xdev->pdev, pool);
	unsigned int i;
	int ret = 0;

	if (pool->cap == PCI_CAP_ID_MSIX && !base)
		return -ENXIO;
	for (i = 0; i < nr && !ret; i++)
		if (pool->vectors[i].pirq < 0)
			ret = xen_hc_map_msi(DOMID_SELF, xdev->sbdf, i, base,
					     &pool->vectors[i].pirq);
	return ret;
}

/* Xen writes to the MSI-X table, for which it wants it decoded. */
static u16 decode_memory(struct pci_dev *pdev)
{
	u16 command;

	pci_read_config_word(pdev, PCI_COMMAND, &command);
	pci_write_config_word(pdev, PCI_COMMAND, command | PCI_COMMAND_MEMORY);
	return command;
}

static void restore_command(struct pci_dev *pdev, u16 command)
{
	pci_write_config_word(pdev, PCI_COMMAND, command);
}

/*
 * A user that could map the table while there are no MSI-X vectors could write
 * to it when there are some again: a pool that can change its kind keeps it.
 */
static bool can_change_kind(const struct pci_dev *pdev)
{
	return pdev->msix_cap && pdev->msi_cap;
}

static int keep_table(struct xen_dev *xdev)
{
	int ret;

	if (xdev->table_kept)
		return 0;
	ret = xen_hc_prepare_msix(xdev->sbdf);
	xdev->table_kept = !ret;
	return ret;
}

/*
 * The vectors of a guest that was destroyed go soon after the guest itself: until
 * then Xen keeps the table. What is not released now is when the device is next
 * given away.
 */
#define RELEASE_TRIES 100
#define RELEASE_DELAY_MS 10

static void release_table(struct xen_dev *xdev)
{
	int tries = RELEASE_TRIES;
	int ret;

	if (!xdev->table_kept)
		return;
	while ((ret = xen_hc_release_msix(xdev->sbdf)) == -EBUSY && --tries)
		msleep(RELEASE_DELAY_MS);
	/* A device that was unplugged has no table. */
	if (ret && ret != -ENODEV)
		dev_warn_ratelimited(&xdev->pdev->dev,
				     "Xen keeps its MSI-X table: %d\n", ret);
	else
		xdev->table_kept = false;
}

void msi_take(struct xen_dev *xdev)
{
	struct pci_dev *pdev = xdev->pdev;
	u16 command;
	int ret;

	if (!xdev->msi)
		xdev->msi = new_pool(pdev);
	if (!xdev->msi)
		return;

	command = decode_memory(pdev);
	if (can_change_kind(pdev))
		keep_table(xdev);
	ret = map_vectors(xdev, xdev->msi);
	restore_command(pdev, command);
	if (ret)
		dev_warn_ratelimited(&pdev->dev,
				     "not all MSI vectors can be mapped for VFIO: %d\n",
				     ret);
}

/* Return: whether none is left. */
static bool unmap_vectors(struct xen_dev *xdev, struct msi_pool *pool)
{
	bool all = true;
	unsigned int i;
	int ret;

	for (i = 0; i < pool->nr; i++) {
		struct msi_vector *vector = &pool->vectors[i];

		if (vector->pirq < 0)
			continue;
		ret = xen_hc_unmap_pirq(DOMID_SELF, vector->pirq);
		/* It stays in the pool, and will be used or unmapped again. */
		if (ret) {
			dev_warn_ratelimited(&xdev->pdev->dev,
					     "cannot unmap pirq %d: %d\n",
					     vector->pirq, ret);
			all = false;
			continue;
		}
		vector->pirq = -1;
	}
	return all;
}

void msi_give_back(struct xen_dev *xdev)
{
	if (!xdev->msi)
		return;
	if (unmap_vectors(xdev, xdev->msi)) {
		release_table(xdev);
		xdev->msi->cap = first_choice(xdev->pdev);
	}
}

/* With a character device of its own, a device can be moved while it is open. */
static bool any_in_use(const struct msi_pool *pool)
{
	unsigned int i;

	for (i = 0; pool && i < pool->nr; i++)
		if (READ_ONCE(pool->vectors[i].irq))
			return true;
	return false;
}

int msi_enter_guest(struct xen_dev *xdev)
{
	struct pci_dev *pdev = xdev->pdev;
	u16 command;
	int ret;

	if (any_in_use(xdev->msi)) {
		pci_info_ratelimited(pdev,
				     "cannot be given to a guest: it has MSIs in dom0; disable them first\n");
		return -EBUSY;
	}
	msi_give_back(xdev);
	if (!pdev->msix_cap)
		return 0;
	command = decode_memory(pdev);
	ret = keep_table(xdev);
	restore_command(pdev, command);
	if (ret)
		dev_err_ratelimited(&pdev->dev,
				    "Xen cannot take charge of its MSI-X table: %d\n",
				    ret);
	return ret;
}

void msi_leave_guest(struct xen_dev *xdev)
{
	release_table(xdev);
}

static bool has_maskall(struct pci_dev *pdev, u16 *control)
{
	pci_read_config_word(pdev, pdev->msix_cap + PCI_MSIX_FLAGS, control);
	return !PCI_POSSIBLE_ERROR(*control) &&
	       (*control & PCI_MSIX_FLAGS_MASKALL);
}

/*
 * Xen sets MASKALL if it unmaps vectors while it can't reach their table, as when
 * a guest was destroyed and the device then reset. It keeps it set, whatever dom0
 * writes, until it takes charge of the table anew.
 */
static void renew_table(struct xen_dev *xdev)
{
	bool kept = xdev->table_kept;
	u16 command = decode_memory(xdev->pdev);

	release_table(xdev);
	if (!keep_table(xdev) && !kept)
		release_table(xdev);
	restore_command(xdev->pdev, command);
}

void msi_clear_maskall(struct xen_dev *xdev)
{
	struct pci_dev *pdev = xdev->pdev;
	u16 control;

	if (!pdev->msix_cap || !has_maskall(pdev, &control))
		return;
	pci_write_config_word(pdev, pdev->msix_cap + PCI_MSIX_FLAGS,
			      control & ~PCI_MSIX_FLAGS_MASKALL);
	if (has_maskall(pdev, &control))
		renew_table(xdev);
}

/* Map the other kind. On an error there are those that were, as far as can be. */
static int change_kind(struct xen_dev *xdev)
{
	struct msi_pool *pool = xdev->msi;
	u8 before = pool->cap;
	int ret = -EBUSY;

	if (unmap_vectors(xdev, pool)) {
		pool->cap = before == PCI_CAP_ID_MSI ? PCI_CAP_ID_MSIX :
						       PCI_CAP_ID_MSI;
		ret = map_vectors(xdev, pool);
		if (!ret || !unmap_vectors(xdev, pool))
			return ret;
		pool->cap = before;
	}
	map_vectors(xdev, pool);
	return ret;
}

static int have_kind(struct xen_dev *xdev, u8 cap)
{
	int ret;

	if (xdev->msi->cap == cap)
		return 0;
	if (!can_change_kind(xdev->pdev) || !xdev->table_kept)
		return -ENODEV;
	ret = owner_borrow(xdev, change_kind);
	if (ret)
		dev_warn_ratelimited(&xdev->pdev->dev,
				     "cannot have %s now: %d\n",
				     cap == PCI_CAP_ID_MSIX ? "MSI-X" : "MSI",
				     ret);
	return ret;
}

/*
 * Xen holds back the next interrupt of an MSI that it cannot mask until it is
 * told that this one is over. (Xen's irq_status_query asks for this always, of
 * guests that cannot tell; in a storm, Xen masks and unmasks those that it can.)
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
	xen_hc_eoi((unsigned long)irq_desc_get_handler_data(desc));
}

static void use_eoi(struct msi_vector *vector)
{
	irq_set_handler_data(vector->irq, (void *)(unsigned long)vector->pirq);
	irq_set_handler(vector->irq, handle_and_eoi);
}

static int bind_vector(struct msi_vector *vector, bool eoi)
{
	int ret, irq;

	ret = xen_hc_bind_pirq(vector->pirq, &vector->port);
	if (ret)
		return ret;
	irq = bind_evtchn_to_irq(vector->port);
	if (irq < 0) {
		xen_hc_close_port(vector->port);
		return irq;
	}
	/* So that evtchn_put() undoes both steps. */
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

static struct msi_vector *vector_of(struct msi_pool *pool,
				    const struct msi_desc *desc)
{
	unsigned int i = pool->cap == PCI_CAP_ID_MSIX ? desc->msi_index : 0;

	return i < pool->nr && pool->vectors[i].pirq >= 0 ? &pool->vectors[i] :
							    NULL;
}

static void free_from_pool(struct msi_pool *pool, struct device *dev)
{
	struct msi_desc *desc;

	msi_for_each_desc(desc, dev, MSI_DESC_ASSOCIATED) {
		struct msi_vector *vector = vector_of(pool, desc);

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
		struct msi_vector *vector = vector_of(pool, desc);
		int ret = vector ? bind_vector(vector, eoi) : -ENOSPC;

		if (ret) {
			free_from_pool(pool, dev);
			/* A count asks the driver to be content with that. */
			return ret == -ENOSPC && done ? done : ret;
		}
		/* Linux would write its idea of the message: Xen's counts. */
		desc->pci.msi_attrib.is_virtual = 1;
		desc->irq = vector->irq;
		set_desc(vector->irq, desc);
		done++;
	}
	return 0;
}

static int alloc_irqs(struct irq_domain *domain, struct device *dev, int nvec)
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
	/* Resets have cleared what Xen wrote to the device. */
	ret = xen_hc_restore_msi(xdev->sbdf);
	if (ret)
		return ret;
	return alloc_from_pool(xdev->msi, dev);
}

static void free_irqs(struct irq_domain *domain, struct device *dev)
{
	struct xen_dev *xdev = dev_iommu_priv_get(dev);

	if (xdev->owner == OWNER_DOM0)
		xen_info->ops->domain_free_irqs(xen_domain_of_msi, dev);
	else if (xdev->msi)
		free_from_pool(xdev->msi, dev);
}

/* Only to make this a domain that allocates, as the MSI core checks for. */
static int no_alloc(struct irq_domain *domain, unsigned int irq,
		    unsigned int nr_irqs, void *arg)
{
	return -EOPNOTSUPP;
}

static const struct irq_domain_ops our_domain_ops = {
	.alloc = no_alloc,
};

static int make_domain(struct irq_domain *xen_msi)
{
	struct irq_domain_info info = {
		.domain_flags = IRQ_DOMAIN_FLAG_MSI |
				(isolated_msi ? IRQ_DOMAIN_FLAG_ISOLATED_MSI :
						0),
		.hwirq_max = ~0UL,
		.ops = &our_domain_ops,
		.host_data = &our_info,
	};

	xen_domain_of_msi = xen_msi;
	xen_info = xen_msi->host_data;
	our_ops = *xen_info->ops;
	our_ops.domain_alloc_irqs = alloc_irqs;
	our_ops.domain_free_irqs = free_irqs;
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

int msi_init(void)
{
	struct pci_dev *pdev = NULL;
	struct irq_domain *domain = NULL;

	/* All devices have the same, which has no name to ask for it by. */
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

void msi_exit(void)
{
	struct fwnode_handle *fwnode;

	if (!our_domain)
		return;
	fwnode = our_domain->fwnode;
	irq_domain_remove(our_domain);
	irq_domain_free_fwnode(fwnode);
}

void msi_add_device(struct xen_dev *xdev)
{
	struct device *dev = &xdev->pdev->dev;

	if (our_domain && dev_get_msi_domain(dev) == xen_domain_of_msi)
		dev_set_msi_domain(dev, our_domain);
}

void msi_remove_device(struct xen_dev *xdev)
{
	struct device *dev = &xdev->pdev->dev;

	if (our_domain && dev_get_msi_domain(dev) == our_domain)
		dev_set_msi_domain(dev, xen_domain_of_msi);
	kfree(xdev->msi);
}

void msi_show(struct seq_file *s, struct xen_dev *xdev)
{
	struct msi_pool *pool = xdev->msi;
	unsigned int used = 0, mapped = 0, i;

	for (i = 0; pool && i < pool->nr; i++) {
		used += READ_ONCE(pool->vectors[i].irq) != 0;
		mapped += pool->vectors[i].pirq >= 0;
	}
	if (mapped)
		seq_printf(s, " msi=%u/%u", used, mapped);
}
