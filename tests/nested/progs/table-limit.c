// SPDX-License-Identifier: GPL-2.0
/*
 * Copies of a mapping in an iommufd pin nothing, so they give no right to page tables.
 *
 * usage: table-limit SBDF
 */
#include <errno.h>
#include <linux/iommufd.h>
#include <string.h>

#include "cdev-edu.h"
#include "iommufd.h"
#include "tap.h"
#include "util.h"

#define FIRST GIB(1028)	/* above every reserved region */
#define STRIDE GIB(1)	/* at which a page takes two page tables of its own */
#define RW_MAP (IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE)

/* The page tables that an address space may have beside one for each page */
#define SPARE_TABLES 4096
#define PINNED 256u

static int fd;
static uint32_t ioas;
static unsigned int nr_copies;

static int copy_once(void)
{
	int ret = ioas_copy(fd, ioas, FIRST + nr_copies * STRIDE, ioas, MIB(1), PAGE);

	nr_copies += !ret;
	return ret;
}

static int copy_until_refused(unsigned int max)
{
	int ret = 0;

	for (unsigned int i = 0; i < max && !ret; i++)
		ret = copy_once();
	return ret;
}

static void is_limited(void)
{
	int ret = copy_until_refused(SPARE_TABLES / 2 + PINNED);

	ok(ret == -ENOMEM, "copies of a page are refused in the end: %s", strerror(-ret));
	ok(nr_copies > SPARE_TABLES / 2 - 100 && nr_copies < SPARE_TABLES / 2,
	   "after %u, which have all the page tables that come with no page", nr_copies);
}

/* Each page that is pinned gives one page table. */
static void grows_with_what_is_pinned(void)
{
	unsigned int before = nr_copies;
	void *memory = pages_alloc(PINNED * PAGE);

	ok0(ioas_map(fd, ioas, memory, MIB(4), PINNED * PAGE, RW_MAP), "map %u other pages",
	    PINNED);
	ok(copy_until_refused(PINNED) == -ENOMEM, "copies are refused again");
	ok(nr_copies - before > PINNED / 2 - 10 && nr_copies - before <= PINNED / 2,
	   "after %u more", nr_copies - before);
}

int main(int argc, char **argv)
{
	struct cdev_edu u;
	uint8_t *memory;

	if (argc != 2)
		die("usage: table-limit SBDF");
	fd = iommufd_open();
	if (fd < 0)
		die("/dev/iommu: %s", strerror(-fd));
	memory = pages_alloc(2 * PAGE);
	cdev_edu_must_open(&u, fd, argv[1]);
	if (ioas_alloc(fd, &ioas) || cdev_attach(&u.device, ioas))
		die("no address space");
	ok0(ioas_map(fd, ioas, memory, MIB(1), 2 * PAGE, RW_MAP), "map two pages");
	is_limited();
	grows_with_what_is_pinned();
	ok(cdev_edu_reaches(&u, MIB(1), memory), "the device works");
	cdev_edu_close(&u);
	return tap_status();
}
