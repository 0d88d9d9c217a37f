// SPDX-License-Identifier: GPL-2.0
/*
 * Has an edu do DMA where it must not, and keeps the device until a line or the end of
 * stdin comes; prints "ready" when the IOMMU has stopped the DMA.
 *
 * usage: fault-burst dom0 SBDF			as a driver of dom0 would, without VFIO
 *        fault-burst process SBDF		as a VFIO program
 *        fault-burst guest SBDF DOMID UUID pv|hvm	in the address space of a guest
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "session.h"
#include "tap.h"
#include "target.h"
#include "util.h"

/* Neither dom0, nor a small guest, nor the program has anything here. */
#define NOWHERE GIB(300)
#define EDU_BAR_SIZE MIB(1)
/* A fault for each 8 bytes at most: QEMU's AMD IOMMU logs no more after 512 in one go. */
#define BURST_SIZE 256u

static void burst(struct edu *e)
{
	ok0(edu_store(e, NOWHERE, 0, BURST_SIZE), "%s: a store completes", e->sbdf);
	puts("ready");
	fflush(stdout);
	getchar();
}

static void of_dom0(const char *sbdf)
{
	struct edu e = { .sbdf = sbdf, .size = EDU_BAR_SIZE };
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource0", sbdf);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die("%s can't be opened", path);
	e.regs = mmap(NULL, e.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (e.regs == MAP_FAILED || edu_reg32(&e, EDU_REG_ID) != EDU_ID)
		die("%s is no edu with memory decode", sbdf);
	burst(&e);
	edu_fini(&e);
}

static void of_process(const char *sbdf)
{
	void *page = pages_alloc(PAGE);
	struct session s;

	session_must_open(&s, sbdf);
	ok0(container_map(&s.container, page, GIB(1), PAGE, RW), "map a page elsewhere");
	burst(&s.m.edu);
	session_close(&s);
}

static void of_guest(char **argv)
{
	struct target guest = target_parse(argv[1], argv[2], argv[3]);
	struct edu e = { 0 };
	struct opened o;

	if (target_give(&o, &guest, argv[0]) || device_memory_decode(&o.device, true) ||
	    edu_init(&e, &o.device) || device_bus_master(&o.device, true))
		die("%s can't be given to the guest", argv[0]);
	burst(&e);
	edu_fini(&e);
	opened_close(&o);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "dom0"))
		of_dom0(argv[2]);
	else if (argc == 3 && !strcmp(argv[1], "process"))
		of_process(argv[2]);
	else if (argc == 6 && !strcmp(argv[1], "guest"))
		of_guest(argv + 2);
	else
		die("usage: fault-burst dom0|process SBDF, or guest SBDF DOMID UUID pv|hvm");
	return tap_status();
}
