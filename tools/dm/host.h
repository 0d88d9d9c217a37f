/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device of the host in sysfs, before a guest has it.
 */
#ifndef DM_HOST_H
#define DM_HOST_H

#include <stdbool.h>

#include "problem.h"

/*
 * Returns the number of the device's IOMMU group, or -errno with the reason noted: no
 * such device, or it is not bound to vfio-xen-pci.
 */
int host_check_device(const char *address, struct problem *problem);
bool host_has_module(const char *name);
/* Whether a bool parameter of a module is set; a missing one is not. */
bool host_parameter_is_set(const char *module, const char *name);

#endif
