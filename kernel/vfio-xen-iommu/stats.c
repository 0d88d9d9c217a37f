// SPDX-License-Identifier: GPL-2.0
/*
 * Counters.
 */
#include "stats.h"

atomic64_t vxi_stats[NR_VXI_STATS];
