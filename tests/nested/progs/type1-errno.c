// SPDX-License-Identifier: GPL-2.0
/*
 * The errno of every wrong request to a type1 container. The expected values
 * are a native kernel's; where Xen can't do what an IOMMU could, a row says so.
 * $OUT/type1-errno.txt gets the table as observed, so that two runs can be diffed.
 *
 * usage: type1-errno SBDF native|xen
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "session.h"
#include "tap.h"
#include "util.h"

#define BASE 0x100000ull	/* four pages are mapped here throughout */
#define FREE 0x800000ull	/* and nothing here */
#define BEYOND ((uint64_t)1 << 63)	/* stands for the first iova beyond the aperture */
#define R VFIO_DMA_MAP_FLAG_READ
#define W VFIO_DMA_MAP_FLAG_WRITE
#define FULL sizeof(struct vfio_iommu_type1_dma_map)

static struct session s;
static bool on_xen;
static FILE *table;

/* Memory that requests name. */
enum memory { GOOD, UNALIGNED, ABSENT, HALF, NO_ACCESS, READ_ONLY, TOP, NULL_PAGE, FILE_PAGE };
static uint8_t *memory[FILE_PAGE + 1];

struct map_row {
	const char *name;
	uint64_t iova, size;
	enum memory memory;
	uint32_t flags, argsz;
	int native, xen;		/* errno; xen 0 means the same as native */
};

#define SUCCEEDS 0
#define AS_NATIVE 0
static const struct map_row map_rows[] = {
	{ "map-good", FREE, PAGE, GOOD, RW, FULL, SUCCEEDS, AS_NATIVE },
	{ "map-argsz-larger", FREE, PAGE, GOOD, RW, FULL + 64, SUCCEEDS, AS_NATIVE },
	{ "map-argsz-0", FREE, PAGE, GOOD, RW, 0, EINVAL, AS_NATIVE },
	{ "map-argsz-short", FREE, PAGE, GOOD, RW, FULL - 1, EINVAL, AS_NATIVE },
	{ "map-flags-none", FREE, PAGE, GOOD, 0, FULL, EINVAL, AS_NATIVE },
	{ "map-flags-unknown", FREE, PAGE, GOOD, RW | 1u << 31, FULL, EINVAL, AS_NATIVE },
	{ "map-flags-vaddr-only", FREE, PAGE, GOOD, VFIO_DMA_MAP_FLAG_VADDR, FULL, ENOENT, AS_NATIVE },
	{ "map-flags-vaddr-rw", FREE, PAGE, GOOD, RW | VFIO_DMA_MAP_FLAG_VADDR, FULL, EINVAL, AS_NATIVE },
	{ "map-read-only", FREE, PAGE, GOOD, R, FULL, SUCCEEDS, EOPNOTSUPP },
	{ "map-read-only-of-read-only-memory", FREE, PAGE, READ_ONLY, R, FULL, SUCCEEDS, EOPNOTSUPP },
	{ "map-read-only-of-file", FREE, PAGE, FILE_PAGE, R, FULL, SUCCEEDS, EOPNOTSUPP },
	{ "map-write-only", FREE, PAGE, GOOD, W, FULL, SUCCEEDS, AS_NATIVE },
	{ "map-size-0", FREE, 0, GOOD, RW, FULL, EINVAL, AS_NATIVE },
	{ "map-size-unaligned", FREE, PAGE + 512, GOOD, RW, FULL, EINVAL, AS_NATIVE },
	{ "map-size-1", FREE, 1, GOOD, RW, FULL, EINVAL, AS_NATIVE },
	{ "map-iova-unaligned", FREE + 8, PAGE, GOOD, RW, FULL, EINVAL, AS_NATIVE },
	{ "map-vaddr-unaligned", FREE, PAGE, UNALIGNED, RW, FULL, EINVAL, AS_NATIVE },
	{ "map-vaddr-absent", FREE, PAGE, ABSENT, RW, FULL, EFAULT, AS_NATIVE },
	{ "map-vaddr-half-no-access", FREE, 2 * PAGE, HALF, RW, FULL, EFAULT, AS_NATIVE },
	{ "map-vaddr-no-access", FREE, PAGE, NO_ACCESS, RW, FULL, EFAULT, AS_NATIVE },
	{ "map-vaddr-read-only", FREE, PAGE, READ_ONLY, RW, FULL, EFAULT, AS_NATIVE },
	{ "map-vaddr-null", FREE, PAGE, NULL_PAGE, RW, FULL, EFAULT, AS_NATIVE },
	{ "map-vaddr-kernel", FREE, PAGE, TOP, RW, FULL, EFAULT, AS_NATIVE },
	{ "map-vaddr-wraps", FREE, 2 * PAGE, TOP, RW, FULL, EOVERFLOW, AS_NATIVE },
	{ "map-overlap-exact", BASE, 4 * PAGE, GOOD, RW, FULL, EEXIST, AS_NATIVE },
	{ "map-overlap-inside", BASE + PAGE, PAGE, GOOD, RW, FULL, EEXIST, AS_NATIVE },
	{ "map-overlap-head", BASE - PAGE, 2 * PAGE, GOOD, RW, FULL, EEXIST, AS_NATIVE },
	{ "map-overlap-tail", BASE + 3 * PAGE, 2 * PAGE, GOOD, RW, FULL, EEXIST, AS_NATIVE },
	{ "map-overlap-around", BASE - PAGE, 6 * PAGE, GOOD, RW, FULL, EEXIST, AS_NATIVE },
	{ "map-overlap-read-only", BASE, PAGE, GOOD, R, FULL, EEXIST, AS_NATIVE },
	{ "map-iova-wraps", ~(PAGE - 1), 2 * PAGE, GOOD, RW, FULL, EOVERFLOW, AS_NATIVE },
	{ "map-iova-last-page", ~(PAGE - 1), PAGE, GOOD, RW, FULL, EINVAL, AS_NATIVE },
	{ "map-iova-beyond", BEYOND, PAGE, GOOD, RW, FULL, EINVAL, AS_NATIVE },
	{ "map-iova-straddles-end", BEYOND - PAGE, 2 * PAGE, GOOD, RW, FULL, EINVAL, AS_NATIVE },
	{ "map-size-2^52", FREE, 1ull << 52, GOOD, RW, FULL, EINVAL, AS_NATIVE },
	{ "map-size-2^63", FREE, 1ull << 63, GOOD, RW, FULL, EINVAL, AS_NATIVE },
	{ "map-size-all-ones", FREE, ~(PAGE - 1), GOOD, RW, FULL, EOVERFLOW, AS_NATIVE },
	{ "map-msi-window", 0xfee00000, PAGE, GOOD, RW, FULL, EINVAL, AS_NATIVE },
	{ "map-msi-window-end", 0xfeeff000, PAGE, GOOD, RW, FULL, EINVAL, AS_NATIVE },
	{ "map-msi-window-into", 0xfedff000, 2 * PAGE, GOOD, RW, FULL, EINVAL, AS_NATIVE },
	{ "map-msi-window-out-of", 0xfeeff000, 2 * PAGE, GOOD, RW, FULL, EINVAL, AS_NATIVE },
};

