/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fault injection: make the nth hypercall from now fail, and some after it.
 *
 * Built only with XEN_IOMMU_FAULT_INJECTION=y, for tests. In debugfs:
 *   fail_nth	write N: the Nth hypercall fails, once; reads what is left
 *   fail_next	write N: the N hypercalls after that fail as well, or the next N if
 *		fail_nth is 0; reads what is left
 *   fail_errno	the errno that they fail with (default ENOMEM)
 */
#ifndef VXI_FAULT_H
#define VXI_FAULT_H

struct dentry;

#ifdef XEN_IOMMU_FAULT_INJECTION
/* Return: 0 to go on, or the -errno to fail this hypercall with. */
int vxi_fault_inject(void);
void vxi_fault_debugfs_add(struct dentry *dir);
#else
static inline int vxi_fault_inject(void)
{
	return 0;
}

static inline void vxi_fault_debugfs_add(struct dentry *dir)
{
}
#endif

#endif
