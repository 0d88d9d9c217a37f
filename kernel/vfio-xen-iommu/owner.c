// SPDX-License-Identifier: GPL-2.0
/*
 * Owners of devices: move devices between dom0, quarantine, shell domains and
 * guests, and create and destroy the shell domains.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/iommu.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include <xen/vxi.h>

#include "compat/export.h"
#include "guest.h"
#include "hypercall.h"
#include "msi_pool.h"
#include "owner.h"
#include "owner_internal.h"
#include "pm.h"
#include "shell.h"
#include "xen_dev.h"

/*
 * Serialises changes of owner with the creation and destruction of shell
 * domains, which moves devices, too. A leaf lock: taken under the group's mutex
 * and a paging domain's lock.
 */
DEFINE_MUTEX(vxi_owner_lock);

static LIST_HEAD(all_devices);
static LIST_HEAD(all_shells);

/* The host is suspending: no guest gets a device. */
static bool host_sleeps;

/* Unused shell domains that Xen has refused to destroy so far */
static LIST_HEAD(abandoned_shells);

struct xen_dev *vxi_owner_add_device(struct pci_dev *pdev)
{
	struct xen_dev *xdev = kzalloc(sizeof(*xdev), GFP_KERNEL);

	if (!xdev)
		return NULL;
	xdev->pdev = pdev;
	xdev->sbdf = vxi_sbdf_of(pdev);
	xdev->owner = OWNER_DOM0;
	INIT_LIST_HEAD(&xdev->paging_node);
	INIT_LIST_HEAD(&xdev->shell_node);
	INIT_LIST_HEAD(&xdev->guest_domain_node);
	mutex_init(&xdev->guest_domain_lock);
	INIT_LIST_HEAD(&xdev->bar_maps);

	guard(mutex)(&vxi_owner_lock);
	list_add_tail(&xdev->node, &all_devices);
	return xdev;
}

/*
 * A suspended device would not decode what a guest accesses. The device is
 * active when this is called.
 */
static void keep_awake(struct xen_dev *xdev, bool yes)
{
	lockdep_assert_held(&vxi_owner_lock);

	if (xdev->kept_awake == yes)
		return;
	xdev->kept_awake = yes;
	if (yes)
		pm_runtime_get_noresume(&xdev->pdev->dev);
	else
		vxi_pm_put(xdev->pdev);
}

static void set_bars_exposed(struct xen_dev *xdev, bool exposed)
{
	xdev->bars_exposed = exposed;
	keep_awake(xdev, exposed);
}

void vxi_owner_remove_device(struct xen_dev *xdev)
{
	scoped_guard(mutex, &vxi_owner_lock) {
		keep_awake(xdev, false);
		list_del(&xdev->node);
		list_del(&xdev->shell_node);
	}
	vxi_msi_pool_free(xdev);
	mutex_destroy(&xdev->guest_domain_lock);
	kfree(xdev);
}

void vxi_owner_set(struct xen_dev *xdev, enum owner owner,
		   struct shell *shell)
{
	lockdep_assert_held(&vxi_owner_lock);

	xdev->owner = owner;
	xdev->shell = shell;
	if (shell)
		list_move_tail(&xdev->shell_node, &shell->devices);
	else
		list_del_init(&xdev->shell_node);
}

/* Its vectors must be mapped before, while dom0 still owns it. */
static int leave_dom0(struct xen_dev *xdev)
{
	int ret;

	vxi_msi_pool_take(xdev);
	vxi_msi_pool_clear_maskall(xdev);
	ret = vxi_hc_assign(DOMID_QUARANTINE, xdev->sbdf);
	if (ret)
		vxi_msi_pool_give_back(xdev);
	return ret;
}

/* Return: the error, or 0 if the device has left in spite of it. */
static int check_left(struct xen_dev *xdev, int error)
{
	int check;

	if (!error)
		return 0;
	/*
	 * Succeeds only if the domain was destroyed, because Xen quarantined
	 * its devices then. An unplugged device needs no quarantine.
	 */
	if (error == -ESRCH || error == -ENODEV)
		vxi_msi_pool_clear_maskall(xdev);
	check = vxi_hc_assign(DOMID_QUARANTINE, xdev->sbdf);
	return !check || check == -ENODEV ? 0 : error;
}

