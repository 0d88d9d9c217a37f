/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The supervisor's part of devices in an HVM guest.
 */
#ifndef DM_HVM_SUPERVISOR_H
#define DM_HVM_SUPERVISOR_H

#include "../devices.h"

extern const struct devices_kind hvm_supervisor_kind;

#endif
