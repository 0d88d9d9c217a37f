// SPDX-License-Identifier: GPL-2.0
/*
 * hostile-guest SBDF SECONDS [SEED]: runs in an HVM guest, on a device without a
 * driver there. Writes what no driver writes to all its registers, moves its BARs
 * to where they must not be, puts wild messages into MSI and the MSI-X table, and
 * reads and writes in ways that no driver does. It judges nothing itself, beyond
 * that it is still there at the end; it prints what it has done.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA 0xcfc
#define CONFIG_SIZE 256
#define COMMAND 4
#define BAR0 0x10
#define NR_BARS 6
#define ROM_BAR 0x30
#define CAPABILITIES 0x34
#define CAP_MSI 5
#define CAP_MSIX 0x11
#define DECODE 3

static uint32_t base; /* of the device in CONFIG_ADDRESS */
static uint8_t msi_cap, msix_cap;
static volatile uint8_t *table; /* the guest's mapping of the MSI-X table */
static size_t table_size;
static uint32_t bars[NR_BARS];

/* Where BARs, messages and DMA addresses must not lead */
static const uint32_t bad_addresses[] = {
	0, 0x1000, 0xa0000, 0xc0000, 0xf0000, 0x100000, 0x1000000, 0x8000000,
	0xdfff0000, 0xf0000000, 0xfec00000, 0xfed00000, 0xfee00000, 0xfee0f00c,
	0xfeff0000, 0xfffe0000, 0xfffffff0, 0x7fffffff, 0x80000000, 0xffffffff,
	0xfee01000, 0xfeeff0f0, 0xc001, 0xcf8, 0xae00, 0xb000, 0x1f0, 0xffff,
};

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static uint32_t any(void)
{
	return (uint32_t)random() ^ (uint32_t)random() << 16;
}

/* Something hostile, or something at all */
static uint32_t wild(void)
{
	switch (any() % 4) {
	case 0:
		return bad_addresses[any() % NR(bad_addresses)];
	case 1:
		return bars[any() % NR_BARS];
	case 2:
		return 1U << any() % 32;
	default:
		return any();
	}
}

static void select_register(unsigned int offset)
{
	outl(base | (offset & 0xfc), CONFIG_ADDRESS);
}

static uint32_t config_read(unsigned int offset)
{
	select_register(offset);
	return inl(CONFIG_DATA);
}

static void config_write(unsigned int offset, unsigned int size, uint32_t value)
{
	select_register(offset);
	switch (size) {
	case 1:
		outb((uint8_t)value, CONFIG_DATA + (offset & 3));
		break;
	case 2:
		outw((uint16_t)value, CONFIG_DATA + (offset & 3));
		break;
	default:
		outl(value, CONFIG_DATA);
	}
}

static void look_around(void)
{
	uint8_t at = config_read(CAPABILITIES) & 0xfc;

	for (int i = 0; at && i < 48; i++) {
		uint32_t cap = config_read(at);

		if ((cap & 0xff) == CAP_MSI)
			msi_cap = at;
		if ((cap & 0xff) == CAP_MSIX)
			msix_cap = at;
		at = cap >> 8 & 0xfc;
	}
	for (unsigned int i = 0; i < NR_BARS; i++)
		bars[i] = config_read(BAR0 + 4 * i);
}

static void map_table(const char *sbdf)
{
	uint32_t where = config_read(msix_cap + 4);
	size_t offset = where & ~7U;
	char path[128];
	void *page;
	int fd;

	table_size = ((config_read(msix_cap) >> 16 & 0x7ff) + 1) * 16;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource%u", sbdf,
		 where & 7);
	fd = open(path, O_RDWR | O_SYNC);
	if (fd < 0)
		return;
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    (off_t)(offset & ~4095UL));
	if (page != MAP_FAILED)
		table = (uint8_t *)page + (offset & 4095);
	close(fd);
}

/* Back to where Linux has put them, so that the next part hits the device. */
static void put_back(void)
{
	config_write(COMMAND, 2, 0);
	for (unsigned int i = 0; i < NR_BARS; i++)
		config_write(BAR0 + 4 * i, 4, bars[i]);
	config_write(ROM_BAR, 4, 0);
	config_write(COMMAND, 2, DECODE);
}

static void all_registers(void)
{
	static const unsigned int sizes[] = { 1, 2, 4 };
	unsigned int size;

	for (int i = 0; i < 200; i++) {
		size = sizes[any() % 3];
		config_write(any() % CONFIG_SIZE & ~(size - 1), size, wild());
		config_read(any() % CONFIG_SIZE);
	}
}

