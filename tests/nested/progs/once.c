// SPDX-License-Identifier: GPL-2.0
/*
 * One whole use of a device: open, map, DMA both ways, unmap, close.
 *
 * usage: once SBDF...
 */
#include "session.h"
#include "tap.h"
#include "util.h"

int main(int argc, char **argv)
{
	if (argc < 2)
		die("usage: once SBDF...");
	for (int i = 1; i < argc; i++)
		ok0(session_once(argv[i]), "%s: open, map, DMA, unmap, close", argv[i]);
	return tap_status();
}
