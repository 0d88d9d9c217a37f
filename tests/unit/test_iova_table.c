// SPDX-License-Identifier: GPL-2.0
/*
 * The iova table, against a plain array as the reference, and out of memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "iova_table.h"

#define LAST_DFN ((1ULL << IOVA_TABLE_DFN_BITS) - 1)
#define MANY 1000000UL

/* Pages that may still be allocated, and those that are. */
static unsigned long pages_left = MANY;
static unsigned long pages_used;

void *pure_alloc_page(void)
{
	if (!pages_left)
		return NULL;
	pages_left--;
	pages_used++;
	return calloc(1, 4096);
}

void *pure_must_alloc_page(void)
{
	void *page;

	pages_left++;
	page = pure_alloc_page();
	assert_non_null(page);
	return page;
}

void pure_free_page(void *page)
{
	pages_used--;
	free(page);
}

static int insert(struct iova_table *table, u64 dfn, u64 pfn, u64 nr)
{
	const struct iova_mapping map = { .dfn = dfn, .pfn = pfn, .nr = nr };

	return vxi_iova_table_insert(table, &map);
}

static unsigned long missing(const struct iova_table *table, u64 dfn, u64 nr)
{
	const struct iova_mapping map = { .dfn = dfn, .nr = nr };

	return vxi_iova_table_missing(table, &map);
}

static int setup(void **state)
{
	struct iova_table *table = calloc(1, sizeof(*table));

	pages_left = MANY;
	pages_used = 0;
	*state = table;
	return 0;
}

static int teardown(void **state)
{
	vxi_iova_table_free(*state);
	free(*state);
	return pages_used != 0;
}

static void assert_maps(const struct iova_table *table, u64 dfn, u64 want)
{
	u64 pfn;

	assert_true(vxi_iova_table_find(table, dfn, &pfn));
	assert_int_equal(pfn, want);
}

static void assert_hole(const struct iova_table *table, u64 dfn)
{
	u64 pfn;

	assert_false(vxi_iova_table_find(table, dfn, &pfn));
	assert_int_equal(vxi_iova_table_run(table, dfn, 1, &pfn), 0);
}

static void test_empty(void **state)
{
	struct iova_table *table = *state;
	u64 dfn = 0, pfn;

	assert_hole(table, 0);
	assert_hole(table, LAST_DFN);
	assert_int_equal(vxi_iova_table_next(table, &dfn, &pfn), 0);
	vxi_iova_table_erase(table, 0, LAST_DFN + 1);
	assert_int_equal(table->nr_nodes, 0);
}

static void test_pfn_0_is_no_hole(void **state)
{
	struct iova_table *table = *state;

	assert_int_equal(insert(table, 5, 0, 1), 0);
	assert_maps(table, 5, 0);
	assert_hole(table, 4);
	assert_hole(table, 6);
}

static void test_across_nodes(void **state)
{
	struct iova_table *table = *state;
	/* Across a leaf's end and a level-1 node's end. */
	u64 dfn = 512 * 512 - 700;
	u64 pfn, i;

	assert_int_equal(insert(table, dfn, 0x1000, 1400), 0);
	assert_int_equal(table->nr_mapped, 1400);
	for (i = 0; i < 1400; i++)
		assert_maps(table, dfn + i, 0x1000 + i);
	assert_hole(table, dfn - 1);
	assert_hole(table, dfn + 1400);
	assert_int_equal(vxi_iova_table_run(table, dfn, 5000, &pfn), 1400);
	assert_int_equal(pfn, 0x1000);
	assert_int_equal(vxi_iova_table_run(table, dfn + 600, 300, &pfn), 300);
	assert_int_equal(pfn, 0x1000 + 600);
}

static void test_range(void **state)
{
	struct iova_table *table = *state;

	assert_int_equal(insert(table, LAST_DFN, 1, 1), 0);
	assert_int_equal(insert(table, LAST_DFN, 1, 2), -ERANGE);
	assert_int_equal(insert(table, LAST_DFN + 1, 1, 1), -ERANGE);
	assert_int_equal(insert(table, 1, 1, ~0ULL), -ERANGE);
	assert_int_equal(table->nr_mapped, 1);
	assert_maps(table, LAST_DFN, 1);
	assert_hole(table, LAST_DFN + 1);
}

