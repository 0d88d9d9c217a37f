// SPDX-License-Identifier: GPL-2.0
/*
 * The guests' pirqs that vectors use. An HVM guest chooses numbers, and Xen
 * does not refuse a used one: it reports success, and the interrupt that had
 * the number is lost.
 */
#define pr_fmt(fmt) "vfio-xen-pci: " fmt

#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/printk.h>
#include <linux/xarray.h>

#include <xen/vxi.h>

#include "pirqs.h"

/* By domid and number: how many devices share the line; 0 for an MSI */
static DEFINE_XARRAY(pirqs);
static DEFINE_MUTEX(lock);

static unsigned long key(const struct vxi_guest *guest, int pirq)
{
	return (unsigned long)guest->domid << 32 | (u32)pirq;
}

static int store(unsigned long at, unsigned long users)
{
	return xa_err(xa_store(&pirqs, at, xa_mk_value(users),
			       GFP_KERNEL_ACCOUNT));
}

static void warn_no_pirq(const struct vxi_guest *guest, struct pci_dev *pdev,
			 unsigned int vector)
{
	pr_warn_ratelimited("cannot connect vector %u of %s: d%u has no free pirq; raise extra_guest_irqs= on Xen's command line\n",
			    vector, pci_name(pdev), guest->domid);
}

/* Xen has chosen the number: it is free. */
static int map_any(const struct vxi_guest *guest, struct pci_dev *pdev,
		   bool msix, unsigned int vector, int *pirq)
{
	int ret = vxi_guest_map_msi(guest, pdev, msix, vector, pirq);

	if (ret == -ENOSPC)
		warn_no_pirq(guest, pdev, vector);
	if (ret)
		return ret;
	ret = store(key(guest, *pirq), 0);
	if (ret)
		vxi_guest_unmap_pirq(guest, *pirq);
	return ret;
}

int vxp_pirqs_map_msi(const struct vxi_guest *guest, struct pci_dev *pdev,
		      bool msix, unsigned int vector, int *pirq)
{
	unsigned long at = key(guest, *pirq);
	int ret;

	guard(mutex)(&lock);
	if (*pirq < 0)
		return map_any(guest, pdev, msix, vector, pirq);
	if (xa_load(&pirqs, at))
		return -EEXIST;
	ret = store(at, 0);
	if (ret)
		return ret;
	ret = vxi_guest_map_msi(guest, pdev, msix, vector, pirq);
	if (ret)
		xa_erase(&pirqs, at);
	return ret;
}

int vxp_pirqs_map_gsi(const struct vxi_guest *guest, int gsi, int pirq)
{
	unsigned long at = key(guest, pirq), users = 0;
	void *entry;
	int ret;

	guard(mutex)(&lock);
	entry = xa_load(&pirqs, at);
	if (entry)
		users = xa_to_value(entry);
	if (entry && !users)
		return -EEXIST;
	if (!users) {
		ret = vxi_guest_map_gsi(guest, gsi, &pirq);
		if (ret)
			return ret;
	}
	ret = store(at, users + 1);
	if (ret && !users)
		vxi_guest_unmap_pirq(guest, pirq);
	return ret;
}

void vxp_pirqs_unmap(const struct vxi_guest *guest, int pirq, bool gone)
{
	unsigned long at = key(guest, pirq);
	unsigned long users;
	int ret;

	guard(mutex)(&lock);
	users = xa_to_value(xa_load(&pirqs, at));
	if (users > 1) {
		/* The entry exists already, so this does not allocate. */
		store(at, users - 1);
		return;
	}
	xa_erase(&pirqs, at);
	if (gone)
		return;
	ret = vxi_guest_unmap_pirq(guest, pirq);
	if (ret && ret != -ESRCH)
		pr_err_ratelimited("cannot unmap pirq %d of d%u: %d\n",
				   pirq, guest->domid, ret);
}
