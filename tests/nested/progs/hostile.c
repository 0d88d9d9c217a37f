// SPDX-License-Identifier: GPL-2.0
/*
 * An unprivileged owner of a device's node, with a limit on locked
 * memory, asks for all kinds of things. Its own valid mapping works on, and
 * it gets no more than its limit allows.
 *
 * usage: hostile SBDF [SECONDS [SEED]]
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session.h"
#include "tap.h"
#include "util.h"

#define NOBODY 65534
#define LIMIT MIB(8)
#define VALID_IOVA 0x7654000ull
#define VALID_SIZE (2 * PAGE)
#define BUFFER MIB(4)
#define RECHECK_NS 1500000000ull

static struct session s;
static uint8_t *valid, *buffer;
static const char *sbdf;

/* Becomes nobody, who may use this one device and lock LIMIT bytes. */
static void drop_privilege(void)
{
	struct rlimit lock = { LIMIT, LIMIT };

	if (vfio_give(sbdf, NOBODY))
		die("%s can't be given away", sbdf);
	if (setrlimit(RLIMIT_MEMLOCK, &lock) || syscall(SYS_setgroups, 0, NULL) || setgid(NOBODY) || setuid(NOBODY))
		die("privilege can't be dropped");
}

static bool valid_works(void)
{
	uint64_t seed = now_ns();

	pattern_fill(valid, PAGE, seed);
	memset(valid + PAGE, 0, PAGE);
	return !edu_copy(&s.m.edu, VALID_IOVA, VALID_IOVA + PAGE, EDU_MEM) &&
	       pattern_check(valid + PAGE, PAGE, seed) == PAGE;
}

/* Values near what matters, and now and then anything. */
static uint64_t odd_iova(struct rng *r)
{
	static const uint64_t near[] = {
		0, VALID_IOVA, 0xfee00000, 0xfef00000, GIB(4), GIB(512), 1ull << 39, 1ull << 40,
		0xfd00000000ull, 1ull << 46, 1ull << 47, 1ull << 48, 1ull << 52, 1ull << 63, ~0ull,
	};
	uint64_t iova = near[rng_below(r, ARRAY_SIZE(near))];

	switch (rng_below(r, 8)) {
	case 0: return rng_next(r);
	case 1: return iova + rng_below(r, 64) - 32;
	case 2: return rng_below(r, GIB(64)) & ~(PAGE - 1);
	default: return iova + PAGE * (rng_below(r, 1024) - 512);
	}
}

static uint64_t odd_size(struct rng *r)
{
	switch (rng_below(r, 8)) {
	case 0: return rng_next(r);
	case 1: return rng_below(r, 2 * PAGE);
	case 2: return 1ull << rng_below(r, 64);
	case 3: return -PAGE * rng_below(r, 16);
	default: return PAGE * (1 + rng_below(r, 64));
	}
}

static void *odd_vaddr(struct rng *r)
{
	switch (rng_below(r, 8)) {
	case 0: return (void *)rng_next(r);
	case 1: return (void *)(uintptr_t)s.m.edu.regs;
	case 2: return buffer + rng_below(r, PAGE);
	case 3: return (void *)(uintptr_t)odd_vaddr;
	default: return buffer + PAGE * rng_below(r, BUFFER / PAGE);
	}
}

static uint32_t odd_flags(struct rng *r)
{
	return rng_below(r, 4) ? RW : (uint32_t)rng_next(r) >> rng_below(r, 32);
}

/* A whole unmap of the valid mapping would be a right thing to do: leave it out. */
static bool covers_valid(uint64_t iova, uint64_t size, uint32_t flags)
{
	return flags & VFIO_DMA_UNMAP_FLAG_ALL || (iova <= VALID_IOVA && size &&
		iova + size - 1 >= VALID_IOVA + VALID_SIZE - 1);
}

static int odd_request(struct rng *r)
{
	uint64_t iova = odd_iova(r), size = odd_size(r);
	uint32_t flags = odd_flags(r);

	if (rng_below(r, 3))
		return container_map(&s.container, odd_vaddr(r), iova, size, flags);
	if (rng_below(r, 4))
		flags = 0;
	return covers_valid(iova, size, flags) ? -ECANCELED :
	       container_unmap(&s.container, iova, size, flags, NULL);
}

/* What the fuzzer has got mapped goes before it starves itself. */
static void map_valid(void)
{
	container_unmap(&s.container, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL, NULL);
	if (container_map(&s.container, valid, VALID_IOVA, VALID_SIZE, RW))
		die("the valid mapping fails");
}

