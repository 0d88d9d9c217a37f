// SPDX-License-Identifier: GPL-2.0
/*
 * The vectors of a device: mapped while it is dom0's, and used after it has left.
 */
#include <linux/delay.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/msi.h>
#include <linux/pci.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "hypercall.h"
#include "msi_budget.h"
#include "msi_pool.h"
#include "xen_dev.h"

static unsigned int msi_vectors = 64;
module_param(msi_vectors, uint, 0644);
MODULE_PARM_DESC(msi_vectors,
		 "Most MSI-X vectors that a device in VFIO's hands has (default 64)");

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

static int unmap_vector(struct msi_vector *vector)
{
	int ret = vxi_hc_unmap_pirq(DOMID_SELF, vector->pirq);

	if (ret)
		return ret;
	vxi_msi_budget_put(vector->pirq);
	vector->pirq = -1;
	return 0;
}

static int map_vector(struct xen_dev *xdev, struct msi_vector *vector,
		      unsigned int entry, u64 base)
{
	int ret = vxi_hc_map_msi(DOMID_SELF, xdev->sbdf, entry, base,
				 &vector->pirq);

	if (!ret)
		vxi_msi_budget_take(vector->pirq);
	return ret;
}

/* The first vector says how many others are free; the device gets half of these. */
static int map_vectors(struct xen_dev *xdev, struct msi_pool *pool)
{
	bool msix = pool->cap == PCI_CAP_ID_MSIX;
	unsigned int nr = msix ? pool->nr : 1;
	u64 base = msix ? vxi_msix_table_base(xdev->pdev) : 0;
	unsigned int i, allowed = nr;
	bool counted = false;
	int left, ret = 0;

	if (msix && !base)
		return -ENXIO;
	for (i = 0; i < allowed && !ret; i++) {
		if (pool->vectors[i].pirq >= 0)
			continue;
		ret = map_vector(xdev, &pool->vectors[i], i, base);
		if (ret || counted)
			continue;
		counted = true;
		left = vxi_msi_budget_left(pool->vectors[i].pirq);
		if (left < 0)
			ret = unmap_vector(&pool->vectors[i]) ?: -ENOSPC;
		else
			allowed = min(nr, i + 1 + DIV_ROUND_UP(left, 2));
	}
	return ret ?: allowed < nr ? -ENOSPC : 0;
}

/* Xen writes to the MSI-X table, so the device must decode memory. */
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
 * A user that maps the table while no MSI-X vectors exist could write to it
 * once they exist again. So a pool that can change its kind keeps the table.
 */
bool vxi_msi_pool_can_change_kind(const struct pci_dev *pdev)
{
	return pdev->msix_cap && pdev->msi_cap;
}

static int keep_table(struct xen_dev *xdev)
{
	int ret;

	if (xdev->table_kept)
		return 0;
	ret = vxi_hc_prepare_msix(xdev->sbdf);
	xdev->table_kept = !ret;
	return ret;
}

/*
 * Xen unmaps the vectors of a destroyed guest soon after the guest, and keeps
 * the table until then. A table that is not released now is released when the
 * device next changes its owner.
 */
#define RELEASE_TRIES 100
#define RELEASE_DELAY_MS 10

static void release_table(struct xen_dev *xdev)
{
	int tries = RELEASE_TRIES;
	int ret;

	if (!xdev->table_kept)
		return;
	while ((ret = vxi_hc_release_msix(xdev->sbdf)) == -EBUSY && --tries)
		msleep(RELEASE_DELAY_MS);
	/* A device that was unplugged has no table. */
	if (ret && ret != -ENODEV)
		dev_warn_ratelimited(&xdev->pdev->dev,
				     "Xen keeps its MSI-X table: %d\n", ret);
	else
		xdev->table_kept = false;
}

static unsigned int nr_mapped(const struct msi_pool *pool)
{
	unsigned int i, nr = 0;

	for (i = 0; i < pool->nr; i++)
		nr += pool->vectors[i].pirq >= 0;
	return nr;
}

