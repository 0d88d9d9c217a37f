// SPDX-License-Identifier: GPL-2.0
/*
 * What it costs to map and unmap. Time is instructions where QEMU counts them
 * (-icount). How many hypercalls it takes is checked everywhere: no more than
 * one for each run of frames, and one for each 64 pages of it.
 *
 * usage: map-cost SBDF MIB [long-runs|superpages]
 *	long-runs	with memory in runs as long as there are
 *	superpages	the same at an iova where Xen can map 2 MiB at once
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "long-runs.h"
#include "machine-frame.h"
#include "session.h"
#include "tap.h"
#include "util.h"

#define IOVA GIB(4)
#define ROUNDS 3
#define ENTRIES_PER_CALL 64
#define SUPERPAGE 512

struct cost {
	uint64_t ns, hypercall_ns, hypercalls;
};

static struct session s;

static struct cost now(void)
{
	return (struct cost){
		.ns = now_ns(),
		.hypercall_ns = (uint64_t)xen_stat("hypercall_ns"),
		.hypercalls = (uint64_t)xen_stat("hypercalls"),
	};
}

static struct cost since(struct cost start)
{
	struct cost end = now();

	end.ns -= start.ns;
	end.hypercall_ns -= start.hypercall_ns;
	end.hypercalls -= start.hypercalls;
	return end;
}

static void report(const char *what, const struct cost *cost, uint64_t pages)
{
	comment("%s_ns_per_page=%llu", what, (unsigned long long)(cost->ns / pages));
	if (xen_stat("hypercalls") < 0)
		return;
	comment("%s_hypercall_ns_per_page=%llu", what,
		(unsigned long long)(cost->hypercall_ns / pages));
	comment("%s_hypercalls=%llu", what, (unsigned long long)cost->hypercalls);
}

static struct cost better(struct cost a, struct cost b)
{
	return a.ns < b.ns ? a : b;
}

static void measure(uint8_t *va, uint64_t iova, uint64_t size, struct cost *map, struct cost *unmap)
{
	struct cost start;

	*map = *unmap = (struct cost){ .ns = UINT64_MAX };
	for (int i = 0; i < ROUNDS; i++) {
		start = now();
		if (container_map(&s.container, va, iova, size, RW))
			die("%llu bytes can't be mapped", (unsigned long long)size);
		*map = better(*map, since(start));
		start = now();
		if (container_unmap(&s.container, iova, size, 0, NULL))
			die("%llu bytes can't be unmapped", (unsigned long long)size);
		*unmap = better(*unmap, since(start));
	}
}

/* Entries of 2 MiB, with up to so many of 4 KiB before and after them in each run. */
static uint64_t entries(uint64_t runs, uint64_t pages, bool superpages)
{
	return superpages ? pages / SUPERPAGE + runs * 2 * SUPERPAGE : pages;
}

static void count_calls(const char *what, const struct cost *cost, uint64_t runs, uint64_t nr_entries,
			uint64_t pages)
{
	uint64_t limit = runs + nr_entries / ENTRIES_PER_CALL;

	if (xen_stat("hypercalls") < 0)
		skip("not on Xen", "%s: hypercalls", what);
	else
		ok(cost->hypercalls > 0 && cost->hypercalls <= limit,
		   "%s: %llu hypercalls for %llu runs and %llu pages, %llu at most", what,
		   (unsigned long long)cost->hypercalls, (unsigned long long)runs,
		   (unsigned long long)pages, (unsigned long long)limit);
}

int main(int argc, char **argv)
{
	uint64_t size = argc > 2 ? MIB(strtoull(argv[2], NULL, 0)) : 0, iova = IOVA, runs, nr;
	bool superpages = argc > 3 && !strcmp(argv[3], "superpages");
	struct cost map, unmap;
	uint8_t *va;

	if (!size)
		die("usage: map-cost SBDF MIB [long-runs|superpages]");
	session_must_open(&s, argv[1]);
	va = argc > 3 ? long_runs_alloc(size) : pages_alloc(size);
	/* The first map makes the shell domain, and later ones find its page tables there. */
	ok0(session_check(&s, MIB(1)), "DMA works");
	if (superpages)
		iova += machine_frame(pfn_of(va)) % SUPERPAGE * PAGE;
	measure(va, iova, size, &map, &unmap);
	runs = frame_runs(va, size);
	nr = entries(runs, size / PAGE, superpages);
	comment("mib=%llu", (unsigned long long)(size >> 20));
	comment("pages_per_run=%llu", (unsigned long long)(size / PAGE / runs));
	report("map", &map, size / PAGE);
	report("unmap", &unmap, size / PAGE);
	count_calls("map", &map, runs, nr, size / PAGE);
	count_calls("unmap", &unmap, runs, nr, size / PAGE);
	session_close(&s);
	return tap_status();
}
