/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What sysfs knows of a device, before it goes to a guest.
 */
#ifndef DM_HOST_H
#define DM_HOST_H

#include <stdbool.h>

#include "problem.h"

/*
 * The number of the device's IOMMU group, or -errno with the reason noted:
 * there is no such device, or vfio-xen-pci does not have it.
 */
int host_check_device(const char *address, struct problem *problem);
bool host_has_module(const char *name);
/* Whether a parameter that is yes or no is yes; if there is none, it is not. */
bool host_parameter_is_set(const char *module, const char *name);

#endif
