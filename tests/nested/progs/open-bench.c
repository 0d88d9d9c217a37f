// SPDX-License-Identifier: GPL-2.0
/*
 * What it costs to open a device, up to its first DMA, and to close it, as lines
 * "# bench NAME VALUE". Time is instructions where QEMU counts them (-icount).
 *
 * usage: open-bench SBDF
 */
#include <string.h>

#include "session.h"
#include "tap.h"
#include "util.h"

#define IOVA GIB(1)
#define ROUNDS 9
#define SEED 1

enum { OPEN, OPEN_CALLS, CLOSE, CLOSE_CALLS, NR_FIGURES };

static const char * const names[NR_FIGURES] = {
	[OPEN] = "open_to_dma",
	[OPEN_CALLS] = "open_to_dma_calls",
	[CLOSE] = "close",
	[CLOSE_CALLS] = "close_calls",
};

static int64_t figures[NR_FIGURES][ROUNDS];
static uint8_t *page;

/* The device's engine takes its time: the clock stops once it has been started. */
static bool open_and_start(struct session *s, const char *sbdf, unsigned int round)
{
	int64_t calls = xen_stat("hypercalls");
	uint64_t start = now_ns();

	if (session_open(s, sbdf, VFIO_TYPE1v2_IOMMU) ||
	    container_map(&s->container, page, IOVA, PAGE, RW))
		return false;
	edu_start(&s->m.edu, IOVA, 0, PAGE, false);
	figures[OPEN][round] = (int64_t)(now_ns() - start);
	figures[OPEN_CALLS][round] = xen_stat("hypercalls") - calls;
	return true;
}

/* What the device has read comes back from it. */
static bool has_read(struct session *s)
{
	if (edu_wait(&s->m.edu))
		return false;
	memset(page, 0, PAGE);
	return !edu_store(&s->m.edu, IOVA, 0, PAGE) && pattern_check(page, PAGE, SEED) == PAGE;
}

static void close_device(struct session *s, unsigned int round)
{
	int64_t calls = xen_stat("hypercalls");
	uint64_t start = now_ns();

	session_close(s);
	figures[CLOSE][round] = (int64_t)(now_ns() - start);
	figures[CLOSE_CALLS][round] = xen_stat("hypercalls") - calls;
}

static bool use_once(const char *sbdf, unsigned int round)
{
	struct session s;
	bool good;

	pattern_fill(page, PAGE, SEED);
	if (!open_and_start(&s, sbdf, round))
		return false;
	good = has_read(&s);
	close_device(&s, round);
	return good;
}

/* The least, as the first few have more to do, and now and then others have the processor. */
static int64_t least(const int64_t *of)
{
	int64_t value = *of;

	for (unsigned int i = 1; i < ROUNDS; i++)
		value = of[i] < value ? of[i] : value;
	return value;
}

static void report(void)
{
	bool on_xen = xen_stat("hypercalls") >= 0;

	for (unsigned int i = 0; i < NR_FIGURES; i++)
		if (on_xen || (i != OPEN_CALLS && i != CLOSE_CALLS))
			comment("bench %s %lld", names[i], (long long)least(figures[i]));
}

int main(int argc, char **argv)
{
	unsigned int round = 0;

	if (argc != 2)
		die("usage: open-bench SBDF");
	page = pages_alloc(PAGE);
	while (round < ROUNDS && use_once(argv[1], round))
		round++;
	if (ok(round == ROUNDS, "%u times: open, map, DMA, close", round))
		report();
	return tap_status();
}
