/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's memory, accessed from dom0.
 */
#ifndef DM_HVM_GUEST_MEMORY_H
#define DM_HVM_GUEST_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xenforeignmemory_handle;

struct guest_memory {
	struct xenforeignmemory_handle *fmem;
	uint32_t domid;
};

/* Returns 0, or -errno if a part is not RAM: then nothing has been copied. */
int guest_memory_load(const struct guest_memory *memory, uint64_t address,
		      void *buffer, size_t size);
int guest_memory_store(const struct guest_memory *memory, uint64_t address,
		       const void *buffer, size_t size);
/*
 * Whether the guest has RAM in the range. Checks all pages near its start, and one every
 * 2 MiB after that: RAM comes in large pieces, and a guest that hides a page from this
 * harms only itself.
 */
bool guest_memory_is_ram(const struct guest_memory *memory, uint64_t address,
			 uint64_t size);

#endif
