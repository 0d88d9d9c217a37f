// SPDX-License-Identifier: GPL-2.0
/*
 * See machine-frame.h. A PV kernel keeps its frames in a table at xen_p2m_addr,
 * which root can read through /proc/kcore, an ELF image of kernel memory.
 */
#include "machine-frame.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FRAME_FLAGS (3ull << 62)

static int pv_guest(void)
{
	char type[8] = "";
	FILE *f = fopen("/sys/hypervisor/guest_type", "r");

	if (!f)
		return 0;
	if (!fgets(type, sizeof(type), f))
		type[0] = 0;
	fclose(f);
	return !strncmp(type, "PV\n", 3) || !strcmp(type, "PV");
}

static uint64_t kernel_symbol(const char *name)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	unsigned long long addr = 0, found = 0;
	char symbol[128];

	while (f && !found && fscanf(f, "%llx %*c %127s%*[^\n]", &addr, symbol) == 2)
		if (!strcmp(symbol, name))
			found = addr;
	if (f)
		fclose(f);
	return found;
}

/* Reads 8 bytes of kernel memory; the segment found last is tried first. */
static int kernel_read(int kcore, uint64_t addr, uint64_t *value)
{
	static Elf64_Phdr ph;
	Elf64_Ehdr eh;

	for (int i = -1;; i++) {
		if (ph.p_type == PT_LOAD && addr >= ph.p_vaddr && addr - ph.p_vaddr < ph.p_memsz)
			break;
		if (pread(kcore, &eh, sizeof(eh), 0) != sizeof(eh) || i + 1 >= eh.e_phnum)
			return -1;
		if (pread(kcore, &ph, sizeof(ph), (off_t)(eh.e_phoff + (i + 1) * sizeof(ph))) !=
		    sizeof(ph))
			return -1;
	}
	return pread(kcore, value, 8, (off_t)(ph.p_offset + addr - ph.p_vaddr)) == 8 ? 0 : -1;
}

/* The address of the table, and kernel memory to read it from. */
static int frame_table(uint64_t *table)
{
	uint64_t symbol = kernel_symbol("xen_p2m_addr");
	int kcore = open("/proc/kcore", O_RDONLY | O_CLOEXEC);

	if (kcore >= 0 && (!symbol || kernel_read(kcore, symbol, table))) {
		close(kcore);
		kcore = -1;
	}
	return kcore;
}

uint64_t machine_frame(uint64_t pfn)
{
	static int kcore = -2, pv = -1;
	static uint64_t table;
	uint64_t mfn;

	if (pv < 0)
		pv = pv_guest();
	if (!pv)
		return pfn;
	if (kcore == -2)
		kcore = frame_table(&table);
	if (kcore < 0 || kernel_read(kcore, table + pfn * sizeof(mfn), &mfn))
		return 0;
	return mfn & FRAME_FLAGS ? 0 : mfn;
}
