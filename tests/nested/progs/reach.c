// SPDX-License-Identifier: GPL-2.0
/*
 * A device that is told where memory of dom0 lies does not get there: not with
 * nothing mapped, not with something else mapped, not after that is unmapped.
 * The memory is this process's own, never mapped for the device, so that the
 * test can see it; to the IOMMU it is like any other of dom0's.
 *
 * usage: reach SBDF
 */
#include <string.h>
#include <sys/mman.h>

#include "machine-frame.h"
#include "session.h"
#include "tap.h"
#include "util.h"

#define SECRET 0x5ec2e7ull
#define SPARE_IOVA 0x10000ull

static struct session s;
static uint8_t *victim, *spare;

static unsigned long long ull(uint64_t x)
{
	return x;
}

static void store_stopped(const char *when, uint64_t addr)
{
	pattern_fill(victim, PAGE, SECRET);
	ok0(edu_store(&s.m.edu, addr, 0, STOPPED_SIZE), "%s: a store to 0x%llx completes", when,
	    ull(addr));
	expect_fault(&s.m.edu, addr, true);
	ok(pattern_check(victim, PAGE, SECRET) == PAGE, "%s: the memory is untouched", when);
}

/* Looks at what the device has got through a page that is mapped only then. */
static void load_stopped(const char *when, uint64_t addr)
{
	unsigned int leaked = 0;

	pattern_fill(victim, PAGE, SECRET);
	ok0(edu_load(&s.m.edu, addr, 0, STOPPED_SIZE), "%s: a load from there completes", when);
	expect_fault(&s.m.edu, addr, false);
	if (container_map(&s.container, spare, SPARE_IOVA, PAGE, RW))
		die("nothing can be mapped");
	pattern_fill(spare, PAGE, 9);
	edu_store(&s.m.edu, SPARE_IOVA, 0, EDU_MEM);
	container_unmap(&s.container, SPARE_IOVA, PAGE, 0, NULL);
	ok(pattern_check(spare, PAGE, 9) < PAGE, "%s: the device's memory can be looked at", when);
	for (size_t i = 0; i < PAGE; i += 8)
		leaked += !memcmp(spare + i, victim + i, 8);
	ok(!leaked, "%s: the device has read none of it (%u words)", when, leaked);
}

static void stopped(const char *when, uint64_t addr)
{
	load_stopped(when, addr);
	store_stopped(when, addr);
}

int main(int argc, char **argv)
{
	uint64_t pfn, mfn, nearby = MIB(64);
	uint8_t *other;

	if (argc != 2)
		die("usage: reach SBDF");
	victim = pages_alloc(PAGE);
	spare = pages_alloc(PAGE);
	mlock(victim, PAGE);
	pfn = pfn_of(victim);
	mfn = machine_frame(pfn);
	if (!pfn || !mfn)
		die("the page's machine address is unknown (pfn 0x%llx)", ull(pfn));
	comment("pfn 0x%llx, mfn 0x%llx", ull(pfn), ull(mfn));

	session_must_open(&s, argv[1]);
	store_stopped("blocked", mfn * PAGE);	/* before the first map */
	stopped("nothing mapped", mfn * PAGE);
	if (pfn != mfn)
		stopped("pseudo-physical", pfn * PAGE);
	other = pages_alloc(nearby);
	ok0(container_map(&s.container, other, GIB(512), nearby, RW), "map 64 MiB elsewhere");
	stopped("other memory mapped", mfn * PAGE);
	ok0(container_unmap(&s.container, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL, NULL), "unmap it");
	stopped("unmapped", mfn * PAGE);
	ok0(session_check(&s, GIB(1)), "DMA inside a mapping works after all that");
	session_close(&s);
	return tap_status();
}
