// SPDX-License-Identifier: GPL-2.0
/*
 * Maps much memory at once, does DMA at its ends, and closes with or without
 * an unmap.
 *
 * usage: bigmap SBDF [MIB]
 */
#include <stdlib.h>
#include <string.h>

#include "session.h"
#include "tap.h"
#include "util.h"

#define IOVA GIB(4)

static struct session s;

static void page_works(uint8_t *va, uint64_t offset, const char *what)
{
	pattern_fill(va + offset, PAGE, offset + 1);
	edu_load(&s.m.edu, IOVA + offset, 0, EDU_MEM);
	memset(va + offset, 0, PAGE);
	edu_store(&s.m.edu, IOVA + offset, 0, EDU_MEM);
	ok(pattern_check(va + offset, PAGE, offset + 1) == PAGE, "DMA reaches the %s page", what);
}

static void once(const char *sbdf, uint8_t *va, uint64_t size, bool unmap)
{
	uint64_t start, unmapped;

	session_must_open(&s, sbdf);
	start = now_ns();
	if (!ok0(container_map(&s.container, va, IOVA, size, RW), "map %llu MiB",
		 (unsigned long long)(size >> 20)))
		return;
	comment("map_ms=%llu", (unsigned long long)(now_ns() - start) / 1000000);
	xen_stats_comment("mapped");
	page_works(va, 0, "first");
	page_works(va, size / 2, "middle");
	page_works(va, size - PAGE, "last");
	start = now_ns();
	if (unmap) {
		ok0(container_unmap(&s.container, IOVA, size, 0, &unmapped), "unmap");
		ok(unmapped == size, "all of it was unmapped");
	}
	session_close(&s);
	comment("%s_ms=%llu", unmap ? "unmap_and_close" : "close",
		(unsigned long long)(now_ns() - start) / 1000000);
	xen_stats_comment("closed");
}

int main(int argc, char **argv)
{
	uint64_t size = MIB(argc > 2 ? strtoull(argv[2], NULL, 0) : 512);
	uint8_t *va;

	if (argc < 2 || size < MIB(1))
		die("usage: bigmap SBDF [MIB]");
	xen_stats_comment("before");
	va = pages_alloc(size);
	comment("pfn_runs=%llu", (unsigned long long)pfn_runs(va, size));
	once(argv[1], va, size, false);
	once(argv[1], va, size, true);
	pages_free(va, size);
	return tap_status();
}
