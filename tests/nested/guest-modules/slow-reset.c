// SPDX-License-Identifier: GPL-2.0
/*
 * slow-reset: for dom0, makes resets of one device take long, as those of a device that is
 * "not ready 65535ms after FLR".  VFIO resets a device when it is opened and closed.
 */
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/pci.h>

static char *device = "";
module_param(device, charp, 0400);
MODULE_PARM_DESC(device, "PCI address of the device: 0000:05:00.0");

static unsigned int seconds;
module_param(seconds, uint, 0600);
MODULE_PARM_DESC(seconds, "How long its next resets take; 0: as without this");

static unsigned int resets;
module_param(resets, uint, 0400);
MODULE_PARM_DESC(resets, "How many were slow");

/*
 * A probe must not sleep, so it sends the caller here first, with the device as its only
 * argument.
 */
static int reset_slowly(struct pci_dev *pdev)
{
	unsigned int left = seconds;

	seconds = 0;
	resets++;
	pci_info(pdev, "its reset takes %u s\n", left);
	while (left--)
		msleep(1000);
	return __pci_reset_function_locked(pdev);
}

static int on_reset(struct kprobe *probe, struct pt_regs *regs)
{
	struct pci_dev *pdev = (struct pci_dev *)regs->di;

	if (!seconds || strcmp(pci_name(pdev), device))
		return 0;
	regs->ip = (unsigned long)reset_slowly;
	return 1;
}

static struct kprobe probe = {
	.symbol_name = "__pci_reset_function_locked",
	.pre_handler = on_reset,
};

static int __init slow_reset_init(void)
{
	return register_kprobe(&probe);
}
module_init(slow_reset_init);

/* Nobody may be in it. */
static void __exit slow_reset_exit(void)
{
	unregister_kprobe(&probe);
}
module_exit(slow_reset_exit);

MODULE_DESCRIPTION("Slow resets of a PCI device, for tests");
MODULE_LICENSE("GPL");
