// SPDX-License-Identifier: GPL-2.0
/*
 * Several threads map and unmap ranges of their own while DMA runs through
 * another mapping of the same container. Another edu joins and leaves it meanwhile.
 *
 * usage: threads SBDF [SECONDS [SEED [OTHER]]]
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"
#include "tap.h"
#include "util.h"

#define NR_THREADS 4
#define BUFFER MIB(2)
#define IOVA MIB(1)

struct worker {
	pthread_t thread;
	unsigned int index;
	struct rng rng;
	unsigned long maps;
	int error;
};

static struct session s;
static atomic_bool stop;

/* Each thread has 16 GiB of iovas: no two touch one another's. */
static int map_some(struct worker *w, uint8_t *va)
{
	uint64_t base = GIB(16) * (w->index + 1), iova, size;
	int ret;

	size = PAGE * (1 + rng_below(&w->rng, BUFFER / PAGE));
	iova = base + PAGE * rng_below(&w->rng, GIB(1) / PAGE);
	ret = container_map(&s.container, va, iova, size, RW);
	if (ret)
		return ret;
	w->maps++;
	return container_unmap(&s.container, iova, size, 0, NULL);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	uint8_t *va = pages_alloc(BUFFER);

	while (!stop && !w->error)
		w->error = map_some(w, va);
	pages_free(va, BUFFER);
	return NULL;
}

/* The other edu, which comes into mappings that change, and does DMA through one. */
struct visitor {
	pthread_t thread;
	const char *sbdf;
	unsigned long visits;
	int error;
};

static void *visit(void *arg)
{
	struct visitor *v = arg;
	struct member m;

	while (!stop && !v->error) {
		v->error = member_open(&m, &s.container, v->sbdf, 0);
		if (v->error)
			break;
		v->error = edu_load(&m.edu, IOVA, 0, EDU_MEM);
		member_close(&m);
		v->visits++;
	}
	return NULL;
}

static void visits_start(struct visitor *v)
{
	if (v->sbdf && pthread_create(&v->thread, NULL, visit, v))
		die("no thread");
}

static void visits_end(struct visitor *v)
{
	if (!v->sbdf)
		return;
	pthread_join(v->thread, NULL);
	ok0(v->error, "%s joined and left", v->sbdf);
	ok(v->visits > 1, "%s did so %lu times", v->sbdf, v->visits);
}

static void dma_meanwhile(uint8_t *buf, unsigned int seconds)
{
	uint64_t end = now_ns() + seconds * 1000000000ull;
	unsigned int rounds = 0, bad = 0;

	for (; now_ns() < end; rounds++) {
		pattern_fill(buf, PAGE, rounds);
		memset(buf + PAGE, 0, PAGE);
		if (edu_copy(&s.m.edu, IOVA, IOVA + PAGE, EDU_MEM) ||
		    pattern_check(buf + PAGE, PAGE, rounds) != PAGE)
			bad++;
	}
	ok(rounds && !bad, "%u of %u pages copied meanwhile are right", rounds - bad, rounds);
}

int main(int argc, char **argv)
{
	unsigned int seconds = argc > 2 ? (unsigned int)atoi(argv[2]) : 5;
	uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 0) : 1;
	struct visitor v = { .sbdf = argc > 4 ? argv[4] : NULL };
	struct worker w[NR_THREADS];
	uint8_t *buf;

	if (argc < 2)
		die("usage: threads SBDF [SECONDS [SEED [OTHER]]]");
	session_must_open(&s, argv[1]);
	buf = pages_alloc(2 * PAGE);
	ok0(container_map(&s.container, buf, IOVA, 2 * PAGE, RW), "map two pages for DMA");
	for (unsigned int i = 0; i < NR_THREADS; i++) {
		w[i] = (struct worker){ .index = i, .rng = { seed + i } };
		if (pthread_create(&w[i].thread, NULL, work, &w[i]))
			die("no thread");
	}
	visits_start(&v);
	dma_meanwhile(buf, seconds);
	stop = true;
	visits_end(&v);
	for (unsigned int i = 0; i < NR_THREADS; i++) {
		pthread_join(w[i].thread, NULL);
		ok0(w[i].error, "thread %u mapped and unmapped", i);
		ok(w[i].maps > 1, "thread %u did so %lu times", i, w[i].maps);
	}
	session_close(&s);
	return tap_status();
}
