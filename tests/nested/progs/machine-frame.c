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

static int kernel_read(int kcore, uint64_t addr, uint64_t *value)
{
	Elf64_Ehdr eh;
	Elf64_Phdr ph;

	if (pread(kcore, &eh, sizeof(eh), 0) != sizeof(eh))
		return -1;
	for (unsigned int i = 0; i < eh.e_phnum; i++) {
		if (pread(kcore, &ph, sizeof(ph), (off_t)(eh.e_phoff + i * sizeof(ph))) != sizeof(ph))
			return -1;
		if (ph.p_type != PT_LOAD || addr < ph.p_vaddr || addr - ph.p_vaddr >= ph.p_memsz)
			continue;
		if (pread(kcore, value, 8, (off_t)(ph.p_offset + addr - ph.p_vaddr)) == 8)
			return 0;
	}
	return -1;
}

uint64_t machine_frame(uint64_t pfn)
{
	uint64_t symbol, table, mfn = 0;
	int kcore;

	if (!pv_guest())
		return pfn;
	symbol = kernel_symbol("xen_p2m_addr");
	kcore = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	if (!symbol || kcore < 0 || kernel_read(kcore, symbol, &table) ||
	    kernel_read(kcore, table + pfn * sizeof(mfn), &mfn))
		mfn = 0;
	if (kcore >= 0)
		close(kcore);
	return mfn & FRAME_FLAGS ? 0 : mfn;
}
