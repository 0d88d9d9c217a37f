// SPDX-License-Identifier: GPL-2.0
/*
 * Makes each hypercall of each step of using a device fail in turn, and sees
 * that the device never ends up in dom0's hands with DMA on, and that the next
 * use works. Needs vfio-xen-iommu with fault injection.
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

#define SMALL (4 * PAGE)
#define BIG KIB(64)

static const char *sbdf[2];
static uint8_t *memory;

/* What a use of two devices has got so far; steps take it from one state to the next. */
static struct session s;
static struct member second;
static bool opened, joined;

static int open_device(void)
{
	int ret = session_open(&s, sbdf[0], VFIO_TYPE1v2_IOMMU);

	opened = !ret;
	return ret;
}

static int map_first(void)
{
	return container_map(&s.container, memory, GIB(1), SMALL, RW);
}

static int map_big(void)
{
	return container_map(&s.container, memory, GIB(600), BIG, RW);
}

static int join_second(void)
{
	int ret = member_open(&second, &s.container, sbdf[1], 0);

	joined = !ret;
	return ret;
}

static int unmap_big(void)
{
	return container_unmap(&s.container, GIB(600), BIG, 0, NULL);
}

static int leave_second(void)
{
	member_close(&second);
	joined = false;
	return 0;
}

static int unmap_rest(void)
{
	return container_unmap(&s.container, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL, NULL);
}

static int map_again(void)
{
	return map_first();
}

static int close_device(void)
{
	session_close(&s);
	opened = false;
	return 0;
}

static const struct inject_step steps[] = {
	{ "open", open_device, false },	     { "first map", map_first, false },
	{ "large map", map_big, false },     { "second device joins", join_second, false },
	{ "large unmap", unmap_big, false }, { "second device leaves", leave_second, false },
	{ "last unmap", unmap_rest, false }, { "map after that", map_again, false },
	{ "close", close_device, false },
};

static void clean_up(void)
{
	if (joined)
		leave_second();
	if (opened)
		close_device();
}

static bool legal(void)
{
	return inject_legal(sbdf[0], opened) & inject_legal(sbdf[1], joined);
}

static int next_use(void)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < ARRAY_SIZE(steps) - 1; i++)
		ret = steps[i].run();
	clean_up();
	return ret ? ret : xen_stat("shell_domains") ? -EBUSY : 0;
}

/*
 * A page in each 2 MiB needs a page table of its own, so that the pool runs out
 * and has to grow: some of the calls in this range are those that grow it.
 */
#define SPARSE_PAGES 330
#define GROWTH_FIRST 225
#define GROWTH_LAST 290

static int map_sparse(void)
{
	int ret = 0;

	for (uint64_t i = 0; !ret && i < SPARSE_PAGES; i++)
		ret = container_map(&s.container, memory, GIB(4) + i * MIB(2), PAGE, RW);
	return ret;
}

static void fail_growth(void)
{
	int nth, fired = 0, failed = 0;

	for (nth = GROWTH_FIRST; nth <= GROWTH_LAST; nth++) {
		if (open_device())
			break;
		inject_nth(nth);
		map_sparse();
		fired += inject_fired();
		inject_nth(0);
		failed += !legal();
		clean_up();
		failed += !legal();
		if (nth % 10 == 0)
			failed += next_use() != 0;
	}
	ok(fired == GROWTH_LAST - GROWTH_FIRST + 1, "growing page tables: %d failures", fired);
	ok(!failed, "growing page tables: legal hands, and the next use works");
	ok(xen_stat("shell_domains") == 0, "growing page tables: no shell domain is left");
}

int main(int argc, char **argv)
{
	const struct inject_use use = {
		.steps = steps,
		.nr_steps = ARRAY_SIZE(steps),
		.legal = legal,
		.close = clean_up,
		.next_use = next_use,
	};

	if (argc < 3)
		die("usage: fault-steps SBDF SBDF2 [ERRNO]");
	sbdf[0] = argv[1];
	sbdf[1] = argv[2];
	memory = pages_alloc(BIG);
	inject_errno(argc > 3 ? atoi(argv[3]) : ENOMEM);
	inject_each(&use);
	fail_growth();
	return tap_status();
}
