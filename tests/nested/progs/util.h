/* SPDX-License-Identifier: GPL-2.0 */
/* Small helpers that belong to no device: time, memory, page frames, random numbers. */
#ifndef UTIL_H
#define UTIL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PAGE 4096ull
#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* 0 or -errno, of a system call that returned this. */
int ret_errno(int ret);

uint64_t now_ns(void);
void sleep_ms(unsigned int ms);

/* Populated, zeroed, page-aligned memory; exits if there is none. */
void *pages_alloc(uint64_t size);
void pages_free(void *va, uint64_t size);

/* Fills n bytes with a pattern that differs for every seed and position. */
void pattern_fill(void *p, size_t n, uint64_t seed);
/* Index of the first byte that is not the pattern's, or n. */
size_t pattern_check(const void *p, size_t n, uint64_t seed);

/* Linux's page frame of an address of this process; 0 if not present or not permitted. */
uint64_t pfn_of(const void *va);
/* Contiguous runs of page frames in a populated buffer. */
uint64_t pfn_runs(const void *va, uint64_t size);

/* A 64-bit xorshift: the same seed gives the same run. */
struct rng { uint64_t s; };
uint64_t rng_next(struct rng *r);
uint64_t rng_below(struct rng *r, uint64_t limit);

/* A file named by $OUT and name, or NULL if OUT is not set. */
FILE *out_open(const char *name);

/* One number out of vfio-xen-iommu's debugfs statistics; -1 if there are none. */
int64_t xen_stat(const char *name);
/* Prints all of them as comments, each name prefixed. */
void xen_stats_comment(const char *prefix);

/* Ends the program with "Bail out!": for what is a broken test bench, not a failed test. */
void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
