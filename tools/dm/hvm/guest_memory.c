// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access the guest's memory through foreign mappings that last for one copy.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <xenforeignmemory.h>

#include "guest_memory.h"
#include "request.h"

#define PAGE_BITS 12
#define PAGE_BYTES (1UL << PAGE_BITS)

/* The most that a request can move, at any offset in a page */
#define MAX_COPY_PAGES (REQUEST_MAX_COUNT * REQUEST_MAX_SIZE / PAGE_BYTES + 1)

static uint8_t *map_pages(const struct guest_memory *memory, int prot,
			  uint64_t address, size_t nr)
{
	xen_pfn_t gfns[MAX_COPY_PAGES];

	for (size_t i = 0; i < nr; i++)
		gfns[i] = (address >> PAGE_BITS) + i;
	return xenforeignmemory_map(memory->fmem, memory->domid, prot, nr, gfns,
				    NULL);
}

static size_t nr_pages_of(uint64_t address, size_t size)
{
	return ((address & (PAGE_BYTES - 1)) + size + PAGE_BYTES - 1) >>
	       PAGE_BITS;
}

int guest_memory_load(const struct guest_memory *memory, uint64_t address,
		      void *buffer, size_t size)
{
	size_t nr = nr_pages_of(address, size);
	uint8_t *pages;

	if (nr > MAX_COPY_PAGES)
		return -EINVAL;
	pages = map_pages(memory, PROT_READ, address, nr);
	if (!pages)
		return -EFAULT;
	memcpy(buffer, pages + (address & (PAGE_BYTES - 1)), size);
	xenforeignmemory_unmap(memory->fmem, pages, nr);
	return 0;
}

int guest_memory_store(const struct guest_memory *memory, uint64_t address,
		       const void *buffer, size_t size)
{
	size_t nr = nr_pages_of(address, size);
	uint8_t *pages;

	if (nr > MAX_COPY_PAGES)
		return -EINVAL;
	pages = map_pages(memory, PROT_READ | PROT_WRITE, address, nr);
	if (!pages)
		return -EFAULT;
	memcpy(pages + (address & (PAGE_BYTES - 1)), buffer, size);
	xenforeignmemory_unmap(memory->fmem, pages, nr);
	return 0;
}

/*
 * Frames checked in one call, and frames of a range checked one by one before it strides
 */
#define PROBE_FRAMES 256
#define PROBE_ALL_FRAMES 1024
#define PROBE_STRIDE 512

static bool any_is_ram(const struct guest_memory *memory, xen_pfn_t *gfns,
		       size_t nr)
{
	int errs[PROBE_FRAMES];
	bool found = false;
	void *pages;

	pages = xenforeignmemory_map(memory->fmem, memory->domid, PROT_READ, nr,
				     gfns, errs);
	if (!pages)
		return false;
	for (size_t i = 0; i < nr; i++)
		found |= errs[i] == 0;
	xenforeignmemory_unmap(memory->fmem, pages, nr);
	return found;
}

bool guest_memory_is_ram(const struct guest_memory *memory, uint64_t address,
			 uint64_t size)
{
	xen_pfn_t gfns[PROBE_FRAMES];
	uint64_t first = address >> PAGE_BITS;
	uint64_t end = (address + size + PAGE_BYTES - 1) >> PAGE_BITS;
	uint64_t gfn = first;
	size_t nr;

	while (gfn < end) {
		for (nr = 0; nr < PROBE_FRAMES && gfn < end; nr++) {
			gfns[nr] = gfn;
			gfn += gfn - first < PROBE_ALL_FRAMES ? 1 :
								PROBE_STRIDE;
		}
		if (any_is_ram(memory, gfns, nr))
			return true;
	}
	return false;
}
