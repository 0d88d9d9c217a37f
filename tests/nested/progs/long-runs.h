/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory in long runs of frames. What a PV dom0 gets page by page is soon
 * scattered; but what it gets of it has neighbours somewhere.
 */
#ifndef LONG_RUNS_H
#define LONG_RUNS_H

#include <stdint.h>

/* Like pages_alloc(): takes three times the memory, and keeps the longest runs, in order. */
void *long_runs_alloc(uint64_t size);

/* Runs of memory that both Linux and Xen see as contiguous. */
uint64_t frame_runs(const void *va, uint64_t size);

#endif
