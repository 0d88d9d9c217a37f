/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's record of a device. Each part belongs to one file; the header of
 * that file documents its use.
 */
#ifndef VXI_XEN_DEV_H
#define VXI_XEN_DEV_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/types.h>

#include "guest.h"
#include "sbdf.h"

struct msi_pool;
struct shell;
struct vxi_paging;
struct vxi_reserved;
struct vxi_guest_domain;

enum owner {
	OWNER_DOM0,
	OWNER_QUARANTINE,
	OWNER_SHELL,
	OWNER_GUEST,
	OWNER_TOOLSTACK,
};

/**
 * struct xen_dev - a PCI device that vfio-xen-iommu has probed
 * @pdev:	Linux's device
 * @sbdf:	Xen's name of the device
 * @owner:	owner in Xen; vxi_owner_lock
 * @return_pending:	belongs to dom0 and could not be returned; vxi_owner_lock
 * @forgotten:	Xen was made to forget it, which quarantines it, too; vxi_owner_lock
 * @shell:	the owner if that is a shell domain; vxi_owner_lock
 * @shell_node:	entry in shell->devices; vxi_owner_lock
 * @guest:	the owner if that is a guest, or the former owner if
 *		@bars_exposed; vxi_owner_lock
 * @bars_exposed:	@guest may still have the BARs mapped; vxi_owner_lock
 * @kept_awake:	must not suspend because a guest reaches it; vxi_owner_lock
 * @node:	entry in the list of all devices; vxi_owner_lock
 * @reserved:	memory that firmware reserves for it (reserved.h), or NULL; fixed
 *		at probe
 * @nr_reserved:	number of ranges in @reserved
 * @table_kept:	Xen maps the MSI-X table read-only for dom0; vxi_owner_lock
 * @msi:	vectors that the device takes along from dom0 (msi_pool.h), or NULL
 * @paging:	address space that the device is attached to, or NULL; the group's
 *		mutex, which the IOMMU core holds in every attach
 * @paging_node:	entry in paging->devices; lock of that address space
 * @guest_domain:	guest domain that the device is attached to, or NULL; the
 *		group's mutex and @guest_domain_lock
 * @guest_domain_node: entry in guest_domain->devices; lock of that domain
 * @guest_domain_lock: for callers outside the IOMMU core
 * @bar_maps:	ranges of its BARs that vxi_guest_set_bar() has mapped; lock of
 *		the guest domain
 * @undecoded:	the driver reports that the device does not decode its BARs;
 *		@guest_domain_lock, and to change it the guest domain's lock, too
 * @resets:	number of nested resets in progress; locking as @undecoded
 * @paused:	guest that is paused until the resets end, if @is_paused;
 *		@guest_domain_lock
 * @is_paused:	whether @paused is valid; @guest_domain_lock
 *
 * Each member names the lock that protects it.
 */
struct xen_dev {
	struct pci_dev *pdev;
	u32 sbdf;
	enum owner owner;
	bool return_pending;
	bool forgotten;
	struct shell *shell;
	struct list_head shell_node;
	struct vxi_guest guest;
	bool bars_exposed;
	bool kept_awake;
	struct list_head node;
	struct vxi_reserved *reserved;
	unsigned int nr_reserved;
	bool table_kept;
	struct msi_pool *msi;
	struct vxi_paging *paging;
	struct list_head paging_node;
	struct vxi_guest_domain *guest_domain;
	struct list_head guest_domain_node;
	struct mutex guest_domain_lock; /* see above */
	struct list_head bar_maps;
	bool undecoded;
	unsigned int resets;
	struct vxi_guest paused;
	bool is_paused;
};

/* Xen's name of a device */
static inline u32 vxi_sbdf_of(struct pci_dev *pdev)
{
	return sbdf_make(pci_domain_nr(pdev->bus), pci_dev_id(pdev));
}

/* Address of the BAR with the MSI-X table; Xen distinguishes MSI-X from MSI by it. */
static inline u64 vxi_msix_table_base(struct pci_dev *pdev)
{
	u32 table;

	pci_read_config_dword(pdev, pdev->msix_cap + PCI_MSIX_TABLE, &table);
	return pci_resource_start(pdev, table & PCI_MSIX_TABLE_BIR);
}

#endif
