// SPDX-License-Identifier: GPL-2.0
/*
 * Peer to peer: device A reaches device B's registers through a mapping of
 * B's BAR. What is neither memory nor a BAR can't be mapped under Xen.
 *
 * usage: p2p SBDF-A SBDF-B native|xen
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "session.h"
#include "tap.h"
#include "util.h"

#define RAM_IOVA 0x10000ull
#define BAR_IOVA 0xc0000000ull

static struct container c;
static struct member a, b;
static uint8_t *ram;

/* Of B's BAR */
static int share(uint64_t offset, uint64_t iova, uint64_t size)
{
	return device_share_bar(&b.device, &c, 0, offset, iova, size);
}

/* edu copies through its own memory, 4 bytes at a time: its registers take no more. */
static void reach_bar(void)
{
	uint32_t *word = (uint32_t *)ram, value = (uint32_t)now_ns();

	ok0(edu_load(&a.edu, BAR_IOVA + EDU_REG_ID, 0, 4), "A loads from B's id register");
	edu_store(&a.edu, RAM_IOVA, 0, 4);
	ok(*word == EDU_ID, "it is an edu's id (0x%x)", *word);

	*word = value;
	edu_load(&a.edu, RAM_IOVA, 0, 4);
	ok0(edu_store(&a.edu, BAR_IOVA + EDU_REG_LIVENESS, 0, 4), "A stores to B's liveness register");
	ok(edu_reg32(&b.edu, EDU_REG_LIVENESS) == ~value, "B has it (0x%x)",
	   edu_reg32(&b.edu, EDU_REG_LIVENESS));
}

static void not_reached(const char *when)
{
	uint32_t before = edu_reg32(&b.edu, EDU_REG_LIVENESS);

	*(uint32_t *)ram = 0x0badcafe;
	edu_load(&a.edu, RAM_IOVA, 0, 4);
	edu_store(&a.edu, BAR_IOVA + EDU_REG_LIVENESS, 0, 4);
	expect_fault(&a.edu, BAR_IOVA, true);
	ok(edu_reg32(&b.edu, EDU_REG_LIVENESS) == before, "%s, A does not reach B", when);
}

/* One page out of the middle of a BAR, and a BAR beside memory. */
static void parts(void)
{
	ok0(share(0, BAR_IOVA, PAGE), "map one page of the BAR");
	reach_bar();
	ok0(share(4 * PAGE, BAR_IOVA + PAGE, 8 * PAGE), "map eight more behind it");
	ok(share(0, BAR_IOVA, PAGE) == -EEXIST, "mapping over it is refused");
	ok0(container_unmap(&c, BAR_IOVA, 9 * PAGE, 0, NULL), "unmap them");
}

/* VFIO takes a dma-buf back when the device does not answer. */
static void revoked(void)
{
	ok0(share(0, BAR_IOVA, PAGE), "map a page of the BAR");
	reach_bar();
	ok(!device_memory_decode(&b.device, false) && !device_memory_decode(&b.device, true),
	   "turn B's memory off and on");
	not_reached("with the dma-buf taken back");
	ok0(container_unmap(&c, BAR_IOVA, PAGE, 0, NULL), "unmap it");
}

static int map_physical(uint64_t phys, uint64_t size)
{
	int fd = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC), ret;
	void *va;

	if (fd < 0)
		return 1;
	va = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)phys);
	close(fd);
	if (va == MAP_FAILED)
		return 1;
	ret = container_map(&c, va, BAR_IOVA, size, RW);
	if (!ret)
		container_unmap(&c, BAR_IOVA, size, 0, NULL);
	munmap(va, size);
	return ret;
}

static bool bar_has(uint64_t address)
{
	unsigned long long start, end;
	bool has = false;
	glob_t g;

	if (glob("/sys/bus/pci/devices/*/resource", 0, NULL, &g))
		die("no PCI devices");
	for (size_t i = 0; i < g.gl_pathc; i++) {
		FILE *f = fopen(g.gl_pathv[i], "r");

		while (f && fscanf(f, "%llx %llx %*x", &start, &end) == 2)
			has |= start <= address && address <= end;
		if (f)
			fclose(f);
	}
	globfree(&g);
	return has;
}

/* In the PCI window of the chipset, but nobody's: that begins at 2 GiB here. */
static uint64_t beside_all_bars(void)
{
	uint64_t address = GIB(2) + MIB(512);

	while (bar_has(address))
		address += MIB(1);
	return address;
}

/* A native kernel takes whatever root could mmap; Xen's hosts have more to lose. */
static void refused(uint64_t phys, const char *what, bool on_xen)
{
	int ret = map_physical(phys, PAGE);

	if (ret > 0)
		skip("/dev/mem does not give it out", "%s at 0x%llx", what, (unsigned long long)phys);
	else if (on_xen)
		ok(ret == -EPERM || ret == -EINVAL || ret == -EFAULT,
		   "%s at 0x%llx can't be mapped: %s", what, (unsigned long long)phys, strerror(-ret));
	else
		ok0(ret, "%s at 0x%llx can be mapped", what, (unsigned long long)phys);
}

int main(int argc, char **argv)
{
	bool on_xen;
	int ret;

	if (argc != 4)
		die("usage: p2p SBDF-A SBDF-B native|xen");
	on_xen = !strcmp(argv[3], "xen");
	ram = pages_alloc(PAGE);
	if (container_open(&c))
		die("no container");
	member_must_open(&a, &c, argv[1], VFIO_TYPE1v2_IOMMU);
	member_must_open(&b, &c, argv[2], 0);
	ok0(container_map(&c, ram, RAM_IOVA, PAGE, RW), "map a page");
	not_reached("with nothing mapped");
	ret = share(0, BAR_IOVA, b.edu.size);
	if (ret == -ENOTTY) {
		skip("VFIO of this kernel makes no dma-bufs", "map B's BAR");
	} else if (ok0(ret, "map B's BAR (%llu KiB)", (unsigned long long)b.edu.size >> 10)) {
		reach_bar();
		ok0(container_unmap(&c, BAR_IOVA, b.edu.size, 0, NULL), "unmap the BAR");
		not_reached("after that");
		parts();
		if (vfio_is("cdev"))
			revoked();
	}
	refused(0xa0000, "the VGA window", on_xen);
	refused(0xf0000, "the BIOS", on_xen);
	refused(beside_all_bars(), "an address that no BAR has", on_xen);
	ok(edu_alive(&a.edu) && edu_alive(&b.edu), "both devices are well");
	member_close(&b);
	member_close(&a);
	container_close(&c);
	return tap_status();
}
