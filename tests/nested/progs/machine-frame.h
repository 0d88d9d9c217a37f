/* SPDX-License-Identifier: GPL-2.0 */
/* The machine address of this process's memory: what a device would need to reach it uninvited. */
#ifndef MACHINE_FRAME_H
#define MACHINE_FRAME_H

#include <stdint.h>

/* The machine frame behind Linux's pfn: another number in a PV dom0. 0 if it can't be told. */
uint64_t machine_frame(uint64_t pfn);

#endif
