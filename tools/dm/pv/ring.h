/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page that a PV guest shares with its worker.
 */
#ifndef DM_PV_RING_H
#define DM_PV_RING_H

#include "worker.h"

extern const struct worker_kind pv_ring_kind;

#endif