struct unmap_row {
	const char *name;
	uint64_t iova, size;
	uint32_t flags, argsz;
	int native;
	uint64_t unmapped;
};

#define ALL VFIO_DMA_UNMAP_FLAG_ALL
#define UFULL sizeof(struct vfio_iommu_type1_dma_unmap)
static const struct unmap_row unmap_rows[] = {
	{ "unmap-hole", FREE, PAGE, 0, UFULL, SUCCEEDS, 0 },
	{ "unmap-hole-beyond", BEYOND, PAGE, 0, UFULL, SUCCEEDS, 0 },
	{ "unmap-argsz-0", FREE, PAGE, 0, 0, EINVAL, 0 },
	{ "unmap-argsz-short", FREE, PAGE, 0, UFULL - 1, EINVAL, 0 },
	{ "unmap-flags-unknown", FREE, PAGE, 1u << 31, UFULL, EINVAL, 0 },
	{ "unmap-size-0", BASE, 0, 0, UFULL, EINVAL, 0 },
	{ "unmap-size-unaligned", BASE, 4 * PAGE - 1, 0, UFULL, EINVAL, 0 },
	{ "unmap-iova-unaligned", BASE + 1, 4 * PAGE, 0, UFULL, EINVAL, 0 },
	{ "unmap-head", BASE, PAGE, 0, UFULL, EINVAL, 0 },
	{ "unmap-inside", BASE + PAGE, PAGE, 0, UFULL, EINVAL, 0 },
	{ "unmap-tail", BASE + 3 * PAGE, PAGE, 0, UFULL, EINVAL, 0 },
	{ "unmap-into", BASE - PAGE, 2 * PAGE, 0, UFULL, EINVAL, 0 },
	{ "unmap-out-of", BASE + 3 * PAGE, 2 * PAGE, 0, UFULL, EINVAL, 0 },
	{ "unmap-wraps", ~(PAGE - 1), 2 * PAGE, 0, UFULL, EOVERFLOW, 0 },
	{ "unmap-all-with-size", 0, PAGE, ALL, UFULL, EINVAL, 0 },
	{ "unmap-all-with-iova", BASE, 0, ALL, UFULL, EINVAL, 0 },
	{ "unmap-bitmap-no-argsz", BASE, 4 * PAGE, VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP, UFULL, EINVAL, 0 },
	{ "unmap-exact", BASE, 4 * PAGE, 0, UFULL, SUCCEEDS, 4 * PAGE },
	{ "unmap-twice", BASE, 4 * PAGE, 0, UFULL, SUCCEEDS, 0 },
	{ "unmap-all-of-nothing", 0, 0, ALL, UFULL, SUCCEEDS, 0 },
};

