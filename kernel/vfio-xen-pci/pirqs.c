// SPDX-License-Identifier: GPL-2.0
/*
 * The pirqs of guests that vectors have. An HVM guest chooses numbers, and Xen
 * does not refuse one that is in use: it says that it has mapped it, and loses
 * the interrupt that it was for.
 */
#define pr_fmt(fmt) "vfio-xen-pci: " fmt

#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/xarray.h>

#include "hypercall.h"
#include "pirqs.h"

/* By domid and number: how many devices share this line; 0 for an MSI. */
static DEFINE_XARRAY(pirqs);
static DEFINE_MUTEX(lock);

static unsigned long key(domid_t domid, int pirq)
{
	return (unsigned long)domid << 32 | (u32)pirq;
}

static int store(unsigned long at, unsigned long users)
{
	return xa_err(xa_store(&pirqs, at, xa_mk_value(users),
			       GFP_KERNEL_ACCOUNT));
}

/* Xen has chosen the number: it is free. */
static int map_any(domid_t domid, u32 sbdf, unsigned int vector, u64 base,
		   int *pirq)
{
	int ret = xen_hc_map_msi(domid, sbdf, vector, base, pirq);

	if (ret)
		return ret;
	ret = store(key(domid, *pirq), 0);
	if (ret)
		xen_hc_unmap_pirq(domid, *pirq);
	return ret;
}

int pirqs_map_msi(domid_t domid, u32 sbdf, unsigned int vector, u64 base,
		  int *pirq)
{
	unsigned long at = key(domid, *pirq);
	int ret;

	guard(mutex)(&lock);
	if (*pirq < 0)
		return map_any(domid, sbdf, vector, base, pirq);
	if (xa_load(&pirqs, at))
		return -EEXIST;
	ret = store(at, 0);
	if (ret)
		return ret;
	ret = xen_hc_map_msi(domid, sbdf, vector, base, pirq);
	if (ret)
		xa_erase(&pirqs, at);
	return ret;
}

int pirqs_map_gsi(domid_t domid, int gsi, int pirq)
{
	unsigned long at = key(domid, pirq), users = 0;
	void *entry;
	int ret;

	guard(mutex)(&lock);
	entry = xa_load(&pirqs, at);
	if (entry)
		users = xa_to_value(entry);
	if (entry && !users)
		return -EEXIST;
	if (!users) {
		ret = xen_hc_map_gsi(domid, gsi, &pirq);
		if (ret)
			return ret;
	}
	ret = store(at, users + 1);
	if (ret && !users)
		xen_hc_unmap_pirq(domid, pirq);
	return ret;
}

void pirqs_unmap(domid_t domid, int pirq, bool gone)
{
	unsigned long at = key(domid, pirq);
	unsigned long users;
	int ret;

	guard(mutex)(&lock);
	users = xa_to_value(xa_load(&pirqs, at));
	if (users > 1) {
		/* There is an entry already, so this does not allocate. */
		store(at, users - 1);
		return;
	}
	xa_erase(&pirqs, at);
	if (gone)
		return;
	ret = xen_hc_unmap_pirq(domid, pirq);
	if (ret && ret != -ESRCH)
		pr_err_ratelimited("pirq %d of d%u cannot be unmapped: %d\n",
				   pirq, domid, ret);
}
