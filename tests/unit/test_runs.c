// SPDX-License-Identifier: GPL-2.0
/*
 * Splitting pfn ranges into runs, and Xen's partial answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runs.h"

/* What the p2m has for pfns 0, 1, ... */
static const u64 *frames;

static u64 lookup(u64 pfn)
{
	return frames[pfn];
}

static void test_run_length(void **state)
{
	static const u64 p2m[] = {
		10,
		11,
		12, /* contiguous */
		5, /* backwards */
		20,
		20, /* the same frame twice */
		FRAME_INVALID,
		FRAME_INVALID, /* holes go together */
		FRAME_MMIO | 30,
		FRAME_MMIO | 31,
		32,
		33, /* RAM after MMIO */
	};
	static const u64 want[] = { 3, 1, 1, 1, 2, 2, 2 };
	u64 pfn = 0, frame;
	unsigned int i;

	(void)state;
	frames = p2m;
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		u64 nr = vxi_run_length(pfn, ARRAY_SIZE(p2m) - pfn, lookup,
					&frame);

		assert_int_equal(nr, want[i]);
		assert_int_equal(frame, p2m[pfn]);
		pfn += nr;
	}
	assert_int_equal(pfn, ARRAY_SIZE(p2m));
}

static void test_run_length_is_limited(void **state)
{
	static const u64 p2m[] = { 1, 2, 3 };
	u64 frame;

	(void)state;
	frames = p2m;
	assert_int_equal(vxi_run_length(0, 2, lookup, &frame), 2);
	assert_int_equal(vxi_run_length(2, 1, lookup, &frame), 1);
}

/* A Xen that answers from a script, and checks what it is asked for. */
struct script {
	const long *answers;
	unsigned int nr_calls;
	u64 dfn;
	u64 mfn;
	u64 left;
};

static long answer(void *ctx, u64 dfn, u64 mfn, u64 nr)
{
	struct script *script = ctx;
	long ret = script->answers[script->nr_calls++];

	assert_int_equal(dfn, script->dfn);
	assert_int_equal(mfn, script->mfn);
	assert_int_equal(nr, script->left);
	if (ret > 0) {
		script->dfn += ret;
		script->mfn += ret;
		script->left -= ret;
	}
	return ret;
}

static unsigned int nr_resched;

void cond_resched(void)
{
	nr_resched++;
}

static int play(const long *answers, u64 nr, u64 *done, unsigned int *calls)
{
	struct script script = {
		.answers = answers,
		.dfn = 7,
		.mfn = 1000,
		.left = nr,
	};
	int ret = vxi_run_issue(answer, &script, 7, 1000, nr, done);

	*calls = script.nr_calls;
	return ret;
}

static void test_whole(void **state)
{
	unsigned int calls;
	u64 done;

	(void)state;
	assert_int_equal(play((long[]){ 0 }, 512, &done, &calls), 0);
	assert_int_equal(done, 512);
	assert_int_equal(calls, 1);
}

static void test_partial_counts(void **state)
{
	unsigned int calls;
	u64 done;

	(void)state;
	assert_int_equal(play((long[]){ 64, 64, 1, 0 }, 200, &done, &calls), 0);
	assert_int_equal(done, 200);
	assert_int_equal(calls, 4);
}

/* Other tasks have their turn however many calls a run takes. */
static void test_lets_others_run(void **state)
{
	unsigned int calls;
	u64 done;

	(void)state;
	nr_resched = 0;
	assert_int_equal(play((long[]){ 64, 64, 1, 0 }, 200, &done, &calls), 0);
	assert_int_equal(nr_resched, calls);
}

static void test_error_keeps_what_is_done(void **state)
{
	unsigned int calls;
	u64 done;

	(void)state;
	assert_int_equal(play((long[]){ 64, -ENOMEM }, 200, &done, &calls),
			 -ENOMEM);
	assert_int_equal(done, 64);
	assert_int_equal(play((long[]){ -EPERM }, 200, &done, &calls), -EPERM);
	assert_int_equal(done, 0);
}

static void test_impossible_answers(void **state)
{
	unsigned int calls;
	u64 done;

	(void)state;
	assert_int_equal(play((long[]){ 8 }, 8, &done, &calls), -EIO);
	assert_int_equal(done, 0);
	assert_int_equal(play((long[]){ 4, 5 }, 8, &done, &calls), -EIO);
	assert_int_equal(done, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_run_length),
		cmocka_unit_test(test_run_length_is_limited),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_partial_counts),
		cmocka_unit_test(test_lets_others_run),
		cmocka_unit_test(test_error_keeps_what_is_done),
		cmocka_unit_test(test_impossible_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
