/* SPDX-License-Identifier: GPL-2.0 */
/*
 * User-space surroundings for the module's pure files: what kernel/vfio-xen-iommu's
 * pure.h takes from the kernel when it is built there.
 */
#ifndef PURE_USER_H
#define PURE_USER_H

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;

#define min(a, b) ((a) < (b) ? (a) : (b))
#define READ_ONCE(x) (*(volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#define smp_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Defined by the test, which makes it fail when it wants to. */
void *pure_alloc_page(void);
void *pure_must_alloc_page(void);
void pure_free_page(void *page);

/* Defined by the tests of what takes long */
void cond_resched(void);

#endif
