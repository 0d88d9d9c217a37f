// SPDX-License-Identifier: GPL-2.0
/*
 * Several devices in one container share its address space, come and go
 * without disturbing the others, and see nothing of it once they have left.
 *
 * usage: container2 SBDF SBDF SBDF, each in a group of its own
 */
#include <string.h>

#include "session.h"
#include "tap.h"
#include "util.h"

#define IOVA 0x200000ull
#define OTHER 0x40000000ull

static struct container c;
static uint8_t *buf;			/* two pages, mapped at IOVA */

static void works(struct member *m, const char *what)
{
	uint64_t seed = now_ns();

	pattern_fill(buf, PAGE, seed);
	memset(buf + PAGE, 0, PAGE);
	ok(!edu_copy(&m->edu, IOVA, IOVA + PAGE, EDU_MEM) &&
	   pattern_check(buf + PAGE, PAGE, seed) == PAGE, "%s: %s copies a page", what, m->edu.sbdf);
}

static void confined(struct member *m, const char *what)
{
	pattern_fill(buf, PAGE, 99);
	edu_store(&m->edu, IOVA, 0, STOPPED_SIZE);
	expect_fault(&m->edu, IOVA, true);
	ok(pattern_check(buf, PAGE, 99) == PAGE, "%s: %s does not reach the buffer", what, m->edu.sbdf);
}

static void map_buf(void)
{
	ok0(container_map(&c, buf, IOVA, 2 * PAGE, RW), "map two pages");
}

/* Both orders: the one that stays opened the container, or joined it. */
static void one_leaves(struct member *stays, struct member *leaves, const char *what)
{
	const char *sbdf = leaves->group.sbdf;

	/* The leaver's DMA is on its way when it goes; the other's goes on. */
	edu_start(&leaves->edu, IOVA + PAGE, 0, 64, true);
	ok0(edu_wait(&leaves->edu), "%s: %s is done", what, sbdf);
	edu_start(&stays->edu, IOVA, 0, EDU_MEM, false);
	member_close(leaves);
	ok0(edu_wait(&stays->edu), "%s: DMA of %s goes on", what, stays->edu.sbdf);
	works(stays, what);
}

/* After it left, a device's own container starts empty. */
static void elsewhere(struct member *m, const char *sbdf, const char *what)
{
	struct container own;
	uint8_t *page = pages_alloc(PAGE);

	if (container_open(&own))
		die("no container");
	member_must_open(m, &own, sbdf, VFIO_TYPE1v2_IOMMU);
	confined(m, what);
	ok0(container_map(&own, page, OTHER, PAGE, RW), "%s: map a page there", what);
	confined(m, what);
	pattern_fill(page, PAGE, 5);
	ok(!edu_load(&m->edu, OTHER, 0, EDU_MEM), "%s: load its own page", what);
	memset(page, 0, PAGE);
	ok(!edu_store(&m->edu, OTHER, 0, EDU_MEM) && pattern_check(page, PAGE, 5) == PAGE,
	   "%s: its own page works", what);
	member_close(m);
	container_close(&own);
	pages_free(page, PAGE);
}

static void shared(const char *a_sbdf, const char *b_sbdf, const char *what)
{
	struct member a, b;

	if (container_open(&c))
		die("no container");
	member_must_open(&a, &c, a_sbdf, VFIO_TYPE1v2_IOMMU);
	member_must_open(&b, &c, b_sbdf, 0);
	map_buf();
	works(&a, what);
	works(&b, what);
	/* One device's memory, through the buffer, to the other's. */
	pattern_fill(buf, PAGE, 42);
	edu_load(&a.edu, IOVA, 0, EDU_MEM);
	memset(buf, 0, PAGE);
	edu_store(&a.edu, IOVA, 0, EDU_MEM);
	edu_load(&b.edu, IOVA, 0, EDU_MEM);
	memset(buf, 0, PAGE);
	edu_store(&b.edu, IOVA, 0, EDU_MEM);
	ok(pattern_check(buf, PAGE, 42) == PAGE, "%s: a page goes from %s to %s", what, a_sbdf, b_sbdf);

	one_leaves(&a, &b, what);
	elsewhere(&b, b_sbdf, "the second left");
	works(&a, "the second is elsewhere");
	member_must_open(&b, &c, b_sbdf, 0);
	works(&b, "the second is back");
	one_leaves(&b, &a, what);
	elsewhere(&a, a_sbdf, "the first left");
	works(&b, "the first is elsewhere");
	ok0(container_unmap(&c, IOVA, 2 * PAGE, 0, NULL), "%s: unmap", what);
	confined(&b, "unmapped");
	member_close(&b);
	container_close(&c);
}

