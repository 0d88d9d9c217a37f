// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the name of a driver tells of it.
 */
#include <string.h>

#include "internal.h"

/*
 * By its name, where there is no device to ask: vfio-pci, vfio-xen-pci, and the
 * kernel's variant drivers
 */
bool driver_is_vfio(const char *driver)
{
	return strstr(driver, "vfio") != NULL;
}

/*
 * The host drivers that leave DMA to others (driver_managed_dma, which the
 * kernel does not show), so that VFIO opens a group in spite of them.
 */
bool driver_leaves_dma(const char *driver)
{
	return !strcmp(driver, "pci-stub") || !strcmp(driver, "pcieport");
}
