/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What this module knows of a device. Each part of it belongs to one file, which
 * says in its header how it is used.
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
 * @pdev:	Linux's view of it
 * @sbdf:	Xen's name for it
 * @owner:	its owner in Xen, under owner_lock
 * @return_pending:	dom0 is to have it back and could not get it, under owner_lock
 * @shell:	if the owner is a shell domain, which, under owner_lock
 * @shell_node:	on shell->devices, under owner_lock
 * @guest:	if the owner is a guest, which, under owner_lock; or that which was
 *		the owner, if @bars_exposed
 * @bars_exposed:	@guest may still have a mapping of its BARs, under owner_lock
 * @kept_awake:	it may not suspend, for a guest reaches it, under owner_lock
 * @node:	on the list of all devices, under owner_lock
 * @reserved:	memory that firmware reserves for it (reserved.h), fixed when it
 *		is probed; or NULL
 * @nr_reserved:	how many ranges
 * @table_kept:	Xen has the MSI-X table read-only for dom0, under owner_lock
 * @msi:	the vectors that it takes along from dom0 (msi_pool.h), or NULL
 * @paging:	the address space it is attached to or NULL, under the group's
 *		mutex (the IOMMU core holds it in every attach)
 * @paging_node:	on paging->devices, under that domain's lock
 * @guest_domain:	the guest domain it is attached to or NULL, as @paging, and under
 *		@guest_domain_lock as well
 * @guest_domain_node: on guest_domain->devices, under that domain's lock
 * @guest_domain_lock: for those who do not come from the IOMMU core
 * @bar_maps:	what of its BARs has been mapped by vxi_guest_set_bar(), under
 *		that domain's lock
 * @undecoded:	its driver says that it does not decode its BARs, under
 *		@guest_domain_lock, and to change it that domain's lock as well
 * @resets:	how many resets of it are under way, one in another; as @undecoded
 * @paused:	the guest that waits for the end of the resets, if @is_paused, under
 *		@guest_domain_lock
 * @is_paused:	see @paused
 */
struct xen_dev {
	struct pci_dev *pdev;
	u32 sbdf;
	enum owner owner;
	bool return_pending;
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

/* Xen's name for a device */
static inline u32 vxi_sbdf_of(struct pci_dev *pdev)
{
	return sbdf_make(pci_domain_nr(pdev->bus), pci_dev_id(pdev));
}

/* Where the BAR with the MSI-X table is: what tells Xen MSI-X from MSI. */
static inline u64 vxi_msix_table_base(struct pci_dev *pdev)
{
	u32 table;

	pci_read_config_dword(pdev, pdev->msix_cap + PCI_MSIX_TABLE, &table);
	return pci_resource_start(pdev, table & PCI_MSIX_TABLE_BIR);
}

#endif