int vxi_owner_leave_shell(struct xen_dev *xdev)
{
	int ret = vxi_hc_deassign(xdev->shell->domid, xdev->sbdf);

	if (ret == -ENOMEM && !vxi_shell_lend_spare(xdev->shell))
		ret = vxi_hc_deassign(xdev->shell->domid, xdev->sbdf);
	return check_left(xdev, ret);
}

static int leave_guest(struct xen_dev *xdev)
{
	int ret = vxi_hc_deassign(xdev->guest.domid, xdev->sbdf);

	ret = check_left(xdev, ret);
	if (!ret)
		vxi_msi_pool_leave_guest(xdev);
	return ret;
}

/*
 * A guest that loses the device in this way, from under QEMU, still has it
 * mapped.
 */
static int take_from_any_guest(struct xen_dev *xdev)
{
	int ret = vxi_guest_find_and_deassign(xdev->sbdf, &xdev->guest);

	if (ret)
		return ret;
	set_bars_exposed(xdev, !vxi_guest_is_gone(&xdev->guest));
	pci_warn(xdev->pdev,
		 "is taken from d%u, to which a toolstack has given it\n",
		 xdev->guest.domid);
	return 0;
}

/* The toolstack may have put the device into quarantine, dom0 or a guest. */
static int leave_toolstack(struct xen_dev *xdev)
{
	int ret;

	vxi_msi_pool_clear_maskall(xdev);
	ret = vxi_hc_assign(DOMID_QUARANTINE, xdev->sbdf);
	if (ret == -EBUSY)
		ret = take_from_any_guest(xdev);
	ret = check_left(xdev, ret);
	if (!ret)
		vxi_msi_pool_leave_guest(xdev);
	return ret;
}

static domid_t domid_of_owner(const struct xen_dev *xdev)
{
	switch (xdev->owner) {
	case OWNER_QUARANTINE:
	case OWNER_TOOLSTACK:
		return DOMID_QUARANTINE;
	case OWNER_SHELL:
		return xdev->shell->domid;
	case OWNER_GUEST:
		return xdev->guest.domid;
	default:
		return 0;
	}
}

static int quarantine_locked(struct xen_dev *xdev)
{
	int ret = 0;

	switch (xdev->owner) {
	case OWNER_QUARANTINE:
		return 0;
	case OWNER_DOM0:
		ret = leave_dom0(xdev);
		break;
	case OWNER_SHELL:
		ret = vxi_owner_leave_shell(xdev);
		break;
	case OWNER_GUEST:
		ret = leave_guest(xdev);
		break;
	case OWNER_TOOLSTACK:
		ret = leave_toolstack(xdev);
		break;
	}

	if (ret) {
		/*
		 * The device must do no DMA where it is, while it cannot be
		 * moved.
		 */
		pci_clear_master(xdev->pdev);
		dev_err_ratelimited(&xdev->pdev->dev,
				    "cannot be moved from d%u to quarantine (d%u): %d%s; bus mastering is off\n",
				    domid_of_owner(xdev), DOMID_QUARANTINE, ret,
				    ret == -EBUSY ? " (another domain has it)" : "");
		return ret;
	}
	vxi_owner_set(xdev, OWNER_QUARANTINE, NULL);
	return 0;
}

int vxi_owner_quarantine(struct xen_dev *xdev)
{
	guard(mutex)(&vxi_owner_lock);
	xdev->return_pending = false;
	return quarantine_locked(xdev);
}

void vxi_owner_take_from_guest(struct xen_dev *xdev, bool bars_exposed)
{
	guard(mutex)(&vxi_owner_lock);
	xdev->return_pending = false;
	set_bars_exposed(xdev, bars_exposed);
	/* A failure to leave the guest is logged, and tried again. */
	quarantine_locked(xdev);
}

/*
 * Make sure that no guest can access a device's BARs any more, except its next
 * owner.
 */
int vxi_owner_check_out_of_reach(struct xen_dev *xdev,
				 const struct vxi_guest *next)
{
	if (!xdev->bars_exposed || (next && vxi_guest_is(&xdev->guest, next)))
		return 0;
	if (vxi_guest_is_gone(&xdev->guest)) {
		set_bars_exposed(xdev, false);
		return 0;
	}
	dev_err_ratelimited(&xdev->pdev->dev,
			    "stays quarantined until d%u has ended, which may still have a mapping of its BARs\n",
			    xdev->guest.domid);
	return -EBUSY;
}

