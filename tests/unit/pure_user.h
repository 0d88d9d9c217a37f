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

static inline unsigned int hweight64(u64 word)
{
	return (unsigned int)__builtin_popcountll(word);
}

/* An xarray of few entries, which runs out of memory when the test wants it to */
extern bool xa_fails;

#define XA_ENTRIES 8
#define GFP_KERNEL 0

struct xarray {
	void *entries[XA_ENTRIES];
};

static inline void xa_init(struct xarray *xa)
{
	memset(xa, 0, sizeof(*xa));
}

static inline void *xa_load(struct xarray *xa, unsigned long index)
{
	assert(index < XA_ENTRIES);
	return xa->entries[index];
}

/* The one entry that xa_err() knows for an error */
static inline void *xa_store(struct xarray *xa, unsigned long index,
			     void *entry, int gfp)
{
	(void)gfp;
	assert(index < XA_ENTRIES);
	if (xa_fails)
		return &xa_fails;
	xa->entries[index] = entry;
	return NULL;
}

static inline int xa_err(void *entry)
{
	return entry == &xa_fails ? -ENOMEM : 0;
}

#define xa_for_each(xa, index, entry)                      \
	for ((index) = 0; (index) < XA_ENTRIES; (index)++) \
		if (((entry) = (xa)->entries[index]) != NULL)

static inline void xa_destroy(struct xarray *xa)
{
	xa_init(xa);
}

/* Defined by the tests of what takes long */
void cond_resched(void);

#endif
