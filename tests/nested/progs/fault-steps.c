// SPDX-License-Identifier: GPL-2.0
/*
 * Makes each hypercall of each step of using a device fail in turn, and sees
 * that the device never ends up in dom0's hands with DMA on, and that the next
 * use works. Needs xen-iommu with fault injection.
 *
 * usage: fault-steps SBDF SBDF2 [ERRNO]
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inject.h"
#include "session.h"
#include "tap.h"
#include "util.h"

#define NTH_MAX 100
#define SMALL (4 * PAGE)
#define BIG KIB(64)

static const char *sbdf[2];
static uint8_t *memory;

/* What a use of two devices has got so far; steps take it from one state to the next. */
struct use {
	struct session s;
	struct member second;
	bool opened, joined;
};

static int open_device(struct use *u)
{
	int ret = session_open(&u->s, sbdf[0], VFIO_TYPE1v2_IOMMU);

	u->opened = !ret;
	return ret;
}

static int map_first(struct use *u)
{
	return container_map(&u->s.container, memory, GIB(1), SMALL, RW);
}

static int map_big(struct use *u)
{
	return container_map(&u->s.container, memory, GIB(600), BIG, RW);
}

static int join_second(struct use *u)
{
	int ret = member_open(&u->second, &u->s.container, sbdf[1], 0);

	u->joined = !ret;
	return ret;
}

static int unmap_big(struct use *u)
{
	return container_unmap(&u->s.container, GIB(600), BIG, 0, NULL);
}

static int leave_second(struct use *u)
{
	member_close(&u->second);
	u->joined = false;
	return 0;
}

static int unmap_rest(struct use *u)
{
	return container_unmap(&u->s.container, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL, NULL);
}

static int map_again(struct use *u)
{
	return map_first(u);
}

static int close_device(struct use *u)
{
	session_close(&u->s);
	u->opened = false;
	return 0;
}

static const struct step {
	const char *name;
	int (*run)(struct use *u);
} steps[] = {
	{ "open", open_device },
	{ "first map", map_first },
	{ "large map", map_big },
	{ "second device joins", join_second },
	{ "large unmap", unmap_big },
	{ "second device leaves", leave_second },
	{ "last unmap", unmap_rest },
	{ "map after that", map_again },
	{ "close", close_device },
};

static void clean_up(struct use *u)
{
	if (u->joined)
		leave_second(u);
	if (u->opened)
		close_device(u);
}

/* True if the nth hypercall of the step was reached, and failed. */
static bool fail_one(const struct step *step, int nth, bool *fine)
{
	struct use u = { .opened = false };
	bool fired = false;
	int ret = 0;

	for (const struct step *at = steps; !ret && at <= step; at++) {
		if (at == step)
			inject_nth(nth);
		ret = at->run(&u);
		if (at == step) {
			fired = inject_fired();
			inject_nth(0);
		} else if (ret) {
			comment("%s fails uninvited: %s", at->name, strerror(-ret));
			*fine = false;
		}
	}
	if (!inject_legal(sbdf[0], u.opened) || !inject_legal(sbdf[1], u.joined)) {
		comment("after hypercall %d of \"%s\" failed", nth, step->name);
		*fine = false;
	}
	clean_up(&u);
	if (!inject_legal(sbdf[0], false) || !inject_legal(sbdf[1], false)) {
		comment("after hypercall %d of \"%s\" failed, and a close", nth, step->name);
		*fine = false;
	}
	return fired;
}

static int whole_use(void)
{
	struct use u = { .opened = false };
	int ret = 0;

	for (size_t i = 0; !ret && i < ARRAY_SIZE(steps) - 1; i++)
		ret = steps[i].run(&u);
	clean_up(&u);
	return ret;
}

static void fail_each(const struct step *step)
{
	int nth, failed = 0, ret;
	bool fine = true;

	for (nth = 1; nth <= NTH_MAX; nth++) {
		if (!fail_one(step, nth, &fine))
			break;
		ret = whole_use();
		if (ret) {
			comment("the use after hypercall %d fails: %s", nth, strerror(-ret));
			failed++;
		}
	}
	ok(fine, "%s: devices are in legal hands after each of %d failures", step->name, nth - 1);
	ok(!failed, "%s: the next use works after each of them", step->name);
	ok(nth <= NTH_MAX, "%s: in the end nothing fails", step->name);
	ok(xen_stat("shell_domains") == 0, "%s: no shell domain is left", step->name);
}

/*
 * A page in each 2 MiB needs a page table of its own, so that the pool runs out
 * and has to grow: some of the calls in this range are those that grow it.
 */
#define SPARSE_PAGES 330
#define GROWTH_FIRST 225
#define GROWTH_LAST 290

static int map_sparse(struct use *u)
{
	int ret = 0;

	for (uint64_t i = 0; !ret && i < SPARSE_PAGES; i++)
		ret = container_map(&u->s.container, memory, GIB(4) + i * MIB(2), PAGE, RW);
	return ret;
}

static void fail_growth(void)
{
	static const struct step sparse[] = { { "open", open_device }, { "sparse map", map_sparse } };
	int nth, fired = 0, failed = 0;
	struct use u;

	for (nth = GROWTH_FIRST; nth <= GROWTH_LAST; nth++) {
		u = (struct use){ .opened = false };
		if (sparse[0].run(&u))
			break;
		inject_nth(nth);
		sparse[1].run(&u);
		fired += inject_fired();
		inject_nth(0);
		failed += !inject_legal(sbdf[0], true);
		clean_up(&u);
		failed += !inject_legal(sbdf[0], false);
		if (nth % 10 == 0)
			failed += whole_use() != 0;
	}
	ok(fired == GROWTH_LAST - GROWTH_FIRST + 1, "growing page tables: %d failures", fired);
	ok(!failed, "growing page tables: legal hands, and the next use works");
	ok(xen_stat("shell_domains") == 0, "growing page tables: no shell domain is left");
}

int main(int argc, char **argv)
{
	if (argc < 3)
		die("usage: fault-steps SBDF SBDF2 [ERRNO]");
	sbdf[0] = argv[1];
	sbdf[1] = argv[2];
	memory = pages_alloc(BIG);
	inject_errno(argc > 3 ? atoi(argv[3]) : ENOMEM);
	ok0(whole_use(), "a whole use works");
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		fail_each(&steps[i]);
	fail_growth();
	return tap_status();
}
