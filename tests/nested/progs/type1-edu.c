// SPDX-License-Identifier: GPL-2.0
/*
 * One device in a type1 container: DMA goes where it is mapped, and nowhere else.
 *
 * usage: type1-edu SBDF
 */
#include <stdio.h>
#include <string.h>

#include "session.h"
#include "tap.h"
#include "util.h"

#define IOVA 0x10000ull
#define SECRET 0x5ec2e7ull

static struct session s;

static unsigned long long ull(uint64_t x)
{
	return x;
}

/* The device's memory holds a pattern of its own; what it holds afterwards goes to `scratch`. */
static void device_preset(void *scratch, uint64_t iova, uint64_t seed)
{
	pattern_fill(scratch, PAGE, seed);
	if (edu_load(&s.m.edu, iova, 0, EDU_MEM))
		die("the device hangs");
}

/* DMA both ways at one iova, two pages mapped in one call. */
static void roundtrip(const char *what, uint64_t iova)
{
	uint8_t *va = pages_alloc(2 * PAGE);
	size_t same;

	pattern_fill(va, PAGE, iova);
	if (!ok0(container_map(&s.container, va, iova, 2 * PAGE, RW), "%s: map 8 KiB at 0x%llx",
		 what, ull(iova)))
		return;
	ok0(edu_copy(&s.m.edu, iova, iova + PAGE, EDU_MEM), "%s: DMA completes", what);
	same = pattern_check(va + PAGE, PAGE, iova);
	ok(same == PAGE, "%s: 4096 bytes went out and came back (%zu equal)", what, same);
	ok(pattern_check(va, PAGE, iova) == PAGE, "%s: the source is as it was", what);
	ok0(container_unmap(&s.container, iova, 2 * PAGE, 0, NULL), "%s: unmap", what);
	pages_free(va, 2 * PAGE);
}

static void everywhere(void)
{
	struct iova_range r[16];
	int nr = container_iova_ranges(&s.container, r, ARRAY_SIZE(r));

	if (!ok(nr > 0, "the container advertises %d iova ranges", nr))
		return;
	for (int i = 0; i < nr; i++)
		comment("iova range 0x%llx-0x%llx", ull(r[i].start), ull(r[i].last));
	roundtrip("iova 0", 0);
	roundtrip("low", IOVA);
	roundtrip("just below the MSI window", 0xfee00000 - 2 * PAGE);
	roundtrip("just above the MSI window", 0xfef00000);
	roundtrip("across 4G", GIB(4) - PAGE);
	roundtrip("above 4G", 0x123456000);
	ok(r[nr - 1].last > GIB(4), "the last range ends above 4G");
	roundtrip("top of the advertised range", r[nr - 1].last + 1 - 2 * PAGE);
}

/* An unaligned DMA over two mappings whose memory is not adjacent. */
static void crossing(void)
{
	uint8_t *va = pages_alloc(5 * PAGE), *first = va + 2 * PAGE, *second = va, *to = va + 3 * PAGE;
	bool same;

	pattern_fill(first, PAGE, 1);
	pattern_fill(second, PAGE, 2);
	ok0(container_map(&s.container, first, IOVA, PAGE, RW), "map a first page");
	ok0(container_map(&s.container, second, IOVA + PAGE, PAGE, RW), "map another one behind it");
	ok0(container_map(&s.container, to, IOVA + MIB(1), 2 * PAGE, RW), "map two pages to write");
	ok0(edu_copy(&s.m.edu, IOVA + PAGE / 2, IOVA + MIB(1) + 0x123 * 8, EDU_MEM),
	    "DMA that crosses pages completes");
	same = !memcmp(to + 0x123 * 8, first + PAGE / 2, PAGE / 2) &&
	       !memcmp(to + 0x123 * 8 + PAGE / 2, second, PAGE / 2);
	ok(same, "it read and wrote both pages in order");
	ok0(container_unmap(&s.container, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL, NULL), "unmap everything");
	pages_free(va, 5 * PAGE);
}

/*
 * A load that must be stopped, of memory that holds the secret, and a store
 * that must be stopped; `spare` is a mapped page through which the test looks
 * at the device's memory.
 */
static void stopped(const char *what, uint64_t iova, uint8_t *memory, uint8_t *spare,
		    uint64_t spare_iova)
{
	size_t leaked;

	pattern_fill(memory, PAGE, SECRET);
	device_preset(spare, spare_iova, 7);
	ok0(edu_load(&s.m.edu, iova, 0, EDU_MEM), "%s: a load completes", what);
	expect_fault(&s.m.edu, iova, false);
	memset(spare, 0, PAGE);
	edu_store(&s.m.edu, spare_iova, 0, EDU_MEM);
	leaked = 0;
	for (size_t i = 0; i < PAGE; i += 8)
		leaked += !memcmp(spare + i, memory + i, 8);
	ok(!leaked, "%s: the device has read none of the memory (%zu words)", what, leaked);

	device_preset(spare, spare_iova, 7);
	ok0(edu_store(&s.m.edu, iova, 0, EDU_MEM), "%s: a store completes", what);
	expect_fault(&s.m.edu, iova, true);
	ok(pattern_check(memory, PAGE, SECRET) == PAGE, "%s: memory is untouched", what);
}

