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
 * A device can also be left to the host's toolstack (xen/vxi.h). It is in
 * quarantine then, or wherever that has moved it to, until it is taken back.
 *
 * A device is awake (pm.h) while its owner is changed, and for as long as a
 * guest has it or may reach it.
 */
#ifndef VXI_OWNER_H
#define VXI_OWNER_H

#include <linux/types.h>

struct vxi_guest;
struct pci_dev;
struct seq_file;
struct shell;
struct xen_dev;

struct xen_dev *vxi_owner_add_device(struct pci_dev *pdev);

/* The device is going away: from Linux, and as a rule from Xen already. */
void vxi_owner_remove_device(struct xen_dev *xdev);

/**
 * vxi_owner_quarantine() - put a device where it reaches no memory
 *
 * Return: 0, also when it is there already. On an error, which has been
 * logged, it is still where it was.
 */
int vxi_owner_quarantine(struct xen_dev *xdev);

/**
 * vxi_owner_give_to_shell() - give a quarantined device to a shell domain
 *
 * Return: 0; otherwise the error has been logged and the device is quarantined.
 */
int vxi_owner_give_to_shell(struct xen_dev *xdev, struct shell *shell);

/**
 * vxi_owner_give_to_guest() - give a quarantined device to a guest
 *
 * The vectors that it took along from dom0 are unmapped: they are the guest's to
 * map now. dom0 can have some again after the device has been back there.
 *
 * Return: 0; otherwise the device is quarantined, and the error has been logged:
 * -EOPNOTSUPP if the guest has no IOMMU, -ESRCH if it is gone, -EBUSY while a
 * driver has MSI enabled.
 */
int vxi_owner_give_to_guest(struct xen_dev *xdev,
			    const struct vxi_guest *guest);

/**
 * vxi_owner_take_from_guest() - quarantine a device that a guest has, or had
 * @bars_exposed:	the guest may still have a mapping of its BARs
 *
 * With those the guest could start DMA wherever the device goes next. So nobody
 * but this guest gets a device with exposed BARs, until the guest is gone.
 */
void vxi_owner_take_from_guest(struct xen_dev *xdev, bool bars_exposed);

/**
 * vxi_owner_is_exposed() - whether a guest reaches a device by what can't be undone
 * @guest:	receives which
 *
 * A PV guest keeps what it has mapped of a device that it owns, or has owned, and so
 * does an HVM guest if Xen has refused to unmap it.
 */
bool vxi_owner_is_exposed(struct xen_dev *xdev, struct vxi_guest *guest);

/**
 * vxi_owner_give_to_dom0() - give a device back to dom0, bus mastering off
 *
 * When that fails the device stays in quarantine, or where it was, and this is
 * logged: it is tried again when VFIO next gives it back, and when a host
 * driver binds to it.
 */
void vxi_owner_give_to_dom0(struct xen_dev *xdev);

/**
 * vxi_owner_give_to_toolstack() - leave a device to the host's toolstack
 *
 * It is quarantined, and as a toolstack wants it: without vectors, its MSI-X
 * table in Xen's charge. Bus mastering is off.
 *
 * Return: 0, or -errno: then vxi_owner_give_to_dom0() undoes what was done.
 */
int vxi_owner_give_to_toolstack(struct xen_dev *xdev);

/* Have a device as it was when it was given to the toolstack. */
void vxi_owner_renew_for_toolstack(struct xen_dev *xdev);

/**
 * vxi_owner_borrow() - have a device in dom0 for as long as @fn runs
 *
 * It is without bus mastering from before it leaves its owner until it is back.
 *
 * Return: what @fn returns, when the device is with its owner again, or has not
 * left it. Otherwise an error: the device is quarantined, bus mastering off.
 */
int vxi_owner_borrow(struct xen_dev *xdev, int (*fn)(struct xen_dev *xdev));

/* Try again to give back a device whose return is pending to dom0. */
void vxi_owner_rescue(struct xen_dev *xdev);

/*
 * Unmap the vectors of a device that is being removed from the system without having
 * been given back to dom0. No driver has it any more, and Xen does not know yet.
 */
void vxi_owner_unplug(struct xen_dev *xdev);

/* Make a shell domain, named after a device, and put it on the list of all. */
struct shell *vxi_owner_create_shell(struct xen_dev *xdev);

/**
 * vxi_owner_destroy_shell() - destroy a shell domain
 *
 * Devices that it still has are quarantined by Xen.
 *
 * Return: 0 when nothing can be reached through @shell any more, and it is no
 * longer the caller's: it has been destroyed, or it has no device and will be
 * destroyed later. Otherwise it has a device that would not leave.
 */
int vxi_owner_destroy_shell(struct shell *shell);

/* Give up a shell domain that vxi_owner_destroy_shell() could not destroy. */
void vxi_owner_abandon_shell(struct shell *shell);

unsigned long vxi_owner_count_quarantined(void);
void vxi_owner_show_devices(struct seq_file *s);
void vxi_owner_show_shells(struct seq_file *s);

#endif
