// SPDX-License-Identifier: GPL-2.0
/*
 * Fault injection: make the nth hypercall from now fail, and optionally some
 * after it.
 */
#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/errno.h>

#include "fault.h"

static atomic_t fail_nth;
static atomic_t fail_next;
static u32 fail_errno = ENOMEM;

int vxi_fault_inject(void)
{
	int left = atomic_dec_if_positive(&fail_nth);

	/* The state before the nth call, at it, and after it */
	if (left > 0)
		return 0;
	if (left == 0 || atomic_dec_if_positive(&fail_next) >= 0)
		return -(int)READ_ONCE(fail_errno);
	return 0;
}

void vxi_fault_debugfs_add(struct dentry *dir)
{
	debugfs_create_atomic_t("fail_nth", 0600, dir, &fail_nth);
	debugfs_create_atomic_t("fail_next", 0600, dir, &fail_next);
	debugfs_create_u32("fail_errno", 0600, dir, &fail_errno);
}
