// SPDX-License-Identifier: GPL-2.0
/*
 * Shows, for a reader, what VFIO in dom0 does: a device opened, a buffer
 * mapped, DMA out of it and into it, and DMA beside it that does not arrive.
 * Waits for a line on stdin while all is mapped.
 *
 * usage: show-dma SBDF
 */
#include <stdio.h>
#include <string.h>

#include "session.h"
#include "tap.h"
#include "util.h"

#define IOVA 0x10000ull
#define TEXT "Hello from a user-space driver in dom0"
#define KEPT "Nobody's but this process's"

#define say(...) (printf("    " __VA_ARGS__), fflush(stdout))

int main(int argc, char **argv)
{
	struct session s;
	char *page, line[8];
	int wrong = 0;

	if (argc != 2)
		die("usage: show-dma SBDF");
	session_must_open(&s, argv[1]);
	say("opened /dev/vfio/%d and %s through it; it is %s\n", s.m.group.id, argv[1],
	    edu_alive(&s.m.edu) ? "alive" : "dead");
	page = pages_alloc(3 * PAGE);
	if (container_map(&s.container, page, IOVA, 2 * PAGE, RW))
		die("nothing can be mapped");
	say("mapped two pages of this process at iova 0x%llx\n", IOVA);

	strcpy(page, TEXT);
	edu_load(&s.m.edu, IOVA, 0, EDU_MEM);
	say("page 0 holds      \"%s\"; the device reads it by DMA\n", page);
	say("page 1 holds      \"%s\"; the device writes to it by DMA\n", page + PAGE);
	edu_store(&s.m.edu, IOVA + PAGE, 0, EDU_MEM);
	say("page 1 now holds  \"%s\"\n", page + PAGE);
	wrong += strcmp(page + PAGE, TEXT) != 0;

	strcpy(page + 2 * PAGE, KEPT);
	say("page 2, not mapped, holds  \"%s\"\n", page + 2 * PAGE);
	say("the device is told to write to iova 0x%llx, just behind the mapping\n", IOVA + 2 * PAGE);
	edu_store(&s.m.edu, IOVA + 2 * PAGE, 0, EDU_MEM);
	say("page 2 still holds         \"%s\"\n", page + 2 * PAGE);
	wrong += strcmp(page + 2 * PAGE, KEPT) != 0;

	puts("ready");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		line[0] = 0;
	session_close(&s);
	say("closed\n");
	return wrong ? 1 : 0;
}
