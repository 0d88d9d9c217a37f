// SPDX-License-Identifier: GPL-2.0
/*
 * A driver named pciback, for toolstacks that know how to assign its devices.
 *
 * libxl, libvirt and xapi look for assignable devices in the sysfs directory of
 * xen-pciback's driver, and prepare them there. This driver has the same name
 * and files. It does nothing for a guest: hypercalls of the toolstack and of
 * QEMU assign the device, its BARs and its interrupts.
 *
 * VFIO does not have the devices meanwhile. For the IOMMU core this is a host
 * driver like any other, so VFIO cannot open their groups. A device of VFIO is
 * bound to another driver, so no toolstack finds it.
 */
#define pr_fmt(fmt) "vfio-xen-pci: " fmt

#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include <xen/vxi.h>

#include "compat/vfio.h"
#include "pciback.h"

#define NAME "pciback"

static bool pciback;
module_param(pciback, bool, 0444);
MODULE_PARM_DESC(pciback, "Be xen-pciback to toolstacks: they find and assign devices that are bound to a driver named pciback (default N)");

static struct pci_driver pciback_driver;

/* ---- devices ---- */

/* A guest, or the former driver, may have left the device in any state. */
static void reset_and_restore(struct pci_dev *pdev)
{
	struct pci_saved_state *saved = pci_get_drvdata(pdev);

	device_lock_assert(&pdev->dev);

	if (__pci_reset_function_locked(pdev))
		pci_dbg(pdev, "cannot be reset\n");
	if (!pci_load_saved_state(pdev, saved))
		pci_restore_state(pdev);
}

/* The restored state must not enable DMA for any owner of the device. */
static int save(struct pci_dev *pdev)
{
	struct pci_saved_state *saved;

	pci_clear_master(pdev);
	pci_save_state(pdev);
	saved = pci_store_saved_state(pdev);
	if (!saved)
		return -ENOMEM;
	pci_set_drvdata(pdev, saved);
	return 0;
}

static void forget_saved(struct pci_dev *pdev)
{
	kfree(pci_get_drvdata(pdev));
	pci_set_drvdata(pdev, NULL);
}

/* Before a guest gets a device, and after it has released it. */
static void renew(struct pci_dev *pdev)
{
	reset_and_restore(pdev);
	vxi_toolstack_renew(pdev);
}

/*
 * The PCI core keeps a bound device in D0 unless its driver decides otherwise.
 * Enabling the device determines its line, which toolstacks read in sysfs. No
 * BAR is requested: QEMU maps the MSI-X table through /dev/mem.
 */
static int vxp_pciback_probe(struct pci_dev *pdev,
			     const struct pci_device_id *id)
{
	int ret = pci_enable_device(pdev);

	if (ret)
		return ret;
	ret = save(pdev);
	if (ret)
		goto disable;
	ret = vxi_toolstack_take(pdev);
	if (ret)
		goto forget;
	renew(pdev);
	pci_set_dev_assigned(pdev);
	return 0;

forget:
	forget_saved(pdev);
disable:
	pci_disable_device(pdev);
	return ret;
}

static void vxp_pciback_remove(struct pci_dev *pdev)
{
	pci_clear_dev_assigned(pdev);
	reset_and_restore(pdev);
	vxi_toolstack_return(pdev);
	forget_saved(pdev);
	pci_disable_device(pdev);
}

/* ---- files ---- */

/* The device at an address as toolstacks write it, with a reference, or NULL. */
static struct pci_dev *find_device(const char *buf)
{
	unsigned int seg, bus, slot, func;

	if (sscanf(buf, " %x:%x:%x.%x", &seg, &bus, &slot, &func) != 4) {
		seg = 0;
		if (sscanf(buf, " %x:%x.%x", &bus, &slot, &func) != 3)
			return NULL;
	}
	if (bus > 0xff || slot > 31 || func > 7)
		return NULL;
	return pci_get_domain_bus_and_slot(seg, bus, PCI_DEVFN(slot, func));
}

