/* SPDX-License-Identifier: GPL-2.0 */
/*
 * driver_override, which Linux has moved from struct pci_dev to struct device.
 */
#ifndef VFIO_XEN_PCI_OVERRIDE_H
#define VFIO_XEN_PCI_OVERRIDE_H

#include <linux/device.h>
#include <linux/pci.h>
#include <linux/string.h>

/* An empty name is none. */
static inline int override_set(struct pci_dev *pdev, const char *name)
{
#ifdef HAVE_DEVICE_DRIVER_OVERRIDE
	return device_set_driver_override(&pdev->dev, name);
#else
	return driver_set_override(&pdev->dev, &pdev->driver_override, name,
				   strlen(name));
#endif
}

#endif
