/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The worker of an HVM guest.
 */
#ifndef DM_HVM_WORKER_H
#define DM_HVM_WORKER_H

#include "../worker.h"

extern const struct worker_kind hvm_worker_kind;

#endif