/* Over RAM, over each other, over Xen's own; with decode on, and going on and off. */
static void move_bars(void)
{
	for (int i = 0; i < 10; i++) {
		unsigned int bar = any() % (NR_BARS + 1);

		config_write(bar == NR_BARS ? ROM_BAR : BAR0 + 4 * bar, 4,
			     wild() | (bar == NR_BARS));
		config_write(COMMAND, 2, any() & 7);
	}
}

static void toggle_decode(void)
{
	put_back();
	for (int i = 0; i < 20; i++)
		config_write(COMMAND, 2, i & 1 ? DECODE : 0);
}

static void wild_messages(void)
{
	put_back();
	if (msi_cap) {
		config_write(msi_cap + 4, 4, wild());
		config_write(msi_cap + 8, 4, wild());
		config_write(msi_cap + 12, 2, any());
		config_write(msi_cap + 2, 2, any() & 0x71);
	}
	if (msix_cap)
		config_write(msix_cap + 2, 2, any());
}

static void write_table(void)
{
	size_t at = any() % table_size;

	switch (any() % 6) {
	case 0:
		table[at] = (uint8_t)any();
		break;
	case 1: /* also crooked */
		*(volatile uint16_t *)(table + at) = (uint16_t)any();
		break;
	case 2:
		*(volatile uint32_t *)(table + at) = wild();
		break;
	case 3:
		*(volatile uint32_t *)(table + (at & ~3UL)) = wild();
		break;
	case 4:
		*(volatile uint64_t *)(table + (at & ~7UL)) = wild();
		break;
	default: /* unmasked */
		*(volatile uint32_t *)(table + (at & ~15UL) + 12) = 0;
	}
}

/* String instructions: many accesses in one request, from and to memory. */
static void write_strings(void)
{
	static uint8_t memory[4096];
	uint8_t *from = memory, *to = (uint8_t *)(uintptr_t)table;
	size_t count = any() % 256;

	if (count > table_size)
		count = table_size;
	__asm__ volatile("rep movsb" : "+S"(from), "+D"(to), "+c"(count) : : "memory");
	count = table_size / 4;
	from = (uint8_t *)(uintptr_t)table;
	to = memory;
	__asm__ volatile("rep movsl" : "+S"(from), "+D"(to), "+c"(count) : : "memory");
	from = memory + 1024;
	to = (uint8_t *)(uintptr_t)table + table_size - 4;
	count = table_size / 4;
	__asm__ volatile("std; rep movsl; cld" : "+S"(from), "+D"(to), "+c"(count) : : "memory");
}

static void config_strings(void)
{
	uint32_t memory[64];

	select_register(any() % CONFIG_SIZE);
	insl(CONFIG_DATA, memory, NR(memory));
	insb(CONFIG_DATA + 1, memory, 17);
	outsl(CONFIG_DATA, memory, NR(memory));
	outsw(CONFIG_DATA + 2, memory, 5);
	outsb(CONFIG_DATA + 3, memory, 9);
}

static void use_table(void)
{
	if (!table)
		return;
	put_back();
	config_write(msix_cap + 2, 2, 0x8000);
	for (int i = 0; i < 50; i++)
		write_table();
	write_strings();
}

static void (*const deeds[])(void) = {
	all_registers, move_bars, toggle_decode, wild_messages, use_table, config_strings,
};

int main(int argc, char **argv)
{
	unsigned long counts[NR(deeds)] = { 0 };
	unsigned int bus, slot, function, next = 0;
	time_t end;

	if (argc < 3 || sscanf(argv[1], "%*x:%x:%x.%x", &bus, &slot, &function) != 3)
		return 2;
	srandom(argc > 3 ? (unsigned int)strtoul(argv[3], NULL, 0) : 1);
	base = 1U << 31 | bus << 16 | slot << 11 | function << 8;
	if (iopl(3)) {
		perror("iopl");
		return 1;
	}
	look_around();
	if (msix_cap)
		map_table(argv[1]);
	for (end = time(NULL) + atoi(argv[2]); time(NULL) < end;) {
		deeds[next]();
		counts[next]++;
		next = (next + 1) % NR(deeds);
	}
	put_back();
	if (msix_cap)
		config_write(msix_cap + 2, 2, 0);
	if (msi_cap)
		config_write(msi_cap + 2, 2, 0);
	config_write(COMMAND, 2, 0);
	printf("msi %#x, MSI-X %#x, table %zu bytes; registers %lu, BARs %lu, decode %lu, "
	       "messages %lu, table %lu, strings %lu\n",
	       msi_cap, msix_cap, table ? table_size : 0, counts[0], counts[1], counts[2],
	       counts[3], counts[4], counts[5]);
	return 0;
}
