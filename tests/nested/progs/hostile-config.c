// SPDX-License-Identifier: GPL-2.0
/*
 * hostile-config SBDF SECONDS PROCESSES: runs in a PV guest, on a device without a
 * driver there. Each process writes what no driver writes to all registers, and
 * reads them, through the guest's PCI frontend. It judges nothing itself, beyond
 * that the frontend answers; it prints what was done.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONFIG_SIZE 4096 /* of which a conventional device lacks most */

static const uint32_t values[] = {
	0, 0xffffffff, 0x7fffffff, 0x80000000, 0xfffff800, 0xfee00000, 0xfee0f00c,
	0xfec00000, 0xf0000000, 0x1000, 0xa0000, 0xffff, 0x8000, 0x8001, 7, 0x407,
};

static uint32_t any(void)
{
	return (uint32_t)random() ^ (uint32_t)random() << 16;
}

/* Mostly the first 256 bytes, where all has a meaning */
static off_t any_offset(unsigned int size)
{
	off_t range = any() % 4 ? 256 : CONFIG_SIZE;

	return any() % (range - size + 1);
}

static int run(int fd, time_t seconds)
{
	static const unsigned int sizes[] = { 1, 2, 4 };
	unsigned long writes = 0, reads = 0, refused = 0;
	time_t end = time(NULL) + seconds;

	while (time(NULL) < end) {
		unsigned int size = sizes[any() % 3];
		off_t offset = any_offset(size);
		uint32_t value = any() % 2 ? any() : values[any() % 16];

		if (pwrite(fd, &value, size, offset) == (ssize_t)size)
			writes++;
		else
			refused++;
		if (pread(fd, &value, size, offset) == (ssize_t)size)
			reads++;
	}
	printf("writes=%lu reads=%lu refused=%lu\n", writes, reads, refused);
	return writes == 0 || reads == 0;
}

int main(int argc, char **argv)
{
	int bad = 0, status, processes, fd;
	char path[128];

	if (argc != 4)
		return 2;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", argv[1]);
	fd = open(path, O_RDWR);
	if (fd < 0) {
		perror(path);
		return 1;
	}
	processes = atoi(argv[3]);
	for (int i = 0; i < processes; i++) {
		if (fork())
			continue;
		srandom((unsigned int)i + 1);
		status = run(fd, atoi(argv[2]));
		fflush(stdout);
		_exit(status);
	}
	while (wait(&status) > 0)
		bad |= status;
	return bad != 0;
}
