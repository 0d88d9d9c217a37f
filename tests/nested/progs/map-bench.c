// SPDX-License-Identifier: GPL-2.0
/*
 * What mapping, unmapping and closing cost for each kind of memory, as lines
 * "# bench NAME VALUE". Time is instructions where QEMU counts them (-icount).
 *
 * usage: map-bench SBDF KIND MIB [ROUNDS]
 *	fresh		anonymous memory as it comes, in 4 KiB pages
 *	random		the same, touched in random order
 *	fragmented	the same, with no two pages that are neighbours
 *	blocks		memory made for DMA
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "session.h"
#include "tap.h"
#include "util.h"
#include "vfio-xen.h"

#define IOVA GIB(4)

static struct session s;

/* Address space without pages, and without huge ones later. */
static uint8_t *reserve(uint64_t size)
{
	uint8_t *va = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (va == MAP_FAILED || madvise(va, size, MADV_NOHUGEPAGE))
		die("no address space");
	return va;
}

static uint8_t *alloc_fresh(uint64_t size)
{
	uint8_t *va = reserve(size);

	for (uint64_t at = 0; at < size; at += PAGE)
		va[at] = 1;
	return va;
}

static uint8_t *alloc_random(uint64_t size)
{
	uint64_t nr = size / PAGE;
	uint64_t *order = malloc(nr * sizeof(*order));
	uint8_t *va = reserve(size);
	struct rng rng = { 1 };

	if (!order)
		die("no memory");
	for (uint64_t i = 0; i < nr; i++)
		order[i] = i;
	for (uint64_t i = nr - 1; i; i--) {
		uint64_t j = rng_below(&rng, i + 1), tmp = order[i];

		order[i] = order[j];
		order[j] = tmp;
	}
	for (uint64_t i = 0; i < nr; i++)
		va[order[i] * PAGE] = 1;
	free(order);
	return va;
}

/* What is free then is every other page, and the kernel takes such before it splits more. */
static uint8_t *alloc_fragmented(uint64_t size)
{
	uint8_t *all = alloc_fresh(2 * size);

	for (uint64_t at = 0; at < 2 * size; at += 2 * PAGE)
		if (madvise(all + at, PAGE, MADV_DONTNEED))
			die("a page can't be given back");
	return alloc_random(size);
}

static uint8_t *alloc_blocks(uint64_t size)
{
	void *va;
	int ret = vfio_xen_memory_alloc(size, &va);

	if (ret)
		die("no memory for DMA: %s", strerror(-ret));
	return va;
}

static const struct {
	const char *name;
	uint8_t *(*alloc)(uint64_t size);
} kinds[] = {
	{ "fresh", alloc_fresh },
	{ "random", alloc_random },
	{ "fragmented", alloc_fragmented },
	{ "blocks", alloc_blocks },
};

static uint8_t *alloc(const char *kind, uint64_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, kind))
			return kinds[i].alloc(size);
	die("no kind %s of memory", kind);
}

static void tell(const char *kind, uint64_t size, const char *what, uint64_t value)
{
	comment("bench %s_%llu_%s %llu", kind, (unsigned long long)(size >> 20), what,
		(unsigned long long)value);
}

static void tell_stat(const char *kind, uint64_t size, const char *what, int64_t value)
{
	if (xen_stat("hypercalls") >= 0)
		tell(kind, size, what, (uint64_t)value);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t map(uint8_t *va, uint64_t size)
{
	uint64_t start = now_ns();

	if (container_map(&s.container, va, IOVA, size, RW))
		die("it can't be mapped");
	return now_ns() - start;
}

static uint64_t unmap(uint64_t size)
{
	uint64_t start = now_ns();

	if (container_unmap(&s.container, IOVA, size, 0, NULL))
		die("it can't be unmapped");
	return now_ns() - start;
}

static void measure(const char *kind, uint8_t *va, uint64_t size, unsigned int rounds)
{
	uint64_t mapping = UINT64_MAX, unmapping = UINT64_MAX, pages = size / PAGE;
	int64_t calls = 0, uncalls = 0;

	while (rounds--) {
		calls = xen_stat("hypercalls");
		mapping = least(mapping, map(va, size));
		calls = xen_stat("hypercalls") - calls;
		uncalls = xen_stat("hypercalls");
		unmapping = least(unmapping, unmap(size));
		uncalls = xen_stat("hypercalls") - uncalls;
	}
	tell(kind, size, "runs", pfn_runs(va, size));
	tell(kind, size, "map", mapping / pages);
	tell(kind, size, "unmap", unmapping / pages);
	tell_stat(kind, size, "map_calls", calls);
	tell_stat(kind, size, "unmap_calls", uncalls);
}

/* What is counted per space: the check of the session has had a few pages of each. */
static void measure_memory(const char *kind, uint8_t *va, uint64_t size)
{
	int64_t tables = xen_stat("table_pages"), pool = xen_stat("pool_pages");
	uint64_t start;

	map(va, size);
	tell_stat(kind, size, "table_pages", xen_stat("table_pages") - tables);
	tell_stat(kind, size, "pool_pages", xen_stat("pool_pages") - pool);
	start = now_ns();
	session_close(&s);
	tell(kind, size, "close", (now_ns() - start) / (size / PAGE));
}

int main(int argc, char **argv)
{
	uint64_t size = argc > 3 ? MIB(strtoull(argv[3], NULL, 0)) : 0;
	unsigned int rounds = argc > 4 ? (unsigned int)atoi(argv[4]) : 3;
	uint8_t *va;

	if (!size)
		die("usage: map-bench SBDF KIND MIB [ROUNDS]");
	va = alloc(argv[2], size);
	session_must_open(&s, argv[1]);
	ok0(session_check(&s, MIB(1)), "DMA works");
	measure(argv[2], va, size, rounds);
	session_close(&s);
	session_must_open(&s, argv[1]);
	ok0(session_check(&s, MIB(1)), "DMA works again");
	measure_memory(argv[2], va, size);
	return tap_status();
}