static void fuzz(unsigned int seconds, struct rng r)
{
	uint64_t start = now_ns(), check = start, end = start + seconds * 1000000000ull;
	unsigned long done = 0, refused = 0;
	unsigned int rounds = 0, bad = 0;

	session_must_open(&s, sbdf);
	map_valid();
	while (now_ns() < end) {
		done++;
		refused += odd_request(&r) != 0;
		if (now_ns() < check)
			continue;
		rounds++;
		bad += !valid_works();
		map_valid();
		check = now_ns() + RECHECK_NS;
	}
	comment("requests=%lu refused=%lu", done, refused);
	ok(refused && refused < done, "of many odd requests some were refused, some were not");
	ok(rounds && !bad, "the valid mapping worked in %u of %u checks", rounds - bad, rounds);
	session_close(&s);
}

/*
 * One page each stride: page tables cost more than the pages. A session of its
 * own, since tables may stay until the container is closed.
 */
static void sparse(uint64_t stride, const char *name)
{
	struct iova_range range[16];
	uint64_t n = 0, iova, unmapped;
	int nr, ret = 0;

	session_must_open(&s, sbdf);
	nr = container_iova_ranges(&s.container, range, ARRAY_SIZE(range));
	for (iova = stride; !ret && iova < range[nr - 1].last && n <= LIMIT / PAGE; iova += stride) {
		ret = container_map(&s.container, buffer, iova, PAGE, RW);
		if (ret == -EINVAL)	/* in a reserved window */
			ret = 0;
		else
			n += !ret;
	}
	comment("sparse_%s_pages=%llu ended=%s", name, (unsigned long long)n,
		ret ? strerror(-ret) : "range");
	ok(n && (!ret || ret == -ENOMEM || ret == -ENOSPC),
	   "a page each %s: %llu mapped, then %s", name, (unsigned long long)n,
	   ret ? strerror(-ret) : "the range ended");
	ok(n <= LIMIT / PAGE, "a page each %s: within the limit", name);
	ok0(container_unmap(&s.container, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL, &unmapped), "unmap all");
	ok(unmapped == n * PAGE, "a page each %s: all were unmapped", name);
	ok0(session_check(&s, GIB(1)), "a page each %s: DMA works afterwards", name);
	session_close(&s);
}

static void limited(void)
{
	void *big = mmap(NULL, 2 * LIMIT, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	session_must_open(&s, sbdf);
	ok(container_map(&s.container, big, GIB(1), 2 * LIMIT, RW) == -ENOMEM,
	   "twice the limit of locked memory is refused");
	ok0(container_map(&s.container, big, GIB(1), LIMIT / 2, RW), "half the limit is mapped");
	ok(container_map(&s.container, big + LIMIT / 2, GIB(2), LIMIT, RW) == -ENOMEM,
	   "one and a half of it is refused");
	ok0(container_unmap(&s.container, GIB(1), LIMIT / 2, 0, NULL), "unmap the half");
	ok0(container_map(&s.container, big, GIB(1), LIMIT, RW), "all of it is mapped then");
	ok0(container_unmap(&s.container, GIB(1), LIMIT, 0, NULL), "unmap it");
	session_close(&s);
	munmap(big, 2 * LIMIT);
}

static int attack(unsigned int seconds, struct rng r)
{
	struct rlimit none;

	drop_privilege();
	getrlimit(RLIMIT_MEMLOCK, &none);
	ok(getuid() == NOBODY && none.rlim_cur == LIMIT, "not root, with a limit on locked memory");
	valid = mmap(NULL, VALID_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	buffer = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	limited();
	sparse(MIB(2), "2M");
	sparse(GIB(1), "1G");
	sparse(GIB(512), "512G");
	fuzz(seconds, r);
	return tap_status();
}

int main(int argc, char **argv)
{
	unsigned int seconds = argc > 2 ? (unsigned int)atoi(argv[2]) : 10;
	struct rng r = { argc > 3 ? strtoull(argv[3], NULL, 0) : 1 };
	int status;
	pid_t pid;

	if (argc < 2)
		die("usage: hostile SBDF [SECONDS [SEED]]");
	sbdf = argv[1];
	pid = fork();
	if (!pid)
		exit(attack(seconds, r));
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ?
	       WEXITSTATUS(status) : 1;
}
