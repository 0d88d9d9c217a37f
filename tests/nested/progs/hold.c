// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps a device open with memory mapped and DMA running, until stdin ends or
 * SIGTERM comes; prints "ready" when it has begun.
 *
 * usage: hold SBDF [MIB]
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"
#include "tap.h"
#include "util.h"

#define IOVA GIB(1)

static volatile sig_atomic_t stop;

static void on_term(int sig)
{
	(void)sig;
	stop = 1;
}

static bool stdin_ended(void)
{
	struct pollfd p = { .fd = 0, .events = POLLIN };
	char c;

	return poll(&p, 1, 0) > 0 && fread(&c, 1, 1, stdin) != 1;
}

int main(int argc, char **argv)
{
	uint64_t size = MIB(argc > 2 ? strtoull(argv[2], NULL, 0) : 4);
	unsigned int rounds = 0, bad = 0;
	struct session s;
	uint8_t *va;

	if (argc < 2 || size < 2 * PAGE)
		die("usage: hold SBDF [MIB]");
	signal(SIGTERM, on_term);
	session_must_open(&s, argv[1]);
	va = pages_alloc(size);
	if (!ok0(container_map(&s.container, va, IOVA, size, RW), "map"))
		return 1;
	puts("ready");
	fflush(stdout);
	while (!stop && !stdin_ended()) {
		pattern_fill(va, PAGE, rounds);
		memset(va + size - PAGE, 0, PAGE);
		bad += edu_copy(&s.m.edu, IOVA, IOVA + size - PAGE, EDU_MEM) ||
		       pattern_check(va + size - PAGE, PAGE, rounds) != PAGE;
		rounds++;
	}
	ok(rounds && !bad, "%s copied %u of %u pages right", argv[1], rounds - bad, rounds);
	session_close(&s);
	return tap_status();
}
