// SPDX-License-Identifier: GPL-2.0
/*
 * Uses up the memory that Xen has for page tables: one page of ours, mapped at
 * each GiB, costs page tables every time.
 *
 * usage: exhaust SBDF
 */
#include <errno.h>
#include <string.h>

#include "session.h"
#include "tap.h"
#include "util.h"

#define FIRST GIB(1028)	/* above every reserved region */
#define STRIDE GIB(1)
#define MAX_MAPS 30000u

static struct session s;

/* All map the same page, so it has to be changed between writing and reading. */
static bool works(uint8_t *va, uint64_t iova)
{
	pattern_fill(va, PAGE, iova);
	if (edu_load(&s.m.edu, iova, 0, EDU_MEM))
		return false;
	memset(va, 0, PAGE);
	return !edu_store(&s.m.edu, iova, 0, EDU_MEM) && pattern_check(va, PAGE, iova) == PAGE;
}

static unsigned int map_until_refused(void *va, int *error)
{
	unsigned int n;

	*error = 0;
	for (n = 0; n < MAX_MAPS && !*error; n++)
		*error = container_map(&s.container, va, FIRST + n * STRIDE, PAGE, RW);
	return n - 1;
}

int main(int argc, char **argv)
{
	unsigned int n;
	uint8_t *va;
	int error;

	if (argc != 2)
		die("usage: exhaust SBDF");
	session_must_open(&s, argv[1]);
	va = pages_alloc(PAGE);

	n = map_until_refused(va, &error);
	ok(error == -ENOMEM, "map %u is refused: %s", n, strerror(-error));
	ok(n > 100, "after more than 100");
	xen_stats_comment("exhausted");

	ok(works(va, FIRST), "the first mapping works");
	ok(works(va, FIRST + (n - 1) * STRIDE), "so does the last that was made");
	expect_fault(&s.m.edu, FIRST + n * STRIDE, true);
	edu_store(&s.m.edu, FIRST + n * STRIDE, 0, STOPPED_SIZE);
	ok0(container_unmap(&s.container, FIRST, PAGE, 0, NULL), "the first unmaps");
	ok0(container_map(&s.container, va, FIRST, PAGE, RW), "and maps again");
	ok(works(va, FIRST), "and works");
	session_close(&s);
	return tap_status();
}
