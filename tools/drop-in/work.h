/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The work for a guest, in a process of its own.
 */
#ifndef DROP_IN_WORK_H
#define DROP_IN_WORK_H

#include <stdint.h>

/*
 * Attaches and detaches devices as the toolstack wants. Returns 0, or -errno if
 * it could not begin.
 */
int work_for_guest(uint32_t domid);

#endif
