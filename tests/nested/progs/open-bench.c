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

struct cost {
	int64_t ns, calls, in_calls;	/* in_calls: the part of ns that Xen has */
};

static uint8_t *page;

/* Statistics are not read on the clock. */
static struct cost start(void)
{
	struct cost c = { .calls = xen_stat("hypercalls"), .in_calls = xen_stat("hypercall_ns") };

	c.ns = (int64_t)now_ns();
	return c;
}

static struct cost since(struct cost c)
{
	c.ns = (int64_t)now_ns() - c.ns;
	c.calls = xen_stat("hypercalls") - c.calls;
	c.in_calls = xen_stat("hypercall_ns") - c.in_calls;
	return c;
}

/* The first times have more to do, and now and then others have the processor. */
static void keep_less(struct cost *least, struct cost c)
{
	if (!least->ns || c.ns < least->ns)
		*least = c;
}

/* The device's engine takes its time: the clock stops once it has been started. */
static bool open_and_start(struct session *s, const char *sbdf, struct cost *cost)
{
	struct cost c = start();

	if (session_open(s, sbdf, VFIO_TYPE1v2_IOMMU) ||
	    container_map(&s->container, page, IOVA, PAGE, RW))
		return false;
	edu_start(&s->m.edu, IOVA, 0, PAGE, false);
	keep_less(cost, since(c));
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

static bool use_once(const char *sbdf, struct cost *opening, struct cost *closing)
{
	struct session s;
	struct cost c;
	bool good;

	pattern_fill(page, PAGE, SEED);
	if (!open_and_start(&s, sbdf, opening))
		return false;
	good = has_read(&s);
	c = start();
	session_close(&s);
	keep_less(closing, since(c));
	return good;
}

static void report(const char *name, const struct cost *c)
{
	comment("bench %s %lld", name, (long long)c->ns);
	if (xen_stat("hypercalls") < 0)
		return;
	comment("bench %s_calls %lld", name, (long long)c->calls);
	comment("bench %s_in_calls %lld", name, (long long)c->in_calls);
}

int main(int argc, char **argv)
{
	struct cost opening = { 0 }, closing = { 0 };
	unsigned int round = 0;

	if (argc != 2)
		die("usage: open-bench SBDF");
	page = pages_alloc(PAGE);
	while (round < ROUNDS && use_once(argv[1], &opening, &closing))
		round++;
	if (!ok(round == ROUNDS, "%u times: open, map, DMA, close", round))
		return tap_status();
	report("open_to_dma", &opening);
	report("close", &closing);
	return tap_status();
}
