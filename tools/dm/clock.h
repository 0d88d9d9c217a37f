/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Monotonic time, which nobody sets
 */
#ifndef DM_CLOCK_H
#define DM_CLOCK_H

#include <stdint.h>
#include <time.h>

#define USEC_PER_S 1000000ULL
#define USEC_PER_MS 1000ULL

static inline uint64_t clock_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * USEC_PER_S + (uint64_t)now.tv_nsec / 1000;
}

#endif
