// SPDX-License-Identifier: GPL-2.0
/*
 * Kills a process that opens, maps, unmaps and has DMA running, at random
 * moments; the next one works at once.
 *
 * usage: killme SBDF [NR [SEED]]
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session.h"
#include "tap.h"
#include "util.h"

#define LIFE_MAX_MS 300
#define CHECK_EVERY 10

/* Where a child was when it died, for the reader: it shows that the moments differ. */
enum stage { STARTED, OPENED, MAPPED, DMA, STAGES };
static const char *const stage_names[STAGES] = { "opening", "mapping", "starting-dma", "dma" };
static volatile int *stage;

static void live(const char *sbdf, struct rng r)
{
	struct session s;
	uint64_t size = PAGE << rng_below(&r, 11);
	uint8_t *va = pages_alloc(2 * size);

	*stage = STARTED;
	session_must_open(&s, sbdf);
	*stage = OPENED;
	if (container_map(&s.container, va, GIB(1), size, RW))
		_exit(1);
	*stage = MAPPED;
	for (;;) {
		edu_start(&s.m.edu, GIB(1) + size - PAGE, 0, EDU_MEM, rng_next(&r) & 1);
		*stage = DMA;
		if (container_map(&s.container, va + size, GIB(2), size, RW))
			_exit(2);
		if (container_unmap(&s.container, GIB(2), size, 0, NULL))
			_exit(3);
	}
}

/* True if the child lived until it was killed. */
static bool kill_one(const char *sbdf, struct rng *r, unsigned int *died_at)
{
	struct rng child = { rng_next(r) };
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("no process");
	if (!pid)
		live(sbdf, child);
	sleep_ms((unsigned int)rng_below(r, LIFE_MAX_MS));
	kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) != pid)
		die("the child is lost");
	died_at[*stage]++;
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

int main(int argc, char **argv)
{
	unsigned int nr = argc > 2 ? (unsigned int)atoi(argv[2]) : 50, died_at[STAGES] = { 0 };
	struct rng r = { argc > 3 ? strtoull(argv[3], NULL, 0) : 1 };
	unsigned int lived = 0;

	if (argc < 2)
		die("usage: killme SBDF [NR [SEED]]");
	stage = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (unsigned int i = 0; i < nr; i++) {
		lived += kill_one(argv[1], &r, died_at);
		if (i % CHECK_EVERY == CHECK_EVERY - 1)
			ok0(session_once(argv[1]), "after %u kills a fresh process works at once", i + 1);
	}
	ok(lived == nr, "%u of %u children were killed while at work", lived, nr);
	ok(died_at[DMA] > 0, "some of them had DMA running");
	for (int i = 0; i < STAGES; i++)
		comment("killed_while_%s=%u", stage_names[i], died_at[i]);
	return tap_status();
}
