// SPDX-License-Identifier: GPL-2.0
/*
 * Memory made for DMA, as libvfio-xen gives it to programs.
 *
 * usage: dma-memory SBDF map MIB		DMA, and what mapping takes
 *	  dma-memory SBDF scattered MIB		the same with memory that takes more calls
 *	  dma-memory SBDF pinned		pages stay while they are mapped
 *	  dma-memory SBDF cut			a file may be cut short under a mapping
 *	  dma-memory SBDF race			the same while others use it
 *	  dma-memory SBDF hold MIB		map, say "ready", wait to be killed
 *	  dma-memory SBDF alloc MIB ERRNO [UID]	no more than an allocation: 0 or why not
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session.h"
#include "tap.h"
#include "util.h"
#include "vfio-xen.h"

#define IOVA GIB(4)
#define BLOCK MIB(2)

static struct session s;

static uint8_t *must_alloc(uint64_t size)
{
	void *va;
	int ret = vfio_xen_memory_alloc(size, &va);

	if (ret)
		die("no memory for DMA: %s", strerror(-ret));
	return va;
}

static bool is_zero(const uint8_t *p, uint64_t size)
{
	for (uint64_t i = 0; i < size; i++)
		if (p[i])
			return false;
	return true;
}

/* The device moves a page from one place to another. */
static bool page_moves(uint8_t *va, uint64_t from, uint64_t to)
{
	pattern_fill(va + from, PAGE, from + 1);
	memset(va + to, 0, PAGE);
	return !edu_copy(&s.m.edu, IOVA + from, IOVA + to, EDU_MEM) &&
	       pattern_check(va + to, PAGE, from + 1) == PAGE;
}

/* An entry of 4 KiB for each page would take eight calls a block. */
static void count_calls(const char *what, int64_t calls, uint64_t size)
{
	int64_t limit = (int64_t)(size / BLOCK);

	if (calls < 0)
		skip("not on Xen", "%s: calls", what);
	else
		ok(calls > 0 && calls <= limit, "%s: %lld calls for %lld blocks", what,
		   (long long)calls, (long long)limit);
}

static int64_t calls_since(const char *name, int64_t before)
{
	return before < 0 ? -1 : xen_stat(name) - before;
}

/* It is these that Linux chooses aligned addresses for. */
static bool kernel_has_thp(void)
{
	return !access("/sys/kernel/mm/transparent_hugepage", F_OK);
}

static int test_map(uint64_t size, bool in_few_calls)
{
	uint8_t *va = must_alloc(size);
	int64_t maps, unmaps;
	uint64_t start;

	ok(!((uintptr_t)va % BLOCK) || !kernel_has_thp(),
	   "the memory is at an aligned address");
	ok(is_zero(va, size), "and zeroed");
	maps = xen_stat("map_calls");
	start = now_ns();
	ok0(container_map(&s.container, va, IOVA, size, RW), "map %llu MiB",
	    (unsigned long long)(size >> 20));
	comment("map_ns_per_page=%llu", (unsigned long long)((now_ns() - start) / (size / PAGE)));
	maps = calls_since("map_calls", maps);
	ok(page_moves(va, 0, size - PAGE), "DMA from the first page to the last");
	ok(page_moves(va, size - PAGE, size / 2), "and to one in the middle");
	unmaps = xen_stat("unmap_calls");
	start = now_ns();
	ok0(container_unmap(&s.container, IOVA, size, 0, NULL), "unmap");
	comment("unmap_ns_per_page=%llu", (unsigned long long)((now_ns() - start) / (size / PAGE)));
	unmaps = calls_since("unmap_calls", unmaps);
	if (in_few_calls) {
		count_calls("map", maps, size);
		count_calls("unmap", unmaps, size);
	}
	vfio_xen_memory_free(va, size);
	return tap_status();
}

/* Freed pages would be handed out again, and change. */
static void churn(void)
{
	for (int i = 0; i < 4; i++) {
		uint64_t size = MIB(32);
		uint8_t *va = must_alloc(size);

		memset(va, 0xa5, size);
		vfio_xen_memory_free(va, size);
		va = pages_alloc(size);
		memset(va, 0x5a, size);
		pages_free(va, size);
	}
}

static int test_pinned(void)
{
	uint8_t *va = must_alloc(BLOCK), *to = pages_alloc(PAGE);

	for (uint64_t at = 0; at < BLOCK; at += PAGE)
		pattern_fill(va + at, PAGE, at);
	ok0(container_map(&s.container, va, IOVA, BLOCK, RW), "map a block");
	ok0(container_map(&s.container, to, IOVA + BLOCK, PAGE, RW), "and another page");
	vfio_xen_memory_free(va, BLOCK);
	churn();
	for (uint64_t at = 0; at < BLOCK; at += BLOCK / 8) {
		memset(to, 0, PAGE);
		ok(!edu_copy(&s.m.edu, IOVA + at, IOVA + BLOCK, EDU_MEM) &&
		   pattern_check(to, PAGE, at) == PAGE,
		   "page %llu is what it was when the memory was freed",
		   (unsigned long long)(at / PAGE));
	}
	return tap_status();
}

