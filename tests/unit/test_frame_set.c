// SPDX-License-Identifier: GPL-2.0
/*
 * Frame sets: a frame counts once, however often it is added.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "frame_set.h"

/* Frames of one bitmap, and the words of it */
#define PAGE_FRAMES 32768
#define WORD 64

bool xa_fails;

static int pages_left = -1;
static int pages;

void *pure_alloc_page(void)
{
	if (!pages_left)
		return NULL;
	pages_left -= pages_left > 0;
	pages++;
	return calloc(1, 4096);
}

void pure_free_page(void *page)
{
	pages--;
	free(page);
}

static int set_up(void **state)
{
	static struct frame_set set;

	vxi_frame_set_init(&set);
	pages_left = -1;
	*state = &set;
	return 0;
}

static int tear_down(void **state)
{
	vxi_frame_set_free(*state);
	return pages;
}

static void add(struct frame_set *set, u64 pfn, u64 nr)
{
	assert_int_equal(vxi_frame_set_reserve(set, pfn, nr), 0);
	vxi_frame_set_add(set, pfn, nr);
	assert_int_equal(vxi_frame_set_missing(set, pfn, nr), 0);
}

static void test_empty(void **state)
{
	struct frame_set *set = *state;

	assert_int_equal(set->nr, 0);
	assert_int_equal(vxi_frame_set_missing(set, 5, 10), 10);
	vxi_frame_set_remove(set, 5, 10);
	assert_int_equal(set->nr, 0);
	assert_int_equal(pages, 0);
}

static void test_frame_counts_once(void **state)
{
	struct frame_set *set = *state;

	add(set, 1000, 1);
	add(set, 1000, 1);
	assert_int_equal(set->nr, 1);
	add(set, 998, 5);
	assert_int_equal(set->nr, 5);
	assert_int_equal(vxi_frame_set_missing(set, 990, 20), 15);
}

/* The set must not have more than is pinned; it may have less. */
static void test_frame_leaves_once(void **state)
{
	struct frame_set *set = *state;

	add(set, 7, 2);
	add(set, 7, 2);
	vxi_frame_set_remove(set, 7, 2);
	assert_int_equal(set->nr, 0);
	vxi_frame_set_remove(set, 7, 2);
	assert_int_equal(set->nr, 0);
}

static void test_neighbours_stay(void **state)
{
	struct frame_set *set = *state;

	add(set, 0, 3 * WORD);
	vxi_frame_set_remove(set, WORD - 1, WORD + 2);
	assert_int_equal(set->nr, 2 * WORD - 2);
	assert_int_equal(vxi_frame_set_missing(set, 0, WORD - 1), 0);
	assert_int_equal(vxi_frame_set_missing(set, WORD - 1, WORD + 2),
			 WORD + 2);
	assert_int_equal(vxi_frame_set_missing(set, 2 * WORD + 1, WORD - 1), 0);
}

static void test_whole_words(void **state)
{
	struct frame_set *set = *state;

	add(set, WORD, WORD);
	assert_int_equal(set->nr, WORD);
	assert_int_equal(vxi_frame_set_missing(set, WORD - 1, 1), 1);
	assert_int_equal(vxi_frame_set_missing(set, 2 * WORD, 1), 1);
}

static void test_across_bitmaps(void **state)
{
	struct frame_set *set = *state;

	add(set, PAGE_FRAMES - 3, PAGE_FRAMES + 6);
	assert_int_equal(pages, 3);
	assert_int_equal(set->nr, PAGE_FRAMES + 6);
	assert_int_equal(vxi_frame_set_missing(set, 0, PAGE_FRAMES),
			 PAGE_FRAMES - 3);
	vxi_frame_set_remove(set, 0, 3 * PAGE_FRAMES);
	assert_int_equal(set->nr, 0);
}

/* More bitmaps than the set remembers */
static void test_bitmaps_in_turn(void **state)
{
	const u64 nr = FRAME_SET_RECENT + 2;
	struct frame_set *set = *state;

	for (u64 i = 0; i < 2 * nr; i++)
		add(set, i % nr * PAGE_FRAMES + 7, 1);
	assert_int_equal(set->nr, nr);
	for (u64 i = 0; i < nr; i++) {
		vxi_frame_set_remove(set, i * PAGE_FRAMES + 6, 1);
		vxi_frame_set_remove(set, i * PAGE_FRAMES + 7, 1);
		assert_int_equal(set->nr, nr - 1 - i);
	}
}

static void test_no_memory(void **state)
{
	struct frame_set *set = *state;

	pages_left = 1;
	assert_int_equal(vxi_frame_set_reserve(set, 0, PAGE_FRAMES + 1),
			 -ENOMEM);
	assert_int_equal(set->nr, 0);
	add(set, 0, PAGE_FRAMES);
	xa_fails = true;
	pages_left = -1;
	assert_int_equal(vxi_frame_set_reserve(set, PAGE_FRAMES, 1), -ENOMEM);
	xa_fails = false;
	assert_int_equal(pages, 1);
	assert_int_equal(set->nr, PAGE_FRAMES);
}

static void test_freed_set_can_be_used(void **state)
{
	struct frame_set *set = *state;

	add(set, 42, 1);
	vxi_frame_set_free(set);
	assert_int_equal(set->nr, 0);
	assert_int_equal(pages, 0);
	add(set, 42, 1);
	assert_int_equal(set->nr, 1);
}

/* Against one byte a frame */
#define MODEL_FRAMES (2 * PAGE_FRAMES)

static void test_random(void **state)
{
	static u8 model[MODEL_FRAMES];
	struct frame_set *set = *state;
	unsigned int seed = 1;

	for (int i = 0; i < 3000; i++) {
		u64 pfn = (u64)rand_r(&seed) % MODEL_FRAMES;
		u64 nr = 1 + (u64)rand_r(&seed) % 300;
		bool yes = rand_r(&seed) % 2;
		u64 missing = 0;

		nr = min(nr, MODEL_FRAMES - pfn);
		for (u64 j = pfn; j < pfn + nr; j++)
			missing += !model[j];
		assert_int_equal(vxi_frame_set_missing(set, pfn, nr), missing);
		if (yes)
			add(set, pfn, nr);
		else
			vxi_frame_set_remove(set, pfn, nr);
		memset(model + pfn, yes, nr);
	}
	for (u64 j = 0; j < MODEL_FRAMES; j++)
		set->nr -= model[j];
	assert_int_equal(set->nr, 0);
}

#define with_set(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_set(test_empty),
		with_set(test_frame_counts_once),
		with_set(test_frame_leaves_once),
		with_set(test_neighbours_stay),
		with_set(test_whole_words),
		with_set(test_across_bitmaps),
		with_set(test_bitmaps_in_turn),
		with_set(test_no_memory),
		with_set(test_freed_set_can_be_used),
		with_set(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