/*
 * A slot is what lets this driver bind to a device: its driver_override. The bus is not
 * asked. On older kernels it reads that without a lock, and it also knows dynamic IDs,
 * which other drivers' devices can have; a device that is bound by one has a slot.
 */
static bool has_slot(struct pci_dev *pdev)
{
	const struct device_driver *drv = &pciback_driver.driver;

	return READ_ONCE(pdev->dev.driver) == drv ||
	       driver_override_is(&pdev->dev, drv);
}

static ssize_t slots_show(struct device_driver *drv, char *buf)
{
	struct pci_dev *pdev = NULL;
	int size = 0;

	for_each_pci_dev(pdev) {
		if (has_slot(pdev))
			size += sysfs_emit_at(buf, size, "%s\n",
					      pci_name(pdev));
	}
	return size;
}
static DRIVER_ATTR_RO(slots);

static ssize_t new_slot_store(struct device_driver *drv, const char *buf,
			      size_t count)
{
	struct pci_dev *pdev = find_device(buf);
	int ret;

	if (!pdev)
		return -ENODEV;
	ret = device_set_driver_override(&pdev->dev, NAME);
	pci_dev_put(pdev);
	return ret ?: count;
}
static DRIVER_ATTR_WO(new_slot);

static ssize_t remove_slot_store(struct device_driver *drv, const char *buf,
				 size_t count)
{
	struct pci_dev *pdev = find_device(buf);
	int ret = -ENOENT;

	if (!pdev)
		return -ENODEV;
	if (has_slot(pdev))
		ret = device_set_driver_override(&pdev->dev, "");
	pci_dev_put(pdev);
	return ret ?: count;
}
static DRIVER_ATTR_WO(remove_slot);

/* Act on a device of this driver, under its lock. */
static ssize_t with_device(const char *buf, size_t count,
			   void (*fn)(struct pci_dev *pdev))
{
	struct pci_dev *pdev = find_device(buf);
	ssize_t ret = count;

	if (!pdev)
		return -ENODEV;
	device_lock(&pdev->dev);
	if (pdev->dev.driver == &pciback_driver.driver)
		fn(pdev);
	else
		ret = -ENODEV;
	device_unlock(&pdev->dev);
	pci_dev_put(pdev);
	return ret;
}

static ssize_t do_flr_store(struct device_driver *drv, const char *buf,
			    size_t count)
{
	return with_device(buf, count, renew);
}
static DRIVER_ATTR_WO(do_flr);

static void nothing(struct pci_dev *pdev)
{
}

/*
 * For xen-pciback's emulation of configuration space for PV guests. QEMU has
 * its own, and the toolstack tells it.
 */
static ssize_t permissive_store(struct device_driver *drv, const char *buf,
				size_t count)
{
	return with_device(buf, count, nothing);
}
static DRIVER_ATTR_WO(permissive);

static struct attribute *pciback_attrs[] = {
	&driver_attr_slots.attr,
	&driver_attr_new_slot.attr,
	&driver_attr_remove_slot.attr,
	&driver_attr_do_flr.attr,
	&driver_attr_permissive.attr,
	NULL
};
ATTRIBUTE_GROUPS(pciback);

/* ---- the driver ---- */

static const struct pci_device_id pciback_table[] = {
	{ PCI_DEVICE_DRIVER_OVERRIDE(PCI_ANY_ID, PCI_ANY_ID, 1) },
	{ }
};

static struct pci_driver pciback_driver = {
	.name = NAME,
	.id_table = pciback_table,
	.probe = vxp_pciback_probe,
	.remove = vxp_pciback_remove,
	.groups = pciback_groups,
};

int vxp_pciback_init(void)
{
	if (!pciback)
		return 0;
	if (driver_find(NAME, &pci_bus_type)) {
		pr_err("xen-pciback is here, which pciback=1 is to replace: rmmod xen-pciback, or load this without pciback=1\n");
		return -EBUSY;
	}
	return pci_register_driver(&pciback_driver);
}

void vxp_pciback_exit(void)
{
	if (pciback)
		pci_unregister_driver(&pciback_driver);
}
