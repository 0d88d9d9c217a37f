// SPDX-License-Identifier: GPL-2.0-only
/*
 * The properties of a driver that its name tells.
 */
#include <string.h>

#include "internal.h"

/*
 * By name, if there is no device to ask: vfio-pci, vfio-xen-pci and the
 * kernel's variant drivers
 */
bool driver_is_vfio(const char *driver)
{
	return strstr(driver, "vfio") != NULL;
}

/*
 * Host drivers that do no DMA themselves (driver_managed_dma, which sysfs does
 * not show). VFIO opens a group that contains their devices.
 */
bool driver_leaves_dma(const char *driver)
{
	return !strcmp(driver, "pci-stub") || !strcmp(driver, "pcieport");
}