static int assign_strictly(struct xen_dev *xdev, domid_t domid)
{
	int ret = vxi_hc_assign_strict(domid, xdev->sbdf);

	if (!xdev->nr_reserved || (ret != -EBUSY && ret != -EPERM))
		return ret;
	return -EADDRINUSE;
}

/* Try again to move a device that could not leave its last owner. */
static int assign_locked(struct xen_dev *xdev, domid_t domid,
			 const struct vxi_guest *guest)
{
	int ret = quarantine_locked(xdev);

	if (!ret)
		ret = vxi_owner_check_out_of_reach(xdev, guest);
	if (ret)
		return ret;
	vxi_msi_pool_clear_maskall(xdev);
	ret = guest && guest->rdm_strict ? assign_strictly(xdev, domid) :
					   vxi_hc_assign(domid, xdev->sbdf);
	if (ret)
		dev_err_ratelimited(&xdev->pdev->dev,
				    "cannot be assigned to d%u%s: %d; it stays quarantined\n",
				    domid,
				    ret == -EADDRINUSE ?
				    " with its reserved memory" : "", ret);
	return ret;
}

int vxi_owner_give_to_shell(struct xen_dev *xdev, struct shell *shell)
{
	int ret;

	guard(mutex)(&vxi_owner_lock);
	ret = vxi_shell_check(shell);
	if (ret) {
		dev_err_ratelimited(&xdev->pdev->dev,
				    "cannot be assigned to d%u: %d%s\n",
				    shell->domid, ret,
				    ret == -ESRCH ? " (somebody has destroyed it)" : "");
		return ret;
	}
	ret = assign_locked(xdev, shell->domid, NULL);
	if (!ret)
		vxi_owner_set(xdev, OWNER_SHELL, shell);
	return ret;
}

int vxi_owner_give_to_guest(struct xen_dev *xdev, const struct vxi_guest *guest)
{
	int ret;

	guard(mutex)(&vxi_owner_lock);
	if (host_sleeps)
		return -EBUSY;
	ret = quarantine_locked(xdev);
	if (ret)
		return ret;
	ret = vxi_msi_pool_enter_guest(xdev);
	if (ret)
		return ret;
	ret = assign_locked(xdev, guest->domid, guest);
	if (ret) {
		vxi_msi_pool_leave_guest(xdev);
		return ret;
	}
	xdev->guest = *guest;
	xdev->bars_exposed = false;
	keep_awake(xdev, true);
	vxi_owner_set(xdev, OWNER_GUEST, NULL);
	return 0;
}

bool vxi_owner_is_exposed(struct xen_dev *xdev, struct vxi_guest *guest)
{
	guard(mutex)(&vxi_owner_lock);
	if (!xdev->bars_exposed &&
	    (xdev->owner != OWNER_GUEST || xdev->guest.hvm))
		return false;
	*guest = xdev->guest;
	return !vxi_guest_is_gone(guest);
}

int vxi_owner_prepare_sleep(void)
{
	struct xen_dev *xdev;

	guard(mutex)(&vxi_owner_lock);
	list_for_each_entry(xdev, &all_devices, node) {
		if (!xdev->kept_awake || vxi_guest_is_gone(&xdev->guest))
			continue;
		pci_err(xdev->pdev,
			"cannot suspend the host: d%u has the device, or may still reach it; shut down the guest first\n",
			xdev->guest.domid);
		return -EBUSY;
	}
	host_sleeps = true;
	return 0;
}

void vxi_owner_end_sleep(void)
{
	guard(mutex)(&vxi_owner_lock);
	host_sleeps = false;
}

int vxi_owner_give_to_toolstack(struct xen_dev *xdev)
{
	int ret;

	guard(mutex)(&vxi_owner_lock);
	ret = quarantine_locked(xdev);
	if (!ret)
		ret = vxi_owner_check_out_of_reach(xdev, NULL);
	if (!ret)
		ret = vxi_msi_pool_enter_guest(xdev);
	if (ret)
		return ret;
	pci_clear_master(xdev->pdev);
	vxi_msi_pool_clear_maskall(xdev);
	vxi_owner_set(xdev, OWNER_TOOLSTACK, NULL);
	return 0;
}

