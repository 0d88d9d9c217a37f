// SPDX-License-Identifier: GPL-2.0
/*
 * A program that moves on through its address space, a few pages mapped at a
 * time and far apart: page tables that it no longer needs are not held against
 * it.
 *
 * usage: sparse SBDF
 */
#include "session.h"
#include "tap.h"
#include "util.h"

#define FIRST GIB(1028)	/* above every reserved region */
#define ROUNDS 20u
#define MAPS 300u

static struct session s;

static unsigned int one_round(void *va, uint64_t start)
{
	unsigned int n;

	for (n = 0; n < MAPS; n++)
		if (container_map(&s.container, va, start + n * GIB(1), PAGE, RW))
			break;
	return n;
}

int main(int argc, char **argv)
{
	unsigned int total = 0;
	void *va;

	if (argc != 2)
		die("usage: sparse SBDF");
	session_must_open(&s, argv[1]);
	va = pages_alloc(PAGE);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		total += one_round(va, FIRST + i * MAPS * GIB(1));
		container_unmap(&s.container, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL, NULL);
	}
	ok(total == ROUNDS * MAPS, "%u of %u single pages map, %u at a time", total, ROUNDS * MAPS,
	   MAPS);
	ok0(session_check(&s, GIB(4)), "and the device works after that");
	session_close(&s);
	return tap_status();
}
