// SPDX-License-Identifier: GPL-2.0
/*
 * One whole use of a device: open, map, DMA both ways, unmap, close.
 *
 * usage: once SBDF...
 */
#include "session.h"
#include "tap.h"
#include "util.h"

static int use(const char *sbdf)
{
	struct session s;
	int ret = session_open(&s, sbdf, VFIO_TYPE1v2_IOMMU);

	if (ret)
		return ret;
	ret = session_check(&s, GIB(1));
	session_close(&s);
	return ret;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		die("usage: once SBDF...");
	for (int i = 1; i < argc; i++)
		ok0(use(argv[i]), "%s: open, map, DMA, unmap, close", argv[i]);
	return tap_status();
}