static void test_overlap_changes_nothing(void **state)
{
	struct iova_table *table = *state;

	assert_int_equal(insert(table, 600, 50, 1), 0);
	assert_int_equal(insert(table, 100, 70, 501), -EEXIST);
	assert_hole(table, 100);
	assert_hole(table, 599);
	assert_maps(table, 600, 50);
	assert_int_equal(table->nr_mapped, 1);
}

static void test_runs_split_at_pfns(void **state)
{
	struct iova_table *table = *state;
	u64 dfn = 0, pfn;

	assert_int_equal(insert(table, 10, 100, 5), 0);
	assert_int_equal(insert(table, 15, 200, 5), 0);
	assert_int_equal(insert(table, 20, 205, 5), 0);
	assert_int_equal(vxi_iova_table_run(table, 10, 15, &pfn), 5);
	assert_int_equal(vxi_iova_table_run(table, 15, 15, &pfn), 10);
	assert_int_equal(pfn, 200);

	assert_int_equal(vxi_iova_table_next(table, &dfn, &pfn), 5);
	assert_int_equal(dfn, 10);
	dfn += 5;
	assert_int_equal(vxi_iova_table_next(table, &dfn, &pfn), 10);
	assert_int_equal(dfn, 15);
	dfn += 10;
	assert_int_equal(vxi_iova_table_next(table, &dfn, &pfn), 0);
}

static void test_next_skips_far(void **state)
{
	struct iova_table *table = *state;
	u64 dfn = 1, pfn;

	assert_int_equal(insert(table, LAST_DFN - 3, 9, 2), 0);
	assert_int_equal(vxi_iova_table_next(table, &dfn, &pfn), 2);
	assert_int_equal(dfn, LAST_DFN - 3);
	assert_int_equal(pfn, 9);
}

static void test_erase_part(void **state)
{
	struct iova_table *table = *state;

	assert_int_equal(insert(table, 500, 1, 30), 0);
	vxi_iova_table_erase(table, 505, 10);
	assert_int_equal(table->nr_mapped, 20);
	assert_maps(table, 504, 5);
	assert_hole(table, 505);
	assert_hole(table, 514);
	assert_maps(table, 515, 16);
	/* Holes are passed over, and counted once. */
	vxi_iova_table_erase(table, 0, LAST_DFN + 1);
	assert_int_equal(table->nr_mapped, 0);
	assert_hole(table, 500);
	assert_int_equal(insert(table, 500, 1, 30), 0);
}

static void test_no_memory(void **state)
{
	struct iova_table *table = *state;
	u64 dfn = 512 * 512 - 1;
	unsigned int i;

	/* Two leaves need 6 nodes. Give one a try: none of them is lost. */
	for (i = 1; i < 6; i++) {
		pages_left = 1;
		assert_int_equal(insert(table, dfn, 1, 2), -ENOMEM);
		assert_hole(table, dfn);
		assert_int_equal(table->nr_mapped, 0);
		assert_int_equal(pages_used, i);
	}
	pages_left = 1;
	assert_int_equal(insert(table, dfn, 1, 2), 0);
	assert_int_equal(table->nr_nodes, 6);
}

/* What is predicted is what is allocated. */
static void test_missing(void **state)
{
	static const struct {
		u64 dfn, nr;
		unsigned long missing;
	} steps[] = {
		{ 0, 1, 4 }, /* all levels */
		{ 511, 2, 1 }, /* one more leaf */
		{ 600, 100, 0 },
		{ 1ULL << 18, 512, 2 }, /* another level-1 node */
		{ (1ULL << 27) - 1, 2, 2 + 3 }, /* two of them, and a level-2 */
		{ LAST_DFN, 1, 3 },
		{ 1ULL << 30, 1 << 18, 2 + 512 },
	};
	struct iova_table *table = *state;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		unsigned long before = table->nr_tables;

		assert_int_equal(missing(table, steps[i].dfn, steps[i].nr),
				 steps[i].missing);
		assert_int_equal(insert(table, steps[i].dfn, 1, steps[i].nr),
				 0);
		assert_int_equal(table->nr_tables - before, steps[i].missing);
		assert_int_equal(missing(table, steps[i].dfn, steps[i].nr), 0);
	}
}

