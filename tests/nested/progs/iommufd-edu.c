// SPDX-License-Identifier: GPL-2.0
/*
 * Two devices by their own character devices, and their address spaces in an iommufd:
 * what type1 has no ioctls for.
 *
 * usage: iommufd-edu SBDF SBDF2
 */
#include <errno.h>
#include <linux/iommufd.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cdev-edu.h"
#include "iommufd.h"
#include "session.h"
#include "tap.h"
#include "util.h"
#include "vfio_xen_iommu.h"

#define IOVA 0x100000ull
#define OTHER_IOVA 0x700000ull
#define RW_MAP (IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE)

static int fd;
static struct cdev_edu one, two;
static uint32_t near, far;	/* IOASes */
static uint8_t *memory;		/* of near at IOVA: two pages */
static uint8_t *elsewhere;	/* of far at IOVA: two pages */

/* Whether a store of the device's was stopped. */
static bool stopped(struct cdev_edu *u, uint64_t iova, uint8_t *va)
{
	pattern_fill(va, PAGE, 1);
	edu_store(&u->edu, iova, 0, STOPPED_SIZE);
	expect_fault(&u->edu, iova, true);
	return pattern_check(va, PAGE, 1) == PAGE;
}

static void works_once_it_is_bound(const char *sbdf)
{
	struct device device;
	uint32_t id;

	ok0(cdev_open(&device, sbdf), "a device is opened");
	ok(device_find_config(&device) == -EINVAL, "nothing works before it is bound");
	ok0(cdev_bind(&device, fd, &id), "it is bound to the iommufd");
	ok0(device_find_config(&device), "then it works");
	device_close(&device);
}

/* A device is for one of the two interfaces at a time. */
static void one_or_the_other(const char *sbdf)
{
	struct group group;
	struct device device;
	struct session s;
	uint32_t id;

	ok(group_open(&group, sbdf) == -EBUSY, "its group cannot be opened meanwhile");
	cdev_edu_close(&one);
	session_must_open(&s, sbdf);
	ok0(cdev_open(&device, sbdf), "while its group is in use it can be opened by itself");
	ok(cdev_bind(&device, fd, &id) == -EBUSY, "but not be bound");
	device_close(&device);
	ok0(session_check(&s, GIB(1)), "its user does not notice");
	session_close(&s);
	cdev_edu_must_open(&one, fd, sbdf);
}

static void says_what_it_is(void)
{
	struct vfio_xen_hw_info info = { 0 };
	uint32_t type;

	if (ok0(hw_info(fd, one.id, &type, &info, sizeof(info)), "hardware information") &&
	    ok(type == VFIO_XEN_HW_INFO_TYPE, "it is vfio-xen-iommu's: type 0x%x", type))
		ok(info.xen_major == 4 && info.iova_bits >= 39 && info.iova_bits <= 48,
		   "Xen %u.%u, iovas of %u bits", info.xen_major, info.xen_minor, info.iova_bits);
}

static void maps(void)
{
	struct iova_range r[8];
	int nr;

	ok0(ioas_alloc(fd, &near), "an IOAS");
	ok0(cdev_attach(&one.device, near), "the device is attached to it");
	nr = ioas_ranges(fd, near, r, ARRAY_SIZE(r));
	ok(nr >= 2 && r[0].start == 0 && r[0].last == 0xfedfffff && r[1].start == 0xfef00000,
	   "iovas are those of the IOMMU, the MSI window left out (%d ranges)", nr);
	ok(stopped(&one, IOVA, memory), "with nothing mapped, DMA is stopped");
	ok0(ioas_map(fd, near, memory, IOVA, 2 * PAGE, RW_MAP), "map two pages");
	ok(cdev_edu_reaches(&one, IOVA, memory), "DMA reaches them");
	ok(ioas_map(fd, near, memory, IOVA, PAGE, RW_MAP) == -EEXIST, "not twice at an iova");
	ok(ioas_map(fd, near, memory, 0xfee00000, PAGE, RW_MAP) == -EINVAL,
	   "nor in the MSI window");
	ok(ioas_map(fd, near, memory, GIB(2), PAGE, IOMMU_IOAS_MAP_READABLE) == -EOPNOTSUPP,
	   "nor read-only");
	ok0(cdev_attach(&two.device, near), "another device is attached");
	ok(cdev_edu_reaches(&two, IOVA, memory), "DMA of both reaches them");
	ok0(ioas_unmap(fd, near, IOVA, 2 * PAGE), "unmap");
	ok(stopped(&one, IOVA, memory) && stopped(&two, IOVA, memory), "DMA of both is stopped");
	ok0(ioas_map(fd, near, memory, IOVA, 2 * PAGE, RW_MAP), "map them again");
}

static void copies(void)
{
	ok0(ioas_alloc(fd, &far), "another IOAS");
	ok0(ioas_map(fd, far, elsewhere, IOVA, 2 * PAGE, RW_MAP), "with other memory there");
	ok0(ioas_copy(fd, far, OTHER_IOVA, near, IOVA, 2 * PAGE),
	    "and a copy of what the first has");
}