static void warn_of_few(struct xen_dev *xdev, const struct msi_pool *pool, int err)
{
	struct device *dev = &xdev->pdev->dev;
	unsigned int nr = nr_mapped(pool);

	if (err == -ENOSPC)
		dev_warn_ratelimited(dev,
				     "VFIO has %u of %u MSI vectors: dom0 has few interrupt numbers left; give it more by Xen's extra_guest_irqs=,NUMBER\n",
				     nr, pool->nr);
	else
		dev_warn_ratelimited(dev,
				     "VFIO has %u of %u MSI vectors: Xen refuses more: %d\n",
				     nr, pool->nr, err);
}

void vxi_msi_pool_take(struct xen_dev *xdev)
{
	struct pci_dev *pdev = xdev->pdev;
	u16 command;
	int ret;

	if (!xdev->msi)
		xdev->msi = new_pool(pdev);
	if (!xdev->msi)
		return;

	command = decode_memory(pdev);
	if (vxi_msi_pool_can_change_kind(pdev))
		keep_table(xdev);
	ret = map_vectors(xdev, xdev->msi);
	restore_command(pdev, command);
	if (ret)
		warn_of_few(xdev, xdev->msi, ret);
}

/* Return: whether no vector is left. */
static bool unmap_vectors(struct xen_dev *xdev, struct msi_pool *pool)
{
	bool all = true;
	unsigned int i;
	int ret;

	for (i = 0; i < pool->nr; i++) {
		struct msi_vector *vector = &pool->vectors[i];

		if (vector->pirq < 0)
			continue;
		ret = unmap_vector(vector);
		/*
		 * The vector stays in the pool, to be used again or unmapped
		 * later.
		 */
		if (ret) {
			dev_warn_ratelimited(&xdev->pdev->dev,
					     "cannot unmap pirq %d: %d\n",
					     vector->pirq, ret);
			all = false;
		}
	}
	return all;
}

void vxi_msi_pool_give_back(struct xen_dev *xdev)
{
	if (!xdev->msi)
		return;
	if (unmap_vectors(xdev, xdev->msi)) {
		release_table(xdev);
		xdev->msi->cap = first_choice(xdev->pdev);
	}
}

static unsigned int nr_in_use(const struct msi_pool *pool)
{
	unsigned int i, nr = 0;

	for (i = 0; i < pool->nr; i++)
		nr += READ_ONCE(pool->vectors[i].irq) != 0;
	return nr;
}

int vxi_msi_pool_enter_guest(struct xen_dev *xdev)
{
	struct pci_dev *pdev = xdev->pdev;
	u16 command;
	int ret;

	/*
	 * A device with its own character device can be moved while it is open.
	 */
	if (xdev->msi && nr_in_use(xdev->msi)) {
		pci_info_ratelimited(pdev,
				     "cannot be given to a guest: it has MSIs in dom0; disable them first\n");
		return -EBUSY;
	}
	vxi_msi_pool_give_back(xdev);
	if (!pdev->msix_cap)
		return 0;
	command = decode_memory(pdev);
	ret = keep_table(xdev);
	restore_command(pdev, command);
	if (ret)
		dev_err_ratelimited(&pdev->dev,
				    "Xen cannot take charge of its MSI-X table: %d\n", ret);
	return ret;
}

void vxi_msi_pool_leave_guest(struct xen_dev *xdev)
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
 * Xen sets MASKALL if it unmaps vectors while it cannot access their table, for
 * example if a guest was destroyed and the device then reset. Xen keeps it set,
 * whatever dom0 writes, until it sets up the table again.
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

void vxi_msi_pool_clear_maskall(struct xen_dev *xdev)
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

/*
 * Map vectors of the other kind. On an error the former vectors are restored as
 * far as possible.
 */
int vxi_msi_pool_change_kind(struct xen_dev *xdev)
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

struct msi_vector *vxi_msi_pool_vector(struct msi_pool *pool,
				       unsigned int index)
{
	unsigned int i = pool->cap == PCI_CAP_ID_MSIX ? index : 0;

	return i < pool->nr && pool->vectors[i].pirq >= 0 ? &pool->vectors[i] :
							    NULL;
}

void vxi_msi_pool_show(struct seq_file *s, struct xen_dev *xdev)
{
	struct msi_pool *pool = xdev->msi;
	unsigned int mapped = pool ? nr_mapped(pool) : 0;

	if (mapped)
		seq_printf(s, " msi=%u/%u", nr_in_use(pool), mapped);
}

void vxi_msi_pool_free(struct xen_dev *xdev)
{
	kfree(xdev->msi);
}
