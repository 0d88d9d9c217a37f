// SPDX-License-Identifier: GPL-2.0
/*
 * Opens, maps, (now and then) does DMA, and closes, again and again: with
 * several sizes, several mappings, and with and without an unmap before.
 *
 * usage: cycles SBDF [NR]
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"
#include "tap.h"
#include "util.h"

#define BUFFER MIB(4)
#define DMA_EVERY 20

static const uint64_t sizes[] = { 0, PAGE, 3 * PAGE, KIB(64), MIB(1), MIB(2), MIB(4) };

static int cycle(const char *sbdf, unsigned int i, void *va)
{
	uint64_t size = sizes[i % ARRAY_SIZE(sizes)], iova = (1 + i % 3) * GIB(1);
	struct session s;
	int ret = session_open(&s, sbdf, VFIO_TYPE1v2_IOMMU);

	if (ret)
		return ret;
	for (uint64_t n = 0; size && n < 1 + i % 3 && !ret; n++)
		ret = container_map(&s.container, va, iova + n * BUFFER, size, RW);
	if (!ret && i % DMA_EVERY == 0)
		ret = session_check(&s, MIB(1));
	if (!ret && size && i % 2)
		ret = container_unmap(&s.container, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL, NULL);
	session_close(&s);
	return ret;
}

int main(int argc, char **argv)
{
	unsigned int nr = argc == 3 ? (unsigned int)atoi(argv[2]) : 200, i;
	void *va = pages_alloc(BUFFER);
	uint64_t start = now_ns();
	int ret = 0;

	if (argc < 2 || !nr)
		die("usage: cycles SBDF [NR]");
	for (i = 0; i < nr && !ret; i++)
		ret = cycle(argv[1], i, va);
	ok0(ret, "%u of %u open, map, close cycles", ret ? i - 1 : i, nr);
	comment("ms_per_cycle=%llu", (unsigned long long)(now_ns() - start) / nr / 1000000);
	return tap_status();
}
