// SPDX-License-Identifier: GPL-2.0
/* See util.h. */
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define XEN_STATS "/sys/kernel/debug/vfio-xen-iommu/stats"

int ret_errno(int ret)
{
	return ret < 0 ? -errno : 0;
}

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

void sleep_ms(unsigned int ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

void die(const char *fmt, ...)
{
	va_list ap;

	printf("Bail out! ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
	_exit(99);
}

void *pages_alloc(uint64_t size)
{
	void *va = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (va == MAP_FAILED)
		die("no memory for %llu bytes: %s", (unsigned long long)size, strerror(errno));
	return va;
}

void pages_free(void *va, uint64_t size)
{
	munmap(va, size);
}

static uint8_t pattern_byte(size_t i, uint64_t seed)
{
	uint64_t x = (seed + i / 8) * 0x9e3779b97f4a7c15ull;

	return (uint8_t)((x ^ (x >> 29)) >> (8 * (i % 8)));
}

void pattern_fill(void *p, size_t n, uint64_t seed)
{
	uint8_t *b = p;

	for (size_t i = 0; i < n; i++)
		b[i] = pattern_byte(i, seed);
}

size_t pattern_check(const void *p, size_t n, uint64_t seed)
{
	const volatile uint8_t *b = p;
	size_t i;

	for (i = 0; i < n; i++)
		if (b[i] != pattern_byte(i, seed))
			break;
	return i;
}

/* The file belongs to the process that opened it: a child opens its own. */
static int pagemap_fd(void)
{
	static pid_t opened_by;
	static int fd = -1;

	if (opened_by != getpid()) {
		fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
		opened_by = getpid();
	}
	return fd;
}

static int pagemap_read(const void *va, uint64_t *entry, size_t nr)
{
	ssize_t want = (ssize_t)(nr * sizeof(*entry));
	ssize_t got = pread(pagemap_fd(), entry, (size_t)want,
			    (off_t)((uintptr_t)va / PAGE * sizeof(*entry)));

	return got == want ? 0 : -EIO;
}

static uint64_t entry_pfn(uint64_t entry)
{
	return entry >> 63 ? entry & ((1ull << 55) - 1) : 0;
}

uint64_t pfn_of(const void *va)
{
	uint64_t entry;

	return pagemap_read(va, &entry, 1) ? 0 : entry_pfn(entry);
}

uint64_t pfn_runs(const void *va, uint64_t size)
{
	size_t nr = size / PAGE;
	uint64_t runs = nr ? 1 : 0;
	uint64_t *entry = calloc(nr ? nr : 1, sizeof(*entry));

	if (!entry || pagemap_read(va, entry, nr))
		die("pagemap of %zu pages can't be read", nr);
	for (size_t i = 1; i < nr; i++)
		if (entry_pfn(entry[i]) != entry_pfn(entry[i - 1]) + 1)
			runs++;
	free(entry);
	return runs;
}

uint64_t rng_next(struct rng *r)
{
	if (!r->s)
		r->s = 0x2545f4914f6cdd1dull;
	r->s ^= r->s << 13;
	r->s ^= r->s >> 7;
	r->s ^= r->s << 17;
	return r->s;
}

uint64_t rng_below(struct rng *r, uint64_t limit)
{
	return rng_next(r) % limit;
}

FILE *out_open(const char *name)
{
	const char *dir = getenv("OUT");
	char path[PATH_MAX];

	if (!dir || !*dir)
		return NULL;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return fopen(path, "w");
}

/* Lines are "name value" or "name: value". */
static int stat_line(char *line, char **name, int64_t *value)
{
	char *end = line + strcspn(line, ": \t=");

	if (!*end || *end == '\n')
		return -1;
	*end++ = 0;
	end += strspn(end, ": \t=");
	*name = line;
	*value = strtoll(end, NULL, 0);
	return 0;
}

int64_t xen_stat(const char *name)
{
	FILE *f = fopen(XEN_STATS, "r");
	int64_t value, found = -1;
	char line[256], *key;

	if (!f)
		return -1;
	while (found < 0 && fgets(line, sizeof(line), f))
		if (!stat_line(line, &key, &value) && !strcmp(key, name))
			found = value;
	fclose(f);
	return found;
}

void xen_stats_comment(const char *prefix)
{
	FILE *f = fopen(XEN_STATS, "r");
	char line[256], *key;
	int64_t value;

	if (!f)
		return;
	while (fgets(line, sizeof(line), f))
		if (!stat_line(line, &key, &value))
			printf("# %s_%s=%lld\n", prefix, key, (long long)value);
	fclose(f);
}
