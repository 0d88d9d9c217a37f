// SPDX-License-Identifier: GPL-2.0
/*
 * Xen refuses to unmap memory, to take the device away and to destroy the shell
 * domain. Whoever had the memory mapped lets it go all the same: it must not be used
 * again before the shell domain is gone. Needs vfio-xen-iommu with fault injection.
 *
 * usage: fault-unmap SBDF [ERRNO]
 */
#include <errno.h>
#include <stdlib.h>

#include "inject.h"
#include "session.h"
#include "tap.h"
#include "util.h"

#define IOVA GIB(1)
#define HELD 4u
/* What is freed is what is allocated next. */
#define FRESH 2048u
#define ALL_CALLS 100000

static const char *sbdf;
static struct session s;
static uint64_t pfns[HELD];

static void map(uint8_t *memory)
{
	ok0(container_map(&s.container, memory, IOVA, HELD * PAGE, RW), "map %u pages", HELD);
	for (unsigned int i = 0; i < HELD; i++)
		pfns[i] = pfn_of(memory + i * PAGE);
}

/* How many of the pages come back to those who ask for some. */
static unsigned int nr_reused(void)
{
	uint8_t *fresh = pages_alloc(FRESH * PAGE);
	unsigned int nr = 0;

	for (unsigned int i = 0; i < FRESH; i++)
		for (unsigned int j = 0; j < HELD; j++)
			nr += pfn_of(fresh + i * PAGE) == pfns[j];
	pages_free(fresh, FRESH * PAGE);
	return nr;
}

static void are_held(const char *when)
{
	unsigned int reused = nr_reused();

	ok(xen_stat("held_pages") == HELD, "%s: %lld pages are held", when,
	   (long long)xen_stat("held_pages"));
	ok(!reused, "%s: %u pages are used again", when, reused);
}

static void are_free(const char *when)
{
	ok(!xen_stat("held_pages"), "%s: no page is held", when);
	ok(!xen_stat("shell_domains"), "%s: no shell domain is left", when);
}

static void unmap_fails(void)
{
	uint8_t *memory = pages_alloc(HELD * PAGE);
	uint8_t *other = pages_alloc(PAGE);

	session_must_open(&s, sbdf);
	map(memory);
	inject_next(ALL_CALLS);
	ok0(container_unmap(&s.container, IOVA, HELD * PAGE, 0, NULL), "unmap");
	inject_next(0);
	pages_free(memory, HELD * PAGE);
	are_held("after the unmap");
	ok(inject_legal(sbdf, true), "the device is in legal hands");
	ok(container_map(&s.container, other, IOVA, PAGE, RW) < 0, "no map is made there");
	session_close(&s);
	are_free("after the close");
	pages_free(other, PAGE);
	ok0(session_once(sbdf), "the next use works");
}

static void close_fails(void)
{
	uint8_t *memory = pages_alloc(HELD * PAGE);

	session_must_open(&s, sbdf);
	map(memory);
	inject_next(ALL_CALLS);
	session_close(&s);
	inject_next(0);
	pages_free(memory, HELD * PAGE);
	are_held("after the close");
	ok0(session_once(sbdf), "the next use works");
	are_free("after that");
}

int main(int argc, char **argv)
{
	if (argc < 2)
		die("usage: fault-unmap SBDF [ERRNO]");
	sbdf = argv[1];
	inject_errno(argc > 2 ? atoi(argv[2]) : ENOMEM);
	unmap_fails();
	close_fails();
	return tap_status();
}
