/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The owner of a device in Xen.
 *
 *            assign(QUARANTINE)            assign(X)
 *   dom0  ----------------------> quarantine ----------> X: a shell domain,
 *         <----------------------            <----------    or a guest
 *          deassign(QUARANTINE)             deassign(X)
 *
 * Every change goes through quarantine, where a device reaches no memory. A change
 * that fails ends there. A device that leaves dom0 is assigned to quarantine
 * explicitly, so that Xen returns it to quarantine when it leaves another domain,
 * even if Xen's command line disables quarantine.
 *
 * A device can also be left to the host's toolstack (xen/vxi.h). It stays in
 * quarantine, or where the toolstack assigns it, until it is taken back.
 *
 * A device is in D0 (pm.h) while its owner changes, and while a guest has it or
 * may reach it.
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

/* The device leaves Linux. It has usually left Xen already. */
void vxi_owner_remove_device(struct xen_dev *xdev);

/**
 * vxi_owner_quarantine() - quarantine a device
 *
 * Return: 0, also if the device was quarantined before. On error, which is logged,
 * the owner is unchanged.
 */
int vxi_owner_quarantine(struct xen_dev *xdev);

/**
 * vxi_owner_give_to_shell() - give a quarantined device to a shell domain
 *
 * Return: 0, or -errno, which is logged; the device is then quarantined.
 */
int vxi_owner_give_to_shell(struct xen_dev *xdev, struct shell *shell);

/**
 * vxi_owner_give_to_guest() - give a quarantined device to a guest
 *
 * Unmaps the vectors that the device took along from dom0, so that the guest can
 * map vectors. dom0 can have some again after the device has returned to it.
 *
 * Return: 0, or -errno, which is logged; the device is then quarantined.
 * -EOPNOTSUPP if the guest has no IOMMU, -ESRCH if it has ended, -EBUSY while a
 * driver has MSI enabled, or the host suspends, -EADDRINUSE if a strict guest cannot
 * have the device's reserved memory.
 */
int vxi_owner_give_to_guest(struct xen_dev *xdev,
			    const struct vxi_guest *guest);

/**
 * vxi_owner_take_from_guest() - quarantine a device that a guest has, or had
 * @bars_exposed:	the guest may still have the BARs mapped
 *
 * By these mappings the guest could start DMA to the memory of the next owner.
 * Until the guest has ended, no other owner gets a device with exposed BARs.
 */
void vxi_owner_take_from_guest(struct xen_dev *xdev, bool bars_exposed);

/**
 * vxi_owner_is_exposed() - whether a guest has a device mapped irrevocably
 * @guest:	receives the guest
 *
 * A PV guest keeps its mappings of a device that it owns or owned. So does an HVM
 * guest if Xen has refused to unmap them.
 */
bool vxi_owner_is_exposed(struct xen_dev *xdev, struct vxi_guest *guest);

/**
 * vxi_owner_prepare_sleep() - the host is to be suspended
 *
 * Return: 0, and no guest gets a device until vxi_owner_end_sleep(); -EBUSY, which is
 * logged, if a guest has one or may still reach it.
 */
int vxi_owner_prepare_sleep(void);
void vxi_owner_end_sleep(void);

/**
 * vxi_owner_give_to_dom0() - return a device to dom0, bus mastering off
 *
 * On failure, which is logged, the device stays in quarantine or with its owner.
 * The return is tried again when VFIO next returns the device, and when a host
 * driver binds to it.
 */
void vxi_owner_give_to_dom0(struct xen_dev *xdev);

/**
 * vxi_owner_give_to_toolstack() - leave a device to the host's toolstack
 *
 * The device is quarantined, without vectors and with bus mastering off, and Xen
 * protects its MSI-X table: the state that a toolstack expects.
 *
 * Return: 0, or -errno; vxi_owner_give_to_dom0() then undoes what was done.
 */
int vxi_owner_give_to_toolstack(struct xen_dev *xdev);

/* Restore the state that vxi_owner_give_to_toolstack() gave the device. */
void vxi_owner_renew_for_toolstack(struct xen_dev *xdev);

/* Try again to return a device whose return to dom0 is pending. */
void vxi_owner_rescue(struct xen_dev *xdev);

/*
 * Unmap the vectors of a device that is removed from the system before it has been
 * returned to dom0. No driver has the device any more; Xen does not know yet.
 */
void vxi_owner_unplug(struct xen_dev *xdev);

/* Create a shell domain, named after a device, and add it to the list of all. */
struct shell *vxi_owner_create_shell(struct xen_dev *xdev);

/**
 * vxi_owner_destroy_shell() - destroy a shell domain
 *
 * Xen quarantines devices that the domain still has.
 *
 * Return: 0 if no device reaches memory by @shell any more. The caller must not use
 * @shell then: it is destroyed, or it has no device and will be destroyed later.
 * Otherwise -errno: a device could not leave.
 */
int vxi_owner_destroy_shell(struct shell *shell);

/* Give up a shell domain that vxi_owner_destroy_shell() could not destroy. */
void vxi_owner_abandon_shell(struct shell *shell);

unsigned long vxi_owner_count_quarantined(void);
void vxi_owner_show_devices(struct seq_file *s);
void vxi_owner_show_shells(struct seq_file *s);

#endif
