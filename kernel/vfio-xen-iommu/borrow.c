// SPDX-License-Identifier: GPL-2.0
/*
 * Borrowing: a device is dom0's for a moment, with bus mastering off.
 */
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/pci.h>

#include "borrow.h"
#include "hypercall.h"
#include "msi_pool.h"
#include "owner_internal.h"
#include "shell.h"
#include "xen_dev.h"

enum {
	BORROW_NEVER,
	BORROW_RESETTABLE,
	BORROW_ALL,
};

static unsigned int borrow = BORROW_RESETTABLE;
module_param(borrow, uint, 0644);
MODULE_PARM_DESC(borrow,
		 "Which devices are trusted to do no DMA without bus mastering, to exchange their MSI-X for MSI: 0 none, 1 those that can be reset (default), 2 all");

/*
 * In dom0's context, only the disabled bus mastering keeps the device from
 * dom0's memory. A device without reset is as its last user left it, and may
 * have been made to ignore the bit.
 */
static bool obeys_bus_master(const struct pci_dev *pdev)
{
	switch (READ_ONCE(borrow)) {
	case BORROW_NEVER:
		return false;
	case BORROW_RESETTABLE:
		return pdev->reset_methods[0];
	default:
		return true;
	}
}

/*
 * The IOMMU may not distinguish the members of a group: moving one could move
 * the DMA of all. And Xen does not remove a device that still has virtual
 * functions.
 */
static bool can_be_borrowed(const struct xen_dev *xdev)
{
	return vxi_owner_is_alone(xdev) && !pci_num_vf(xdev->pdev) &&
	       obeys_bus_master(xdev->pdev);
}

/*
 * Its vectors belong to dom0 and must be unmapped while Xen still knows the
 * device.
 */
static int remove_from_xen(struct xen_dev *xdev)
{
	int ret;

	vxi_msi_pool_give_back(xdev);
	ret = vxi_hc_forget(xdev->sbdf);
	xdev->forgotten = !ret;
	return ret;
}

/*
 * Xen needs a page of memory to quarantine a device. If even the spare pages
 * are gone, Xen must forget the device, because dom0 must not keep it: its user
 * could turn bus mastering on.
 */
static int return_to_quarantine(struct xen_dev *xdev, struct shell *shell)
{
	int ret;

	vxi_msi_pool_clear_maskall(xdev);
	ret = vxi_hc_assign(DOMID_QUARANTINE, xdev->sbdf);
	if (ret && shell)
		vxi_shell_lend_spare(shell);
	if (ret)
		ret = vxi_hc_assign(DOMID_QUARANTINE, xdev->sbdf);
	if (!ret)
		return 0;
	pci_err(xdev->pdev,
		"cannot be returned to quarantine (d%u): %d; removing it from Xen: %d\n",
		DOMID_QUARANTINE, ret, remove_from_xen(xdev));
	return ret;
}

static int return_to_shell(struct xen_dev *xdev, struct shell *shell)
{
	int ret = vxi_shell_check(shell);

	if (!ret)
		ret = vxi_hc_assign(shell->domid, xdev->sbdf);
	if (ret)
		pci_err(xdev->pdev,
			"cannot be returned to d%u: %d; it stays quarantined, bus mastering off\n",
			shell->domid, ret);
	else
		vxi_owner_set(xdev, OWNER_SHELL, shell);
	return ret;
}

/* Sets @back if the device is with its owner when this returns. */
static int borrow_locked(struct xen_dev *xdev,
			 int (*fn)(struct xen_dev *xdev), bool *back)
{
	struct shell *shell = xdev->shell;
	int ret = 0, err;

	*back = false;
	if (shell)
		ret = vxi_owner_leave_shell(xdev);
	if (ret) {
		*back = true;
		return ret;
	}
	vxi_owner_set(xdev, OWNER_QUARANTINE, NULL);
	ret = vxi_hc_deassign(DOMID_QUARANTINE, xdev->sbdf);
	if (!ret)
		ret = fn(xdev);
	/*
	 * After an error as well: wherever the device is, dom0 must not keep
	 * it.
	 */
	err = return_to_quarantine(xdev, shell);
	if (err)
		return err;
	err = shell ? return_to_shell(xdev, shell) : 0;
	*back = !err;
	return err ?: ret;
}

int vxi_borrow(struct xen_dev *xdev, int (*fn)(struct xen_dev *xdev))
{
	struct pci_dev *pdev = xdev->pdev;
	u16 command, control = 0;
	bool back = true;
	int ret;

	guard(mutex)(&vxi_owner_lock);
	if (!can_be_borrowed(xdev))
		return -EOPNOTSUPP;
	if (xdev->owner != OWNER_QUARANTINE && xdev->owner != OWNER_SHELL)
		return -EINVAL;
	ret = vxi_owner_check_out_of_reach(xdev, NULL);
	if (ret)
		return ret;
	pci_read_config_word(pdev, PCI_COMMAND, &command);
	if (pdev->msix_cap)
		pci_read_config_word(pdev, pdev->msix_cap + PCI_MSIX_FLAGS,
				     &control);
	pci_write_config_word(pdev, PCI_COMMAND,
			      (command & ~PCI_COMMAND_MASTER) |
				      PCI_COMMAND_MEMORY);
	ret = pci_wait_for_pending_transaction(pdev) ?
		      borrow_locked(xdev, fn, &back) : -EBUSY;
	if (pdev->msix_cap)
		pci_write_config_word(pdev, pdev->msix_cap + PCI_MSIX_FLAGS,
				      control);
	if (!back)
		command &= ~PCI_COMMAND_MASTER;
	pci_write_config_word(pdev, PCI_COMMAND, command);
	return ret;
}