/* A destroyed guest can leave MSI-X with MASKALL set. */
void vxi_owner_renew_for_toolstack(struct xen_dev *xdev)
{
	guard(mutex)(&vxi_owner_lock);
	if (xdev->owner != OWNER_TOOLSTACK)
		return;
	pci_clear_master(xdev->pdev);
	vxi_msi_pool_clear_maskall(xdev);
}

/*
 * The group also has a list of its members, but its mutex comes before VFIO's
 * locks, which the caller holds.
 */
bool vxi_owner_is_alone(const struct xen_dev *xdev)
{
	const struct iommu_group *group = xdev->pdev->dev.iommu_group;
	struct xen_dev *other;

	lockdep_assert_held(&vxi_owner_lock);

	list_for_each_entry(other, &all_devices, node)
		if (other != xdev && other->pdev->dev.iommu_group == group)
			return false;
	return true;
}

int vxi_guest_of(struct pci_dev *pdev, struct vxi_guest *guest)
{
	struct xen_dev *xdev = dev_iommu_priv_get(&pdev->dev);

	if (!xdev)
		return -ENODEV;
	guard(mutex)(&vxi_owner_lock);
	if (xdev->owner != OWNER_GUEST)
		return -ENODEV;
	*guest = xdev->guest;
	return 0;
}
EXPORT_SYMBOL_NS_GPL(vxi_guest_of, VXI_NS);

void vxi_guest_unmask_msix(struct pci_dev *pdev)
{
	struct xen_dev *xdev = dev_iommu_priv_get(&pdev->dev);

	if (!xdev)
		return;
	guard(mutex)(&vxi_owner_lock);
	if (xdev->owner == OWNER_GUEST)
		vxi_msi_pool_clear_maskall(xdev);
}
EXPORT_SYMBOL_NS_GPL(vxi_guest_unmask_msix, VXI_NS);

/*
 * The device does no DMA, and has no user who could change that. So dom0 may
 * own it, which is what adding it means.
 */
static int add_to_xen(struct xen_dev *xdev)
{
	int ret = vxi_hc_add(xdev->pdev);

	if (ret)
		return ret;
	xdev->forgotten = false;
	xdev->table_kept = false;
	pci_info(xdev->pdev, "is known to Xen again\n");
	return 0;
}

static void give_to_dom0_locked(struct xen_dev *xdev)
{
	int ret;

	if (xdev->owner == OWNER_DOM0)
		return;

	xdev->return_pending = true;
	if (quarantine_locked(xdev) || vxi_owner_check_out_of_reach(xdev, NULL))
		return;
	pci_clear_master(xdev->pdev);
	ret = xdev->forgotten ? add_to_xen(xdev) :
				vxi_hc_deassign(DOMID_QUARANTINE, xdev->sbdf);
	if (ret) {
		pci_err(xdev->pdev,
			"cannot be deassigned from quarantine (d%u) to dom0: %d; it stays quarantined\n",
			DOMID_QUARANTINE, ret);
		return;
	}
	vxi_msi_pool_give_back(xdev);
	xdev->return_pending = false;
	vxi_owner_set(xdev, OWNER_DOM0, NULL);
}

void vxi_owner_give_to_dom0(struct xen_dev *xdev)
{
	guard(mutex)(&vxi_owner_lock);
	give_to_dom0_locked(xdev);
}

void vxi_owner_rescue(struct xen_dev *xdev)
{
	guard(mutex)(&vxi_owner_lock);
	if (xdev->return_pending)
		give_to_dom0_locked(xdev);
}

void vxi_owner_unplug(struct xen_dev *xdev)
{
	guard(mutex)(&vxi_owner_lock);
	if (xdev->owner == OWNER_QUARANTINE || xdev->owner == OWNER_SHELL)
		vxi_msi_pool_give_back(xdev);
}

/* Xen has quarantined the devices of a destroyed domain. */
static int destroy_locked(struct shell *shell)
{
	struct xen_dev *xdev, *next;
	LIST_HEAD(devices);
	int ret;

	list_splice_init(&shell->devices, &devices);
	list_del(&shell->node);
	ret = vxi_shell_destroy(shell);
	if (ret) {
		list_splice(&devices, &shell->devices);
		list_add_tail(&shell->node, &all_shells);
		return ret;
	}
	list_for_each_entry_safe(xdev, next, &devices, shell_node)
		vxi_owner_set(xdev, OWNER_QUARANTINE, NULL);
	return 0;
}

