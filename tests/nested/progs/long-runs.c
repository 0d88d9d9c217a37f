// SPDX-License-Identifier: GPL-2.0
/* See long-runs.h. */
#include "long-runs.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "machine-frame.h"
#include "util.h"

#define SURPLUS 3

struct page {
	uint64_t pfn, mfn;
	uint8_t *va;
};

struct run {
	size_t first, nr;	/* in an array of pages sorted by frame */
};

static struct page page_at(const uint8_t *va)
{
	struct page p = { .pfn = pfn_of(va), .va = (uint8_t *)(uintptr_t)va };

	p.mfn = machine_frame(p.pfn);
	if (!p.mfn)
		die("a page's machine frame is unknown");
	return p;
}

static bool follows(const struct page *p, const struct page *before)
{
	return p->pfn == before->pfn + 1 && p->mfn == before->mfn + 1;
}

uint64_t frame_runs(const void *va, uint64_t size)
{
	struct page before = { 0 }, p;
	uint64_t runs = 0;

	for (uint64_t offset = 0; offset < size; offset += PAGE, before = p) {
		p = page_at((const uint8_t *)va + offset);
		runs += !follows(&p, &before);
	}
	return runs;
}

static int by_frame(const void *a, const void *b)
{
	const struct page *x = a, *y = b;

	return x->pfn < y->pfn ? -1 : x->pfn > y->pfn;
}

static int longest_first(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	return x->nr > y->nr ? -1 : x->nr < y->nr;
}

static size_t find_runs(const struct page *page, size_t nr, struct run *run)
{
	size_t nr_runs = 0;

	for (size_t i = 0; i < nr; i++) {
		if (!i || !follows(&page[i], &page[i - 1]))
			run[nr_runs++] = (struct run){ .first = i };
		run[nr_runs - 1].nr++;
	}
	qsort(run, nr_runs, sizeof(*run), longest_first);
	return nr_runs;
}

/* Moves pages to where they are neighbours, those at once that are already. */
static void move(const struct page *page, size_t nr, uint8_t *to)
{
	for (size_t i = 0, n; i < nr; i += n) {
		for (n = 1; i + n < nr && page[i + n].va == page[i].va + n * PAGE; n++)
			;
		if (mremap(page[i].va, n * PAGE, n * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
			   to + i * PAGE) == MAP_FAILED)
			die("pages can't be moved");
	}
}

void *long_runs_alloc(uint64_t size)
{
	size_t nr = SURPLUS * size / PAGE, left = size / PAGE;
	uint8_t *all = pages_alloc(nr * PAGE), *to;
	struct page *page = calloc(nr, sizeof(*page));
	struct run *run = calloc(nr, sizeof(*run));

	to = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!page || !run || to == MAP_FAILED)
		die("no memory");
	for (size_t i = 0; i < nr; i++)
		page[i] = page_at(all + i * PAGE);
	qsort(page, nr, sizeof(*page), by_frame);
	find_runs(page, nr, run);
	for (size_t i = 0, done = 0; left; i++) {
		size_t n = run[i].nr < left ? run[i].nr : left;

		move(page + run[i].first, n, to + done * PAGE);
		done += n;
		left -= n;
	}
	free(run);
	free(page);
	return to;
}
