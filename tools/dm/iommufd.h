/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Open devices by their own character devices and an iommufd.
 */
#ifndef DM_IOMMUFD_H
#define DM_IOMMUFD_H

#include "group_interface.h"

extern const struct group_interface iommufd_interface;

/* Whether the kernel supports iommufd for a device */
bool iommufd_is_there(const char *address);

#endif
