// SPDX-License-Identifier: GPL-2.0
/*
 * port-registers SBDF: runs in a guest. Reads registers of an Intel network card by
 * its I/O ports (BAR 2: an address, then data), and compares with BAR 0.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <unistd.h>

#define BAR_SIZE 0x20000
#define COMMAND 4
#define DECODE 3 /* ports and memory */

static const uint32_t registers[] = { 0x5400, 0x5404, 0x8, 0x18 };

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int open_file(const char *sbdf, const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", sbdf, name);
	fd = open(path, O_RDWR | O_SYNC);
	if (fd < 0)
		fail(path);
	return fd;
}

static void enable(const char *sbdf)
{
	int fd = open_file(sbdf, "config");
	uint16_t command;

	if (pread(fd, &command, 2, COMMAND) != 2)
		fail("config");
	command |= DECODE;
	if (pwrite(fd, &command, 2, COMMAND) != 2)
		fail("config");
	close(fd);
}

static uint16_t first_port(const char *sbdf)
{
	unsigned long long start = 0;
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource", sbdf);
	file = fopen(path, "r");
	for (int bar = 0; bar <= 2; bar++)
		if (!file || fscanf(file, "%llx %*x %*x", &start) != 1)
			fail(path);
	fclose(file);
	return (uint16_t)start;
}

int main(int argc, char **argv)
{
	const volatile uint32_t *memory;
	uint16_t port;
	int differ = 0;

	if (argc != 2)
		return 2;
	enable(argv[1]);
	port = first_port(argv[1]);
	memory = mmap(NULL, BAR_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		      open_file(argv[1], "resource0"), 0);
	if (memory == MAP_FAILED)
		fail("resource0");
	if (iopl(3))
		fail("iopl");
	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
		uint32_t by_memory = memory[registers[i] / 4], by_port;

		outl(registers[i], port);
		by_port = inl(port + 4);
		printf("%#x: %#x by memory, %#x by port %#x\n", registers[i],
		       by_memory, by_port, port);
		differ |= by_memory != by_port || by_port == ~0U;
	}
	return differ;
}
