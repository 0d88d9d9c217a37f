/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who owns a device, as Xen sees it.
 *
 *            assign(QUARANTINE)            assign(X)
 *   dom0  ----------------------> quarantine ----------> X: a shell domain,
 *         <----------------------            <----------    or a guest
 *          deassign(QUARANTINE)             deassign(X)
 *
 * Every change goes through quarantine, where a device can reach no memory, and
 * a change that fails ends there. The device is assigned to quarantine by name
 * when it leaves dom0, which has Xen put it back there when it leaves another
 * domain, even where quarantine is off by Xen's command line.
 *
 * A device can also be left to the host's toolstack (toolstack.h). It is in
 * quarantine then, or wherever that has moved it to, until it is taken back.
 *
 * A device is awake (awake.h) while its owner is changed.
 */
#ifndef XEN_IOMMU_OWNER_H
#define XEN_IOMMU_OWNER_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pci.h>

#include "guest.h"

struct msi_pool;
struct seq_file;
struct shell;
struct space;
struct target;

enum owner {
	OWNER_DOM0,
	OWNER_QUARANTINE,
	OWNER_SHELL,
	OWNER_GUEST,
	OWNER_TOOLSTACK,
};

/**
 * struct xen_dev - a PCI device that vfio-xen-iommu has probed
 * @pdev:	Linux's view of it
 * @sbdf:	Xen's name for it
 * @owner:	its owner in Xen, under owner_lock
 * @stranded:	dom0 is to have it back and could not get it, under owner_lock
 * @shell:	if the owner is a shell domain, which, under owner_lock
 * @shell_node:	on shell->devices, under owner_lock
 * @guest:	if the owner is a guest, which, under owner_lock; or that which was
 *		the owner, if @reachable
 * @reachable:	@guest may still have a mapping of its BARs, under owner_lock
 * @node:	on the list of all devices, under owner_lock
 * @table_kept:	Xen has the MSI-X table read-only for dom0, under owner_lock
 * @msi:	the vectors that it takes along from dom0 (msi.h), or NULL
 * @space:	the address space it is attached to or NULL, under the group's
 *		mutex (the IOMMU core holds it in every attach)
 * @space_node:	on space->devices, under that space's lock
 * @target:	the target it is attached to or NULL, as @space, and under
 *		@target_lock as well
 * @target_node: on target->devices, under that target's lock
 * @target_lock: for those who do not come from the IOMMU core
 * @bar_maps:	what of its BARs has been mapped by xen_target_set_bar(), under
 *		that target's lock
 */
struct xen_dev {
	struct pci_dev *pdev;
	u32 sbdf;
	enum owner owner;
	bool stranded;
	struct shell *shell;
	struct list_head shell_node;
	struct guest guest;
	bool reachable;
	struct list_head node;
	bool table_kept;
	struct msi_pool *msi;
	struct space *space;
	struct list_head space_node;
	struct target *target;
	struct list_head target_node;
	struct mutex target_lock; /* see above */
	struct list_head bar_maps;
};

struct xen_dev *owner_add_device(struct pci_dev *pdev);

/* The device is going away: from Linux, and as a rule from Xen already. */
void owner_remove_device(struct xen_dev *xdev);

/**
 * owner_quarantine() - put a device where it reaches no memory
 *
 * Return: 0, also when it is there already. On an error, which has been
 * logged, it is still where it was.
 */
int owner_quarantine(struct xen_dev *xdev);

/**
 * owner_give_to_shell() - give a quarantined device to a shell domain
 *
 * Return: 0; otherwise the error has been logged and the device is quarantined.
 */
int owner_give_to_shell(struct xen_dev *xdev, struct shell *shell);

/**
 * owner_give_to_guest() - give a quarantined device to a guest
 *
 * The vectors that it took along from dom0 are unmapped: they are the guest's to
 * map now. dom0 can have some again after the device has been back there.
 *
 * Return: 0; otherwise the device is quarantined, and the error has been logged:
 * -EOPNOTSUPP if the guest has no IOMMU, -ESRCH if it is gone, -EBUSY while a
 * driver has MSI enabled.
 */
int owner_give_to_guest(struct xen_dev *xdev, const struct guest *guest);

/**
 * owner_take_from_guest() - quarantine a device that a guest has, or had
 * @reachable:	the guest may still have a mapping of its BARs
 *
 * With those the guest could start DMA wherever the device goes next. So nobody
 * but this guest gets a device that is reachable, until the guest is gone.
 */
void owner_take_from_guest(struct xen_dev *xdev, bool reachable);

/**
 * owner_give_to_dom0() - give a device back to dom0, bus mastering off
 *
 * When that fails the device stays in quarantine, or where it was, and this is
 * logged: it is tried again when VFIO next gives it back, and when a host
 * driver binds to it.
 */
void owner_give_to_dom0(struct xen_dev *xdev);

/**
 * owner_give_to_toolstack() - leave a device to the host's toolstack
 *
 * It is quarantined, and as a toolstack wants it: without vectors, its MSI-X
 * table in Xen's charge. Bus mastering is off.
 *
 * Return: 0, or -errno: then owner_give_to_dom0() undoes what was done.
 */
int owner_give_to_toolstack(struct xen_dev *xdev);

/* Have a device as it was when it was given to the toolstack. */
void owner_renew_for_toolstack(struct xen_dev *xdev);

/**
 * owner_borrow() - have a device in dom0 for as long as @fn runs
 *
 * It is without bus mastering from before it leaves its owner until it is back.
 *
 * Return: what @fn returns, when the device is with its owner again, or has not
 * left it. Otherwise an error: the device is quarantined, bus mastering off.
 */
int owner_borrow(struct xen_dev *xdev, int (*fn)(struct xen_dev *xdev));

/* Try again to give a stranded device back to dom0. */
void owner_rescue(struct xen_dev *xdev);

/*
 * Unmap the vectors of a device that is being removed from the system without having
 * been given back to dom0. No driver has it any more, and Xen does not know yet.
 */
void owner_unplug(struct xen_dev *xdev);

/* Make a shell domain, named after a device, and put it on the list of all. */
struct shell *owner_create_shell(struct xen_dev *xdev);

/**
 * owner_destroy_shell() - destroy a shell domain
 *
 * Devices that it still has are quarantined by Xen.
 *
 * Return: 0 when nothing can be reached through @shell any more, and it is no
 * longer the caller's: it has been destroyed, or it has no device and will be
 * destroyed later. Otherwise it has a device that would not leave.
 */
int owner_destroy_shell(struct shell *shell);

/* Give up a shell domain that owner_destroy_shell() could not destroy. */
void owner_abandon_shell(struct shell *shell);

unsigned long owner_count_quarantined(void);
void owner_show_devices(struct seq_file *s);
void owner_show_shells(struct seq_file *s);

#endif