static sigjmp_buf after_signal;

static void on_sigbus(int sig)
{
	siglongjmp(after_signal, sig);
}

static bool faults(volatile uint8_t *p)
{
	if (sigsetjmp(after_signal, 1))
		return true;
	*p = 1;
	return false;
}

static int test_cut(void)
{
	int fd = open("/dev/hugepages", O_TMPFILE | O_RDWR, 0600);
	uint8_t *va;

	signal(SIGBUS, on_sigbus);
	va = mmap(NULL, 2 * BLOCK, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (va == MAP_FAILED)
		die("no file can be mapped: %s", strerror(errno));
	ok(!faults(va + 2 * BLOCK - 1), "the whole mapping is there");
	va[0] = 7;
	ok(ftruncate(fd, BLOCK + PAGE) && errno == EINVAL, "a file has whole blocks");
	ok(!ftruncate(fd, BLOCK), "a file can be cut short");
	ok(faults(va + BLOCK), "what is mapped beyond its end is gone");
	ok(!faults(va + PAGE) && va[0] == 7, "what is not is there");
	ok(!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, BLOCK),
	   "a hole can be made");
	ok(!faults(va + PAGE) && is_zero(va, PAGE), "where there is new memory then");
	ok(mmap(NULL, BLOCK, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED, "others can read it");
	close(fd);
	return tap_status();
}

/* Until the time is up; what is gone is gone. */
static void race(int fd, uint64_t seed, uint64_t end)
{
	const uint64_t nr = 8;
	struct rng r = { seed };
	uint8_t *va = mmap(NULL, nr * BLOCK, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	uint64_t rounds;

	if (va == MAP_FAILED)
		_exit(1);
	for (rounds = 0; now_ns() < end; rounds++) {
		uint64_t at = rng_below(&r, nr) * BLOCK;

		switch (rng_below(&r, 8)) {
		case 0:
			if (ftruncate(fd, (off_t)at))
				_exit(2);
			break;
		case 1:
			if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)at,
				      BLOCK))
				_exit(3);
			break;
		case 2:
			if (fallocate(fd, 0, (off_t)at, BLOCK))
				_exit(4);
			break;
		case 3:
			/* Huge pages proper go as a whole. */
			if (madvise(va + at + PAGE, 3 * PAGE, MADV_DONTNEED) && errno != EINVAL)
				_exit(5);
			break;
		default:
			faults(va + at + rng_below(&r, BLOCK));
		}
	}
	_exit(rounds > 100 ? 0 : 6);
}

static int test_race(void)
{
	int fd = open("/dev/hugepages", O_TMPFILE | O_RDWR, 0600), status, racers = 4;
	uint64_t end = now_ns() + 5000000000ull;

	signal(SIGBUS, on_sigbus);
	for (int i = 0; i < racers; i++) {
		if (!fork())
			race(fd, (uint64_t)i + 1, end);
	}
	while (wait(&status) > 0)
		ok(WIFEXITED(status) && !WEXITSTATUS(status), "a racer has survived: %#x",
		   (unsigned int)status);
	close(fd);
	return tap_status();
}

static int hold(uint64_t size)
{
	uint8_t *va = must_alloc(size);

	if (!ok0(container_map(&s.container, va, IOVA, size, RW), "map"))
		return 1;
	edu_start(&s.m.edu, IOVA, 0, EDU_MEM, true);
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}

static int test_alloc(uint64_t size, int error, int uid)
{
	void *va = NULL;
	int ret;

	if (uid && setuid((uid_t)uid))
		die("can't become user %d", uid);
	ret = vfio_xen_memory_alloc(size, &va);
	ok(ret == -error, "%llu MiB for user %d: %s", (unsigned long long)(size >> 20), uid,
	   strerror(-ret));
	vfio_xen_memory_free(va, size);
	return tap_status();
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[2] : "";
	uint64_t size = MIB(argc > 3 ? strtoull(argv[3], NULL, 0) : 64);

	if (!strcmp(what, "alloc"))
		return test_alloc(size, argc > 4 ? atoi(argv[4]) : 0, argc > 5 ? atoi(argv[5]) : 0);
	if (!strcmp(what, "cut"))
		return test_cut();
	if (!strcmp(what, "race"))
		return test_race();
	if (argc < 3)
		die("usage: dma-memory SBDF map|scattered|pinned|cut|race|hold|alloc [MIB [ERRNO [UID]]]");
	session_must_open(&s, argv[1]);
	/* The first map makes the shell domain, and later ones find its page tables there. */
	ok0(session_check(&s, MIB(1)), "DMA works");
	if (!strcmp(what, "hold"))
		return hold(size);
	if (!strcmp(what, "pinned"))
		return test_pinned();
	return test_map(size, !strcmp(what, "map"));
}
