/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shell domains.
 *
 * Xen has one IOMMU context a domain. So an address space for some of dom0's
 * devices is a domain: an empty HVM domain that has no vCPU and never runs, and
 * whose p2m is the IOMMU page table of the devices it owns.
 *
 * This file knows what a shell domain maps; which devices it has is owner.h's.
 */
#ifndef VXI_SHELL_H
#define VXI_SHELL_H

#include <linux/list.h>
#include <linux/types.h>

#include <xen/interface/xen.h>

#include "name.h"

/**
 * struct shell - a shell domain
 * @domid:		its domid, which another domain may have when it is gone
 * @handle:		its UUID, which no other domain has
 * @name:		its name in xenstore
 * @pool_pages:		the size of its paging pool
 * @mapped_pages:	frames that Xen maps for it
 * @held:		pages that have to outlive it (held.h)
 * @devices:		xen_dev.shell_node of those it owns, under vxi_owner_lock
 * @node:		on owner.c's list of all shells, under vxi_owner_lock
 *
 * Locking: the space that uses it serialises mapping.
 */
struct shell {
	domid_t domid;
	u8 handle[16];
	char name[SHELL_NAME_LEN];
	unsigned long pool_pages;
	unsigned long mapped_pages;
	struct list_head held;
	struct list_head devices;
	struct list_head node;
};

/**
 * vxi_shell_init() - see that Xen can make shell domains, by making one
 *
 * Return: 0, or -errno after a message that says what is missing.
 */
int vxi_shell_init(void);
void vxi_shell_exit(void);

/**
 * vxi_shell_create() - make a shell domain that may map the machine's RAM
 * @name:	what "xl list" is to show
 */
struct shell *vxi_shell_create(const char *name);

/**
 * vxi_shell_check() - see that the domain is still there, before it gets a device
 *
 * Return: 0, or -ESRCH if somebody has destroyed it.
 */
int vxi_shell_check(const struct shell *shell);

/**
 * vxi_shell_destroy() - destroy the domain and free @shell
 *
 * Xen quarantines the devices that it still has.
 *
 * Return: 0; otherwise nothing has happened and @shell can be used as before.
 */
int vxi_shell_destroy(struct shell *shell);

/**
 * vxi_shell_hold() - keep a run of pages from being reused while the domain exists
 *
 * For pages that could not be unmapped, or were not, and are about to be unpinned.
 */
void vxi_shell_hold(struct shell *shell, u64 pfn, u64 nr);

/**
 * vxi_shell_reserve() - see that the pool has room for @nr_tables page tables
 *
 * These are all that mapping and unmapping takes, splitting 2 MiB entries
 * included, if @nr_tables counts a table for each 2 MiB that has a mapping of RAM.
 * A device's memory that Xen maps with 2 MiB entries needs none; what of it is split,
 * which VFIO has no cause for, takes from the spare pages.
 *
 * Return: 0; -ENOMEM if Xen has no memory for them.
 */
int vxi_shell_reserve(struct shell *shell, unsigned long nr_tables);

/**
 * vxi_shell_lend_spare() - give Xen a few free pages of the pool
 *
 * Xen allocates memory to quarantine a device, which must work when Xen has
 * none left. The pool can be short of these pages afterwards: this is for a
 * shell domain that is being left.
 */
int vxi_shell_lend_spare(struct shell *shell);

/**
 * vxi_shell_map() - map a run of frames (see runs.h)
 * @done:	receives how many frames are mapped, all or those before an error
 */
int vxi_shell_map(struct shell *shell, u64 dfn, u64 frame, u64 nr, u64 *done);

/**
 * vxi_shell_unmap() - unmap a run of frames
 *
 * Return: 0 when Xen maps none of them any more.
 */
int vxi_shell_unmap(struct shell *shell, u64 dfn, u64 frame, u64 nr);

#endif