static void test_dense_is_compact(void **state)
{
	struct iova_table *table = *state;
	u64 i;

	/* Of 512 MiB no two pages are neighbours: at most 8.1 bytes a page. */
	for (i = 0; i < 1 << 17; i++)
		assert_int_equal(insert(table, (1 << 20) + i,
					(i * 7) % (1 << 17), 1),
				 0);
	assert_true(table->nr_nodes * 4096.0 / (1 << 17) <= 8.1);
	assert_int_equal(table->nr_tables, table->nr_nodes);
}

/* 512 MiB in blocks of 2 MiB, not contiguous: a node at each of three levels. */
static void test_blocks_are_compact(void **state)
{
	struct iova_table *table = *state;
	u64 i, pfn;

	for (i = 0; i < 256; i++)
		assert_int_equal(
			insert(table, (1 << 20) + i * 512, i * 1024, 512), 0);
	assert_int_equal(table->nr_nodes, 3);
	/* Xen may not be able to do it that well. */
	assert_int_equal(table->nr_tables, 3 + 256);
	for (i = 0; i < 256 * 512; i += 73)
		assert_maps(table, (1 << 20) + i, i / 512 * 1024 + i % 512);
	assert_int_equal(vxi_iova_table_run(table, (1 << 20) + 5, 5000, &pfn),
			 507);
	assert_int_equal(pfn, 5);
	assert_int_equal(insert(table, (1 << 20) + 511, 0, 1), -EEXIST);

	/* Whatever comes and goes there is counted once. */
	vxi_iova_table_erase(table, 1 << 20, 256 * 512);
	assert_int_equal(table->nr_mapped, 0);
	assert_hole(table, 1 << 20);
	assert_int_equal(missing(table, 1 << 20, 256 * 512), 0);
	assert_int_equal(insert(table, 1 << 20, 9, 256 * 512), 0);
	assert_int_equal(vxi_iova_table_run(table, 1 << 20, 1 << 20, &pfn),
			 256 * 512);
	assert_int_equal(table->nr_nodes, 3);
	assert_int_equal(table->nr_tables, 3 + 256);
}

/* Also without memory: what is unmapped has to be. */
static void test_part_of_a_block(void **state)
{
	struct iova_table *table = *state;
	u64 dfn = 0, pfn;

	assert_int_equal(insert(table, 0, 1000, 1024), 0);
	assert_int_equal(table->nr_nodes, 3);
	pages_left = 0;
	vxi_iova_table_erase(table, 500, 20);
	assert_int_equal(table->nr_nodes, 5);
	assert_int_equal(table->nr_tables, 5);
	assert_int_equal(table->nr_mapped, 1004);
	assert_maps(table, 499, 1499);
	assert_hole(table, 500);
	assert_hole(table, 519);
	assert_maps(table, 520, 1520);
	assert_int_equal(vxi_iova_table_next(table, &dfn, &pfn), 500);
	dfn = 500;
	assert_int_equal(vxi_iova_table_next(table, &dfn, &pfn), 504);
	assert_int_equal(dfn, 520);
	assert_int_equal(insert(table, 500, 7, 20), 0);
	assert_maps(table, 511, 18);
}

/* Random operations against an array. */
static void test_model(void **state)
{
	enum {
		SPAN = 3000
	};
	static u64 model[SPAN]; /* pfn + 1, 0 for a hole */
	struct iova_table *table = *state;
	u64 base = (1ULL << 18) - 1500;
	unsigned int round, i;

	memset(model, 0, sizeof(model));
	srand(1);
	for (round = 0; round < 2000; round++) {
		u64 at = rand() % SPAN;
		u64 nr = 1 + rand() % (rand() % 4 ? 100 : 1300);
		u64 pfn = rand();
		bool busy = false;

		nr = min(nr, SPAN - at);
		if (rand() % 2) {
			vxi_iova_table_erase(table, base + at, nr);
			memset(&model[at], 0, nr * sizeof(model[0]));
			continue;
		}
		for (i = 0; i < nr; i++)
			busy |= model[at + i];
		assert_int_equal(insert(table, base + at, pfn, nr),
				 busy ? -EEXIST : 0);
		for (i = 0; i < nr && !busy; i++)
			model[at + i] = pfn + i + 1;
	}
	for (i = 0; i < SPAN; i++) {
		if (model[i])
			assert_maps(table, base + i, model[i] - 1);
		else
			assert_hole(table, base + i);
	}
}

