// SPDX-License-Identifier: GPL-2.0
/*
 * guest-soft-reset: asks for a soft reset of the guest when it is loaded, as a guest does
 * before it starts another kernel by kexec.  This one goes on, without event channels.
 */
#include <linux/module.h>

#include <xen/interface/sched.h>
#include <xen/xen.h>

#include <asm/xen/hypercall.h>

static int __init guest_soft_reset_init(void)
{
	struct sched_shutdown shutdown = { .reason = SHUTDOWN_soft_reset };

	if (!xen_hvm_domain())
		return -ENODEV;
	return HYPERVISOR_sched_op(SCHEDOP_shutdown, &shutdown);
}
module_init(guest_soft_reset_init);

MODULE_DESCRIPTION("Soft reset of a Xen guest, for tests");
MODULE_LICENSE("GPL");