/* A container with mappings gets a third device, which sees them at once. */
static void third(const char *const *sbdf)
{
	struct member m[3];
	uint64_t big = MIB(8);
	uint8_t *more = pages_alloc(big);

	if (container_open(&c))
		die("no container");
	member_must_open(&m[0], &c, sbdf[0], VFIO_TYPE1v2_IOMMU);
	map_buf();
	ok0(container_map(&c, more, OTHER, big, RW), "map 8 MiB more");
	member_must_open(&m[1], &c, sbdf[1], 0);
	member_must_open(&m[2], &c, sbdf[2], 0);
	works(&m[2], "a third joined");
	pattern_fill(more + big - PAGE, PAGE, 77);
	edu_load(&m[2].edu, OTHER + big - PAGE, 0, EDU_MEM);
	memset(more + big - PAGE, 0, PAGE);
	edu_store(&m[2].edu, OTHER + big - PAGE, 0, EDU_MEM);
	ok(pattern_check(more + big - PAGE, PAGE, 77) == PAGE, "it reaches the last of the 8 MiB too");
	member_close(&m[0]);
	member_close(&m[1]);
	works(&m[2], "only the third is left");
	member_close(&m[2]);
	/* All are gone; the container drops its type and its mappings, and starts anew. */
	member_must_open(&m[1], &c, sbdf[1], VFIO_TYPE1v2_IOMMU);
	confined(&m[1], "all had left");
	map_buf();
	works(&m[1], "mapped again");
	member_close(&m[1]);
	container_close(&c);
	pages_free(more, big);
}

/* Between two containers that are both open, with the same iova in use. */
static void moved(const char *a_sbdf, const char *b_sbdf)
{
	struct container c2;
	struct member a, b;
	uint8_t *mine = buf, *theirs = pages_alloc(2 * PAGE);

	if (container_open(&c) || container_open(&c2))
		die("no container");
	member_must_open(&a, &c, a_sbdf, VFIO_TYPE1v2_IOMMU);
	member_must_open(&b, &c2, b_sbdf, VFIO_TYPE1v2_IOMMU);
	map_buf();
	ok0(container_map(&c2, theirs, IOVA, 2 * PAGE, RW), "map other memory there in a second container");
	works(&a, "before the move");
	member_close(&b);
	member_must_open(&b, &c, b_sbdf, 0);
	works(&b, "moved to the first container");
	pattern_fill(mine, PAGE, 1);
	pattern_fill(theirs, PAGE, 2);
	member_close(&b);
	member_close(&a);
	/* c2 lost its only group and with it its mappings. */
	member_must_open(&a, &c2, a_sbdf, VFIO_TYPE1v2_IOMMU);
	ok0(container_map(&c2, theirs, IOVA, 2 * PAGE, RW), "map in the second container again");
	edu_load(&a.edu, IOVA, 0, EDU_MEM);
	edu_store(&a.edu, IOVA + PAGE, 0, EDU_MEM);
	ok(pattern_check(theirs + PAGE, PAGE, 2) == PAGE, "moved to the second: its memory is read");
	ok(pattern_check(mine, PAGE, 1) == PAGE, "moved to the second: the first's is untouched");
	member_close(&a);
	container_close(&c2);
	container_close(&c);
	pages_free(theirs, 2 * PAGE);
}

int main(int argc, char **argv)
{
	if (argc != 4)
		die("usage: container2 SBDF SBDF SBDF");
	buf = pages_alloc(2 * PAGE);
	shared(argv[1], argv[2], "shared");
	shared(argv[2], argv[1], "mirrored");
	third((const char *const *)argv + 1);
	moved(argv[1], argv[2]);
	return tap_status();
}
