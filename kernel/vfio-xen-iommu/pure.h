/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the pure files (iova_table, frame_set, runs, domctl_abi) need of their
 * surroundings, so that the very same source is built into the module and,
 * with sanitizers, into the unit tests.
 */
#ifndef VXI_PURE_H
#define VXI_PURE_H

#ifdef __KERNEL__

#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/xarray.h>

static inline void *pure_alloc_page(void)
{
	return (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
}

/* A page that the caller cannot do without. */
static inline void *pure_must_alloc_page(void)
{
	return (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT | __GFP_NOFAIL);
}

static inline void pure_free_page(void *page)
{
	free_page((unsigned long)page);
}

#else
#include "pure_user.h" /* of the unit tests */
#endif
#endif