/* A device's memory of 128 GiB: no table for each 2 MiB. */
static void test_large(void **state)
{
	struct iova_table *table = *state;
	struct iova_mapping map = {
		.dfn = 1ULL << 30,
		.pfn = 1ULL << 28,
		.nr = 1ULL << 25,
		.large = true,
	};
	u64 pfn;

	/* The root, one of level 2, and 128 of level 1 */
	assert_int_equal(vxi_iova_table_missing(table, &map), 130);
	assert_int_equal(vxi_iova_table_insert(table, &map), 0);
	assert_int_equal(table->nr_tables, 130);
	assert_int_equal(vxi_iova_table_run(table, map.dfn, map.nr, &pfn),
			 map.nr);
	assert_int_equal(pfn, map.pfn);
	assert_maps(table, map.dfn + 511, map.pfn + 511);
	assert_int_equal(vxi_iova_table_insert(table, &map), -EEXIST);
	assert_int_equal(insert(table, map.dfn + 7, 1, 1), -EEXIST);

	vxi_iova_table_erase(table, map.dfn, map.nr);
	assert_int_equal(table->nr_mapped, 0);
	assert_int_equal(table->nr_tables, 130);
	/* As small pages the same takes a table for each 2 MiB. */
	map.large = false;
	assert_int_equal(vxi_iova_table_missing(table, &map), 1 << 16);
}

static void test_large_has_ends(void **state)
{
	struct iova_table *table = *state;
	const struct iova_mapping map = {
		.dfn = 511,
		.pfn = 1023,
		.nr = 1 + 1024 + 3,
		.large = true,
	};

	assert_int_equal(vxi_iova_table_missing(table, &map), 3 + 2);
	assert_int_equal(vxi_iova_table_insert(table, &map), 0);
	assert_int_equal(table->nr_tables, 3 + 2);
	assert_maps(table, 512 + 1023, 1024 + 1023);
}

static void test_large_needs_alignment(void **state)
{
	struct iova_table *table = *state;
	const struct iova_mapping map = {
		.dfn = 512,
		.pfn = 1025,
		.nr = 1024,
		.large = true,
	};

	assert_int_equal(vxi_iova_table_missing(table, &map), 3 + 2);
	assert_int_equal(vxi_iova_table_insert(table, &map), 0);
	assert_int_equal(table->nr_tables, 3 + 2);
}

/* Xen splits such an entry with a table, which is known from then on. */
static void test_large_is_split(void **state)
{
	struct iova_table *table = *state;
	const struct iova_mapping map = {
		.dfn = 512,
		.pfn = 1024,
		.nr = 512,
		.large = true,
	};

	assert_int_equal(vxi_iova_table_insert(table, &map), 0);
	assert_int_equal(table->nr_tables, 3);
	vxi_iova_table_erase(table, 512, 1);
	assert_int_equal(table->nr_tables, 4);
	assert_hole(table, 512);
	assert_maps(table, 513, 1025);
	assert_maps(table, 1023, 1535);
	vxi_iova_table_erase(table, 512, 512);
	/* The table is still there, also for the same mapping. */
	assert_int_equal(vxi_iova_table_missing(table, &map), 0);
	assert_int_equal(vxi_iova_table_insert(table, &map), 0);
	assert_int_equal(table->nr_tables, 4);
	assert_maps(table, 1023, 1535);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_empty),
		TEST(test_pfn_0_is_no_hole),
		TEST(test_across_nodes),
		TEST(test_range),
		TEST(test_overlap_changes_nothing),
		TEST(test_runs_split_at_pfns),
		TEST(test_next_skips_far),
		TEST(test_erase_part),
		TEST(test_no_memory),
		TEST(test_missing),
		TEST(test_dense_is_compact),
		TEST(test_blocks_are_compact),
		TEST(test_part_of_a_block),
		TEST(test_large),
		TEST(test_large_has_ends),
		TEST(test_large_needs_alignment),
		TEST(test_large_is_split),
		TEST(test_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