static void retry_abandoned(void)
{
	struct shell *shell, *next;
	LIST_HEAD(retry);

	list_splice_init(&abandoned_shells, &retry);
	list_for_each_entry_safe(shell, next, &retry, node)
		if (destroy_locked(shell))
			list_move_tail(&shell->node, &abandoned_shells);
}

struct shell *vxi_owner_create_shell(struct xen_dev *xdev)
{
	char name[SHELL_NAME_LEN];
	struct shell *shell;

	snprintf(name, sizeof(name), "vfio-xen:%s", pci_name(xdev->pdev));

	guard(mutex)(&vxi_owner_lock);
	retry_abandoned();
	shell = vxi_shell_create(name);
	if (!IS_ERR(shell))
		list_add_tail(&shell->node, &all_shells);
	return shell;
}

int vxi_owner_destroy_shell(struct shell *shell)
{
	int ret;

	guard(mutex)(&vxi_owner_lock);
	retry_abandoned();
	ret = destroy_locked(shell);
	if (!ret)
		return 0;

	pr_err("vfio-xen-iommu: %s: cannot destroy d%u: %d\n", shell->name,
	       shell->domid, ret);
	if (!list_empty(&shell->devices))
		return ret;
	list_move_tail(&shell->node, &abandoned_shells);
	return 0;
}

void vxi_owner_abandon_shell(struct shell *shell)
{
	guard(mutex)(&vxi_owner_lock);
	list_move_tail(&shell->node, &abandoned_shells);
}

unsigned long vxi_owner_count_quarantined(void)
{
	struct xen_dev *xdev;
	unsigned long nr = 0;

	guard(mutex)(&vxi_owner_lock);
	list_for_each_entry(xdev, &all_devices, node)
		nr += xdev->owner == OWNER_QUARANTINE;
	return nr;
}

void vxi_owner_show_devices(struct seq_file *s)
{
	static const char * const names[] = {
		[OWNER_DOM0] = "dom0",
		[OWNER_QUARANTINE] = "quarantine",
		[OWNER_SHELL] = "shell",
		[OWNER_GUEST] = "guest",
		[OWNER_TOOLSTACK] = "toolstack",
	};
	struct xen_dev *xdev;

	guard(mutex)(&vxi_owner_lock);
	list_for_each_entry(xdev, &all_devices, node) {
		seq_printf(s, "%s owner=%s", pci_name(xdev->pdev),
			   names[xdev->owner]);
		if (xdev->owner == OWNER_SHELL || xdev->owner == OWNER_GUEST)
			seq_printf(s, " domid=%u", domid_of_owner(xdev));
		if (xdev->return_pending)
			seq_puts(s, " return_pending=1");
		if (xdev->forgotten)
			seq_puts(s, " forgotten=1");
		if (xdev->bars_exposed)
			seq_printf(s, " bars_exposed=%u", xdev->guest.domid);
		if (READ_ONCE(xdev->undecoded))
			seq_puts(s, " undecoded=1");
		vxi_msi_pool_show(s, xdev);
		seq_putc(s, '\n');
	}
}

static void show_shell_list(struct seq_file *s, struct list_head *shells,
			    const char *suffix)
{
	struct shell *shell;
	struct xen_dev *xdev;

	list_for_each_entry(shell, shells, node) {
		const char *sep = "";

		seq_printf(s, "domid=%u mapped_pages=%lu pool_pages=%lu devices=",
			   shell->domid, READ_ONCE(shell->mapped_pages),
			   READ_ONCE(shell->pool_pages));
		list_for_each_entry(xdev, &shell->devices, shell_node) {
			seq_printf(s, "%s%s", sep, pci_name(xdev->pdev));
			sep = ",";
		}
		seq_printf(s, "%s\n", suffix);
	}
}

void vxi_owner_show_shells(struct seq_file *s)
{
	guard(mutex)(&vxi_owner_lock);
	show_shell_list(s, &all_shells, "");
	show_shell_list(s, &abandoned_shells, " abandoned=1");
}
