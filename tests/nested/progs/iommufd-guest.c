// SPDX-License-Identifier: GPL-2.0
/*
 * A guest as the page table that an iommufd gives a device.
 *
 * usage: iommufd-guest SBDF SBDF2 DOMID UUID	of an HVM guest that is paused
 */
#include <errno.h>
#include <linux/iommufd.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cdev-edu.h"
#include "iommufd.h"
#include "irq.h"
#include "owner.h"
#include "tap.h"
#include "target.h"
#include "util.h"
#include "vfio_xen_iommu.h"

#define IOVA 0x100000ull
#define GUEST_RAM MIB(32)
/* Nothing of a small guest is there. */
#define FREE_GADDR GIB(3)
#define NOBODY 65534
#define RW_MAP (IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE)

static int fd;
static struct cdev_edu one, two;
static uint32_t ram, empty, guest;	/* two IOASes and a page table */
static uint8_t *memory;			/* of ram at IOVA: two pages */
static struct vfio_xen_hwpt_guest want;

static bool reaches(struct cdev_edu *u)
{
	return cdev_edu_reaches(u, IOVA, memory);
}

static int alloc_guest(uint32_t ioas, uint32_t *hwpt)
{
	return hwpt_alloc(fd, one.id, ioas, 0, VFIO_XEN_HWPT_DATA_GUEST, &want, sizeof(want),
			  hwpt);
}

static int alloc_as_nobody(void)
{
	uint32_t hwpt;
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child)
		_exit(setuid(NOBODY) ? EDOM : -alloc_guest(empty, &hwpt));
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		die("no child");
	return -WEXITSTATUS(status);
}

static void allocates(void)
{
	uint32_t hwpt;

	ok(alloc_guest(ram, &hwpt) == -EPERM, "not for an IOAS that maps memory of dom0");
	ok(alloc_as_nobody() == -EPERM, "not without CAP_SYS_ADMIN");
	want.handle[0] ^= 1;
	ok(alloc_guest(empty, &hwpt) == -ESRCH, "not if the UUID is another's");
	want.handle[0] ^= 1;
	want.flags = ~(uint32_t)VFIO_XEN_GUEST_RDM_STRICT;
	ok(alloc_guest(empty, &hwpt) == -EINVAL, "not with unknown flags");
	want.flags = 0;
	ok0(alloc_guest(empty, &guest), "a page table that is the guest");
	ok(ioas_map(fd, empty, memory, IOVA, PAGE, RW_MAP) == -EPERM,
	   "its IOAS maps no memory of dom0");
}

/* Its vectors would be the guest's, and their handlers dom0's. */
static void stays_with_its_interrupts(void)
{
	int fd_irq;

	ok0(irq_enable(&one.device, VFIO_PCI_MSI_IRQ_INDEX, 0, 1, &fd_irq), "MSI by an eventfd");
	ok(cdev_attach(&one.device, guest) == -EBUSY,
	   "a device with MSI enabled is not moved to the guest");
	ok(owner_is(one.device.sbdf, "shell"), "it is where it was");
	ok(reaches(&one), "and reaches the memory there");
	edu_irq_raise(&one.edu);
	ok(irq_wait(fd_irq, 3000) == 1, "its interrupt arrives");
	edu_irq_ack(&one.edu);
	ok0(irq_disable(&one.device, VFIO_PCI_MSI_IRQ_INDEX), "disable");
	irq_close(&fd_irq, 1);
}

/* What the device wrote to the guest's memory it reads back from there. */
static void does_dma_in_the_guest(void)
{
	uint64_t seed = now_ns();

	pattern_fill(memory, PAGE, seed);
	edu_load(&one.edu, IOVA, 0, EDU_MEM);
	ok0(cdev_attach(&one.device, guest), "the device is moved to the guest");
	ok(owner_is(one.device.sbdf, "guest"), "it is the guest's");
	ok0(edu_store(&one.edu, GUEST_RAM, 0, EDU_MEM), "it writes to the guest's memory");

	ok0(cdev_attach(&one.device, ram), "the device is moved back");
	ok(owner_is(one.device.sbdf, "shell"), "it is the guest's no more");
	ok(reaches(&one), "DMA goes to dom0's memory");

	ok0(cdev_attach(&one.device, guest), "and to the guest again");
	ok0(edu_load(&one.edu, GUEST_RAM, 0, EDU_MEM), "it reads the guest's memory");
	ok0(cdev_attach(&one.device, ram), "and back");
	memset(memory, 0, PAGE);
	edu_store(&one.edu, IOVA, 0, EDU_MEM);
	ok(pattern_check(memory, PAGE, seed) == PAGE, "what it wrote there is what it read");
}

/* What is mapped of its BAR comes and goes with the device, and can be unmapped after that. */
static void returns_to_its_bar(void)
{
	const struct bar_range range = { 0, 4 * PAGE };
	int dmabuf = device_export_bar(&one.device, 0, &range, 1);

	if (dmabuf < 0) {
		skip("VFIO exports no dma-bufs", "a device returns to the guest that has its BAR");
		return;
	}
	ok0(cdev_attach(&one.device, guest), "the device is the guest's");
	ok0(ioas_map_file(fd, empty, dmabuf, 0, FREE_GADDR, range.length, RW_MAP),
	    "its BAR, for the guest");
	close(dmabuf);
	ok0(cdev_attach(&one.device, ram), "the device leaves");
	ok0(cdev_attach(&one.device, guest), "and returns");
	ok0(ioas_unmap(fd, empty, FREE_GADDR, range.length), "unmap the BAR");
	ok0(cdev_attach(&one.device, ram), "and leave");
}

/* A page table is for one group. */
static void stays_where_it_was(void)
{
	ok0(cdev_attach(&two.device, ram), "another device is in an IOAS");
	ok(cdev_attach(&two.device, guest) == -EINVAL,
	   "it is not moved to a page table of the first one's group");
	ok(reaches(&two), "it is where it was");
}

static void leaves(void)
{
	ok0(cdev_attach(&one.device, guest), "the device is the guest's");
	ok0(cdev_detach(&one.device), "and is detached");
	ok(owner_is(one.device.sbdf, "quarantine"), "then it is nobody's");
	ok0(cdev_attach(&one.device, guest), "the guest's again");
	cdev_edu_close(&one);
	ok(owner_is(one.device.sbdf, "dom0"), "closed, it is dom0's");
}

int main(int argc, char **argv)
{
	struct target t;

	if (argc != 5)
		die("usage: %s SBDF SBDF2 DOMID UUID", argv[0]);
	t = target_parse(argv[3], argv[4], "hvm");
	want.domid = t.domid;
	memcpy(want.handle, t.uuid, sizeof(want.handle));
	fd = iommufd_open();
	if (fd < 0)
		die("/dev/iommu: %s", strerror(-fd));
	memory = pages_alloc(2 * PAGE);
	cdev_edu_must_open(&one, fd, argv[1]);
	cdev_edu_must_open(&two, fd, argv[2]);
	if (ioas_alloc(fd, &ram) || ioas_alloc(fd, &empty) ||
	    ioas_map(fd, ram, memory, IOVA, 2 * PAGE, RW_MAP) || cdev_attach(&one.device, ram))
		die("no IOASes");
	allocates();
	ok(reaches(&one), "the device has an address space of its own meanwhile");
	stays_with_its_interrupts();
	does_dma_in_the_guest();
	returns_to_its_bar();
	stays_where_it_was();
	leaves();
	cdev_edu_close(&two);
	return tap_status();
}
