// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that writes anything anywhere: requests, as they come out of the page
 * that is shared with Xen, to an emulated device.
 *
 * fake-vfio.c knows what must never happen, whatever the guest does: a BAR over
 * RAM or over another one, the MSI-X table's pages mapped, vectors of two kinds,
 * decoding switched off below a mapping.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake-vfio.h"
#include "fuzz.h"
#include "hvm/device.h"
#include "log.h"

static struct state_device *state;
static struct hvm_devices all;
static struct hvm_device dev;
static const uint8_t *guest_memory;
static size_t guest_size;

void log_message(int level, const char *fmt, ...)
{
	(void)level, (void)fmt;
}

/* As the worker finds its way from an access to a device */
static uint64_t fuzz_read(void *data, const struct access *access)
{
	uint64_t offset;
	int bar;

	(void)data;
	if (access->space == REQUEST_CONFIG)
		return hvm_device_config_read(&dev, (uint32_t)access->address,
					      access->size);
	bar = bars_find(&dev.bars, access->address, access->size, &offset);
	return bar < 0 ? ~0ULL :
			 hvm_device_bar_read(&dev, (unsigned int)bar, offset,
					     access->size);
}

static void fuzz_write(void *data, const struct access *access, uint64_t value)
{
	uint64_t offset;
	int bar;

	(void)data;
	if (access->space == REQUEST_CONFIG) {
		hvm_device_config_write(&dev, (uint32_t)access->address,
					access->size, (uint32_t)value);
		return;
	}
	bar = bars_find(&dev.bars, access->address, access->size, &offset);
	if (bar >= 0)
		hvm_device_bar_write(&dev, (unsigned int)bar, offset,
				     access->size, value);
}

static int fuzz_load(void *data, uint64_t address, void *buffer, size_t size)
{
	(void)data;
	if (address > guest_size || size > guest_size - address)
		return -EFAULT;
	memcpy(buffer, guest_memory + address, size);
	return 0;
}

/* Reads all that is to be stored, for the sanitizers. */
static int fuzz_store(void *data, uint64_t address, const void *buffer,
		      size_t size)
{
	static uint8_t copy[REQUEST_MAX_COUNT * REQUEST_MAX_SIZE];

	(void)data, (void)address;
	memcpy(copy, buffer, size);
	return 0;
}

static const struct request_ops ops = { fuzz_read, fuzz_write, fuzz_load,
					fuzz_store };

struct packed_request {
	uint8_t flags;
	uint8_t size;
	uint16_t count;
	uint32_t offset;
	uint64_t data;
} __attribute__((packed));

/* Most of what a guest does is to registers and BARs that exist. */
static struct request unpack(const struct packed_request *packed)
{
	struct request request = {
		.space = packed->flags & 1 ? REQUEST_MEMORY : REQUEST_CONFIG,
		.address = packed->flags & 1 ? packed->offset :
					       packed->offset & 0xff,
		.data = packed->data,
		.count = packed->flags & 2 ? packed->count : 1,
		.size = packed->flags & 4 ? packed->size :
					    1U << (packed->size & 3),
		.is_read = packed->flags & 8,
		.backwards = packed->flags & 16,
		.data_is_address = packed->flags & 32,
	};

	if (packed->flags & 64)
		request.address = dev.state->bars[packed->size % 7].address +
				  (packed->offset & 0x3fff);
	return request;
}

/* The worker dies; its successor has what is in the state and in VFIO. */
static void replace_worker(void)
{
	all.devices[0] = NULL;
	hvm_device_init(&dev, &all, &fake.dev, state);
	all.devices[0] = &dev;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packed_request packed;
	struct request request;

	fake_vfio_reset();
	if (!state)
		state = calloc(1, sizeof(*state));
	memset(state, 0, offsetof(struct state_device, hvm.vectors));
	all = (struct hvm_devices){ 0 };
	replace_worker();
	guest_memory = data;
	guest_size = size;
	for (; size >= sizeof(packed); size -= sizeof(packed)) {
		memcpy(&packed, data, sizeof(packed));
		data += sizeof(packed);
		if (packed.flags == 0xff) {
			replace_worker();
			continue;
		}
		request = unpack(&packed);
		request_run(&request, &ops, NULL);
	}
	hvm_device_clear(&dev);
	assert(fake.nr_ranges == 0 && fake.gport < 0 && fake.index < 0);
	return 0;
}
