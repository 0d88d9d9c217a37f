/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PCI backend of a PV guest, in the supervisor.
 */
#ifndef DM_PV_BACKEND_H
#define DM_PV_BACKEND_H

#include "devices.h"

extern const struct devices_kind pv_backend_kind;

#endif
