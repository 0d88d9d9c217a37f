// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps a device open, of whatever kind, until stdin ends; prints "ready" when it is.
 *
 * usage: keep-open SBDF
 */
#include <stdio.h>

#include "open.h"
#include "tap.h"
#include "util.h"

int main(int argc, char **argv)
{
	struct opened o;

	if (argc != 2)
		die("usage: keep-open SBDF");
	opened_must_open(&o, argv[1]);
	puts("ready");
	fflush(stdout);
	while (getchar() != EOF)
		;
	opened_close(&o);
	return tap_status();
}