static void confined(void)
{
	uint8_t *va = pages_alloc(4 * PAGE), *spare = pages_alloc(PAGE);
	const uint64_t spare_iova = GIB(1);

	ok0(container_map(&s.container, spare, spare_iova, PAGE, RW), "map a page to look through");
	stopped("before map", IOVA + PAGE, va + PAGE, spare, spare_iova);
	/* The middle two of four pages that are neighbours in this process. */
	ok0(container_map(&s.container, va + PAGE, IOVA + PAGE, 2 * PAGE, RW), "map two pages");
	stopped("page before", IOVA, va, spare, spare_iova);
	stopped("page after", IOVA + 3 * PAGE, va + 3 * PAGE, spare, spare_iova);

	pattern_fill(va + 2 * PAGE, PAGE, 3);
	ok0(edu_copy(&s.m.edu, IOVA + 2 * PAGE, IOVA + PAGE, EDU_MEM), "DMA inside completes");
	ok(pattern_check(va + PAGE, PAGE, 3) == PAGE, "DMA inside works after those faults");

	ok0(container_unmap(&s.container, IOVA + PAGE, 2 * PAGE, 0, NULL), "unmap the two pages");
	stopped("after unmap", IOVA + PAGE, va + PAGE, spare, spare_iova);
	ok0(container_unmap(&s.container, spare_iova, PAGE, 0, NULL), "unmap the last page");

	pattern_fill(va, PAGE, SECRET);
	ok0(edu_store(&s.m.edu, spare_iova, 0, EDU_MEM), "with nothing mapped a store completes");
	expect_fault(&s.m.edu, spare_iova, true);
	pages_free(va, 4 * PAGE);
	pages_free(spare, PAGE);
}

/* A page that was mapped anew at the same iova is the one that is reached. */
static void remapped(void)
{
	uint8_t *va = pages_alloc(2 * PAGE);

	pattern_fill(va, PAGE, 11);
	pattern_fill(va + PAGE, PAGE, 12);
	for (int i = 0; i < 2; i++) {
		ok0(container_map(&s.container, va + i * PAGE, IOVA, PAGE, RW), "map page %d", i);
		ok0(edu_load(&s.m.edu, IOVA, 0, EDU_MEM), "load from it");
		ok0(container_unmap(&s.container, IOVA, PAGE, 0, NULL), "unmap it");
	}
	ok0(container_map(&s.container, va, IOVA, PAGE, RW), "map page 0 again");
	ok0(edu_store(&s.m.edu, IOVA, 0, EDU_MEM), "store what was loaded last");
	ok(pattern_check(va, PAGE, 12) == PAGE, "it is the second page's content");
	ok0(container_unmap(&s.container, IOVA, PAGE, 0, NULL), "unmap");
	pages_free(va, 2 * PAGE);
}

/* A mapping survives refused unmaps of its parts. */
static void partial_unmap(void)
{
	uint8_t *va = pages_alloc(4 * PAGE);
	uint64_t unmapped;

	ok0(container_map(&s.container, va, IOVA, 4 * PAGE, RW), "map four pages");
	ok(container_unmap(&s.container, IOVA + PAGE, PAGE, 0, NULL) < 0, "v2 refuses to unmap one of them");
	pattern_fill(va + PAGE, PAGE, 21);
	ok0(edu_copy(&s.m.edu, IOVA + PAGE, IOVA + 2 * PAGE, EDU_MEM), "DMA to it completes");
	ok(pattern_check(va + 2 * PAGE, PAGE, 21) == PAGE, "DMA to it works on");
	ok0(container_unmap(&s.container, IOVA - PAGE, 8 * PAGE, 0, &unmapped), "unmap all around them");
	ok(unmapped == 4 * PAGE, "four pages were unmapped (%llu bytes)", ull(unmapped));
	ok0(container_unmap(&s.container, IOVA, 4 * PAGE, 0, &unmapped), "unmap the hole");
	ok(!unmapped, "nothing was unmapped (%llu bytes)", ull(unmapped));
	for (int i = 0; i < 4; i++)
		container_map(&s.container, va + i * PAGE, IOVA + (uint64_t)i * GIB(1), PAGE, RW);
	ok0(container_unmap(&s.container, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL, &unmapped), "unmap everything");
	ok(unmapped == 4 * PAGE, "four pages were unmapped (%llu bytes)", ull(unmapped));
	pages_free(va, 4 * PAGE);
}

/* Version 1 of type1 takes an unmap of a part for one of the whole. */
static void version1(const char *sbdf)
{
	uint8_t *va = pages_alloc(4 * PAGE), *spare = pages_alloc(PAGE);
	struct session *v1 = &s;
	uint64_t unmapped;
	int ret = session_open(v1, sbdf, VFIO_TYPE1_IOMMU);

	if (!ok0(ret, "v1: open"))
		return;
	ok0(container_map(&s.container, va, IOVA, 4 * PAGE, RW), "v1: map four pages");
	ok0(container_map(&s.container, spare, MIB(1), PAGE, RW), "v1: map a page to look through");
	ok0(container_unmap(&s.container, IOVA, PAGE, 0, &unmapped), "v1: unmap the first");
	ok(unmapped == 4 * PAGE, "v1: all four are unmapped (%llu bytes)", ull(unmapped));
	stopped("v1: the last of them", IOVA + 3 * PAGE, va + 3 * PAGE, spare, MIB(1));
	session_close(v1);
	pages_free(va, 4 * PAGE);
	pages_free(spare, PAGE);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		die("usage: type1-edu SBDF");
	if (!ok0(session_open(&s, argv[1], VFIO_TYPE1v2_IOMMU), "open %s", argv[1]))
		return 1;
	ok(edu_alive(&s.m.edu), "the device's registers are there");
	everywhere();
	crossing();
	remapped();
	confined();
	partial_unmap();
	session_close(&s);
	/* An iommufd unmaps what it is asked to, in the first version as well. */
	if (vfio_is("type1"))
		version1(argv[1]);
	return tap_status();
}
