// SPDX-License-Identifier: GPL-2.0
/*
 * vfio-xen-iommu: a Linux IOMMU driver for a PV dom0 on an unmodified Xen.
 *
 * The module refuses to load where it cannot work, with one line that says why.
 * It cannot be unloaded: every device that the IOMMU core has probed refers to
 * it.
 */
#define pr_fmt(fmt) "vfio-xen-iommu: " fmt

#include <linux/errno.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/printk.h>

#include <xen/xen.h>

#include "debugfs.h"
#include "hypercall.h"
#include "iommu.h"
#include "name.h"
#include "shell.h"
#include "sleep.h"

/* The unmet requirement of the module, or NULL */
static const char *wrong_platform(void)
{
	if (!xen_domain())
		return "not on Xen: the kernel's own IOMMU drivers do this here";
	if (!xen_initial_domain())
		return "not dom0: load the module there";
	if (!xen_pv_domain())
		return "dom0 is PVH: boot it as PV (no dom0=pvh for Xen)";
	return NULL;
}

/*
 * The core asks only the driver that was registered first, so this one would
 * get no device.
 */
static bool is_alone(void)
{
	const char *iommu;
	struct pci_dev *pdev = vxi_iommu_other(&iommu);

	if (!pdev)
		return true;
	pr_err("cannot be the IOMMU driver: another one has %s (%s); boot a kernel, or Xen, without it\n",
	       pci_name(pdev), iommu);
	pci_dev_put(pdev);
	return false;
}

static int __init vxi_init(void)
{
	const char *why = wrong_platform();
	int ret;

	if (why) {
		pr_err("%s\n", why);
		return -ENODEV;
	}
	if (!is_alone())
		return -EBUSY;
	ret = vxi_hc_init();
	if (ret) {
		pr_err("this Xen speaks a domctl interface that is not that of 4.17 to 4.22: use one of these, or a newer vfio-xen-iommu\n");
		return -ENODEV;
	}
	ret = vxi_shell_init();
	if (ret)
		return ret;
	ret = vxi_name_init();
	if (ret)
		goto exit_shell;
	ret = vxi_iommu_register();
	if (ret) {
		pr_err("cannot register with the IOMMU core: %d\n", ret);
		goto exit_name;
	}
	vxi_sleep_init();
	vxi_debugfs_init();
	pr_info("IOMMU groups for dom0's devices, on Xen %s\n",
		vxi_hc_releases());
	return 0;

exit_name:
	vxi_name_exit();
exit_shell:
	vxi_shell_exit();
	return ret;
}
module_init(vxi_init);

MODULE_DESCRIPTION("IOMMU driver for dom0 on an unmodified Xen");
MODULE_LICENSE("GPL");