/* Linux 6.12 has one errno for all that is wrong. */
static bool is_wanted(int err, int want)
{
	return err == want || (want == EOVERFLOW && err == EINVAL);
}

static void row(const char *name, int err, int want)
{
	ok(is_wanted(err, want), "%s: %s, want %s", name, strerror(err), strerror(want));
	if (table)
		fprintf(table, "%s %s\n", name, err ? strerrorname_np(err) : "0");
}

static int do_ioctl(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) < 0 ? errno : 0;
}

static void *map_memory(int prot, int flags, int fd)
{
	void *va = mmap(NULL, 4 * PAGE, prot, flags, fd, 0);

	if (va == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	return va;
}

static void make_memory(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	memory[GOOD] = pages_alloc(8 * PAGE);
	memory[UNALIGNED] = memory[GOOD] + 16;
	memory[ABSENT] = map_memory(PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memory[HALF] = map_memory(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	mprotect(memory[HALF] + PAGE, 3 * PAGE, PROT_NONE);
	memory[NO_ACCESS] = map_memory(PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memory[READ_ONLY] = map_memory(PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memory[TOP] = (uint8_t *)~(PAGE - 1);
	memory[NULL_PAGE] = NULL;
	memory[FILE_PAGE] = map_memory(PROT_READ, MAP_PRIVATE, fd);
	close(fd);
	munmap(memory[ABSENT], 4 * PAGE);	/* last, so that nothing else takes its place */
}

/* The aperture ends where the last range does; BEYOND in a row stands for that. */
static uint64_t place(uint64_t iova, uint64_t beyond)
{
	return iova >= BEYOND - GIB(1) && iova <= BEYOND ? beyond - (BEYOND - iova) : iova;
}

static void map_table(uint64_t beyond)
{
	for (size_t i = 0; i < ARRAY_SIZE(map_rows); i++) {
		const struct map_row *m = &map_rows[i];
		struct {
			struct vfio_iommu_type1_dma_map map;
			uint8_t more[64];
		} arg = { .map = {
			.argsz = m->argsz,
			.flags = m->flags,
			.vaddr = (uintptr_t)memory[m->memory],
			.iova = place(m->iova, beyond),
			.size = m->size,
		} };
		int err = do_ioctl(s.container.fd, VFIO_IOMMU_MAP_DMA, &arg);

		row(m->name, err, on_xen && m->xen ? m->xen : m->native);
		if (!err)
			container_unmap(&s.container, arg.map.iova, m->size, 0, NULL);
	}
}

static void unmap_table(uint64_t beyond)
{
	for (size_t i = 0; i < ARRAY_SIZE(unmap_rows); i++) {
		const struct unmap_row *u = &unmap_rows[i];
		struct vfio_iommu_type1_dma_unmap arg = {
			.argsz = u->argsz,
			.flags = u->flags,
			.iova = place(u->iova, beyond),
			.size = u->size,
		};
		int err = do_ioctl(s.container.fd, VFIO_IOMMU_UNMAP_DMA, &arg);

		row(u->name, err, u->native);
		if (!err)
			ok(arg.size == u->unmapped, "%s: %llu bytes, want %llu", u->name,
			   (unsigned long long)arg.size, (unsigned long long)u->unmapped);
	}
}

/* What is mapped by a request that failed half way is not left behind. */
static void nothing_left(void)
{
	uint64_t unmapped;

	ok(container_map(&s.container, memory[HALF], FREE, 2 * PAGE, RW) == -EFAULT,
	   "a map of memory that is half there fails");
	expect_fault(&s.m.edu, FREE, true);
	memset(memory[HALF], 0x77, PAGE);
	edu_store(&s.m.edu, FREE, 0, STOPPED_SIZE);
	ok(memory[HALF][0] == 0x77 && memory[HALF][STOPPED_SIZE - 1] == 0x77,
	   "its first page can't be reached");
	ok0(container_unmap(&s.container, FREE, 2 * PAGE, 0, &unmapped), "unmap there");
	ok(!unmapped, "it had not stayed mapped");
	ok0(container_map(&s.container, memory[GOOD], FREE, 2 * PAGE, RW), "other memory maps there");
	ok0(container_unmap(&s.container, FREE, 2 * PAGE, 0, NULL), "and unmaps");
}

static void before_container(const char *sbdf)
{
	struct container c;
	struct group g, again;
	struct vfio_iommu_type1_dma_map map = { .argsz = sizeof(map), .flags = RW,
						.vaddr = (uintptr_t)memory[GOOD], .size = PAGE };
	int none = -1;

	if (container_open(&c) || group_open(&g, sbdf))
		die("the group can't be opened");
	row("group-open-twice", -group_open(&again, sbdf), EBUSY);
	row("device-before-container", ioctl(g.fd, VFIO_GROUP_GET_DEVICE_FD, sbdf) < 0 ? errno : 0, EINVAL);
	row("map-before-type", do_ioctl(c.fd, VFIO_IOMMU_MAP_DMA, &map), EINVAL);
	row("type-of-empty-container", -container_set_type(&c, VFIO_TYPE1v2_IOMMU), EINVAL);
	row("join-bad-fd", do_ioctl(g.fd, VFIO_GROUP_SET_CONTAINER, &none), EBADF);
	row("join-not-a-container", do_ioctl(g.fd, VFIO_GROUP_SET_CONTAINER, &g.fd), EBADFD);
	row("leave-nothing", -group_leave(&g), EINVAL);
	row("join", -group_join(&g, &c), SUCCEEDS);
	row("join-twice", -group_join(&g, &c), EINVAL);
	row("device-before-type", ioctl(g.fd, VFIO_GROUP_GET_DEVICE_FD, sbdf) < 0 ? errno : 0, EINVAL);
	row("type-unknown", -container_set_type(&c, 4711), ENODEV);
	row("type-spapr", -container_set_type(&c, VFIO_SPAPR_TCE_IOMMU), ENODEV);
	row("type", -container_set_type(&c, VFIO_TYPE1v2_IOMMU), SUCCEEDS);
	row("type-twice", -container_set_type(&c, VFIO_TYPE1v2_IOMMU), EINVAL);
	row("device-unknown", ioctl(g.fd, VFIO_GROUP_GET_DEVICE_FD, "0000:ff:1f.7") < 0 ? errno : 0, ENODEV);
	row("ioctl-unknown", do_ioctl(c.fd, _IO(VFIO_TYPE, VFIO_BASE + 99), NULL), ENOTTY);
	group_close(&g);
	container_close(&c);
}

static void leave_while_open(void)
{
	row("leave-with-open-device", -group_leave(&s.m.group), EBUSY);
}

int main(int argc, char **argv)
{
	struct iova_range r[16];
	int nr;

	if (argc != 3)
		die("usage: type1-errno SBDF native|xen");
	on_xen = !strcmp(argv[2], "xen");
	table = out_open("type1-errno.txt");
	make_memory();
	before_container(argv[1]);

	session_must_open(&s, argv[1]);
	nr = container_iova_ranges(&s.container, r, ARRAY_SIZE(r));
	if (nr <= 0 || container_map(&s.container, memory[GOOD], BASE, 4 * PAGE, RW))
		die("nothing can be mapped");
	leave_while_open();
	map_table(r[nr - 1].last + 1);
	nothing_left();
	pattern_fill(memory[GOOD], PAGE, 5);
	edu_copy(&s.m.edu, BASE, BASE + PAGE, EDU_MEM);
	ok(pattern_check(memory[GOOD] + PAGE, PAGE, 5) == PAGE, "what was mapped before works after all that");
	unmap_table(r[nr - 1].last + 1);
	session_close(&s);
	if (table)
		fclose(table);
	return tap_status();
}