/* Where a file's memory goes by itself, no process needs to have it mapped. */
static void maps_files(void)
{
	int file = memfd_create("pages", 0);
	uint8_t *pages;
	int ret;

	if (file < 0 || ftruncate(file, 4 * PAGE))
		die("no file in memory");
	ret = ioas_map_file(fd, near, file, PAGE, OTHER_IOVA, 2 * PAGE, RW_MAP);
	if (ret == -ENOTTY) {
		skip("iommufd of this kernel has no call for it", "map two pages of a file");
	} else if (ok0(ret, "map two pages of a file")) {
		pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, PAGE);
		ok(pages != MAP_FAILED && cdev_edu_reaches(&one, OTHER_IOVA, pages),
		   "DMA reaches them");
		ok(ioas_map_file(fd, near, file, PAGE, OTHER_IOVA, PAGE, RW_MAP) == -EEXIST,
		   "not twice at an iova");
		ok0(ioas_unmap(fd, near, OTHER_IOVA, 2 * PAGE), "unmap them");
		ok(stopped(&one, OTHER_IOVA, pages), "DMA is stopped");
		munmap(pages, 2 * PAGE);
	}
	close(file);
}

static void replaces(void)
{
	ok0(cdev_attach(&one.device, far), "the one device is moved to it");
	ok(cdev_edu_reaches(&one, IOVA, elsewhere), "its DMA goes to the memory there");
	ok(cdev_edu_reaches(&one, OTHER_IOVA, memory), "and to what was copied");
	ok(cdev_edu_reaches(&two, IOVA, memory), "the other's to where it went");
	ok(stopped(&two, OTHER_IOVA, memory), "and nowhere else");
	ok0(ioas_unmap(fd, near, IOVA, 2 * PAGE), "the memory is unmapped from the first IOAS");
	ok(stopped(&two, IOVA, memory), "the other device is stopped");
	ok(cdev_edu_reaches(&one, OTHER_IOVA, memory), "the copy stays");
	ok0(cdev_detach(&one.device), "the device is detached");
	ok(stopped(&one, OTHER_IOVA, memory), "its DMA is stopped");
	ok0(cdev_attach(&one.device, far), "attached again");
	ok(cdev_edu_reaches(&one, OTHER_IOVA, memory), "it goes on");
}

static void refuses(void)
{
	struct vfio_xen_hwpt_guest nobody = { .domid = 32000 };
	uint32_t hwpt;

	ok(hwpt_alloc(fd, one.id, far, IOMMU_HWPT_ALLOC_NEST_PARENT, IOMMU_HWPT_DATA_NONE, NULL,
		      0, &hwpt) == -EOPNOTSUPP,
	   "no page table can nest others");
	ok(hwpt_alloc(fd, one.id, far, IOMMU_HWPT_ALLOC_DIRTY_TRACKING, IOMMU_HWPT_DATA_NONE, NULL,
		      0, &hwpt) == -EOPNOTSUPP,
	   "nor track what was written");
	ok(hwpt_alloc(fd, one.id, far, 0, IOMMU_HWPT_DATA_VTD_S1, &nobody, sizeof(nobody),
		      &hwpt) == -EINVAL,
	   "nor be of another IOMMU's kind");
	ok(hwpt_alloc(fd, one.id, far, 0, VFIO_XEN_HWPT_DATA_GUEST, &nobody, sizeof(nobody),
		      &hwpt) == -ESRCH,
	   "nor be a guest that is not there");
	nobody.domid = 0;
	ok(hwpt_alloc(fd, one.id, far, 0, VFIO_XEN_HWPT_DATA_GUEST, &nobody, sizeof(nobody),
		      &hwpt) == -EINVAL,
	   "nor dom0");
	ok(cdev_edu_reaches(&one, IOVA, elsewhere), "DMA goes on");
}

static void page_table_of_its_own(void)
{
	uint32_t hwpt;

	ok0(hwpt_alloc(fd, one.id, far, 0, IOMMU_HWPT_DATA_NONE, NULL, 0, &hwpt),
	    "a page table of its own for the second IOAS");
	ok0(cdev_attach(&one.device, hwpt), "the device is moved to that");
	ok(cdev_edu_reaches(&one, IOVA, elsewhere), "it maps the same");
	ok(iommufd_destroy(fd, hwpt) == -EBUSY, "it stays while the device is attached");
	ok0(cdev_attach(&one.device, far), "the device is moved back");
	ok0(iommufd_destroy(fd, hwpt), "then it can go");
	ok(cdev_edu_reaches(&one, IOVA, elsewhere), "DMA goes on");
}

int main(int argc, char **argv)
{
	if (argc != 3)
		die("usage: %s SBDF SBDF2", argv[0]);
	fd = iommufd_open();
	if (fd < 0)
		die("/dev/iommu: %s", strerror(-fd));
	memory = pages_alloc(2 * PAGE);
	elsewhere = pages_alloc(2 * PAGE);
	works_once_it_is_bound(argv[1]);
	cdev_edu_must_open(&one, fd, argv[1]);
	one_or_the_other(argv[1]);
	cdev_edu_must_open(&two, fd, argv[2]);
	says_what_it_is();
	maps();
	maps_files();
	copies();
	replaces();
	refuses();
	page_table_of_its_own();
	cdev_edu_close(&two);
	cdev_edu_close(&one);
	return tap_status();
}
