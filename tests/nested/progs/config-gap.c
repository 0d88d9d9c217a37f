// SPDX-License-Identifier: GPL-2.0
/*
 * config-gap SBDF SECONDS: runs in a guest. Reads a device's ID again and again,
 * and prints how often, whether it ever was another one, for how long a read took
 * at most, and how many took longer than a second.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* In us, as all times here. */
#define SECOND 1000000

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
	unsigned long reads = 0, wrong = 0, slow = 0;
	uint64_t end, last, now, longest = 0;
	uint32_t first, id;
	char path[128];
	int fd;

	if (argc != 3)
		return 2;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", argv[1]);
	fd = open(path, O_RDONLY);
	if (fd < 0 || pread(fd, &first, sizeof(first), 0) != sizeof(first)) {
		perror(path);
		return 1;
	}
	last = now_us();
	for (end = last + strtoul(argv[2], NULL, 0) * SECOND; last < end; last = now) {
		if (pread(fd, &id, sizeof(id), 0) != sizeof(id) || id != first)
			wrong++;
		now = now_us();
		if (now - last > longest)
			longest = now - last;
		if (now - last > SECOND)
			slow++;
		reads++;
	}
	printf("reads=%lu wrong=%lu longest_us=%llu slow=%lu\n", reads, wrong,
	       (unsigned long long)longest, slow);
	return wrong != 0;
}
