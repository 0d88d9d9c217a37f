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

const unsigned long fuzz_rounds = 20000;

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

/*
 * What is rare in random bytes is what guests mostly do: registers that mean
 * something, and addresses at which BARs can meet.
 */
static const struct {
	uint8_t offset, size;
} registers[] = {
	{ PCI_COMMAND, 2 },
	{ PCI_COMMAND, 2 },
	{ PCI_BASE_ADDRESS_0, 4 },
	{ PCI_BASE_ADDRESS_2, 4 },
	{ PCI_BASE_ADDRESS_3, 4 },
	{ PCI_BASE_ADDRESS_4, 4 },
	{ PCI_BASE_ADDRESS_5, 4 },
	{ PCI_ROM_ADDRESS, 4 },
	{ FAKE_MSI_CAP + PCI_MSI_FLAGS, 2 },
	{ FAKE_MSI_CAP + PCI_MSI_ADDRESS_LO, 4 },
	{ FAKE_MSI_CAP + PCI_MSI_DATA_64, 2 },
	{ FAKE_MSI_CAP + PCI_MSI_MASK_64, 4 },
	{ FAKE_MSIX_CAP + PCI_MSIX_FLAGS, 2 },
};

static const uint32_t values[] = {
	0,	1,	    2,		3,	    0x403,	0xffff,
	~0U,	0xe0000000, 0xe0001000, 0xe0004000, 0xe0080000, 0xe0100001,
	0xc000, 0x8000000,  0xfec00000, 0xfee00000, 0x8000,	0xc001,
};

struct packed_request {
	uint8_t flags;
	uint8_t which;
	uint16_t count;
	uint32_t offset;
	uint64_t data;
} __attribute__((packed));

#define PACKED_MEMORY 1
#define PACKED_REPEATED 2
#define PACKED_ANY_SIZE 4
#define PACKED_READ 8
#define PACKED_BACKWARDS 16
#define PACKED_INDIRECT 32
#define PACKED_RAW 64
#define PACKED_DEATH 0xff

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static struct request likely_write(const struct packed_request *packed)
{
	return (struct request){
		.space = REQUEST_CONFIG,
		.address = registers[packed->which % NR(registers)].offset,
		.size = registers[packed->which % NR(registers)].size,
		.data = values[packed->count % NR(values)],
		.count = 1,
	};
}

static struct request unpack(const struct packed_request *packed)
{
	unsigned int flags = packed->flags;
	struct request request = {
		.space = REQUEST_CONFIG,
		.address = packed->offset & 0xff,
		.data = packed->data,
		.count = flags & PACKED_REPEATED ? packed->count : 1,
		.size = flags & PACKED_ANY_SIZE ? packed->which :
						  1U << (packed->which & 3),
		.is_read = flags & PACKED_READ,
		.backwards = flags & PACKED_BACKWARDS,
		.data_is_address = flags & PACKED_INDIRECT,
	};

	if (!(flags & PACKED_MEMORY))
		return flags & PACKED_RAW ? request : likely_write(packed);
	request.space = REQUEST_MEMORY;
	request.address = packed->offset;
	if (!(flags & PACKED_RAW))
		request.address = dev.state->bars[packed->which % 7].address +
				  (packed->offset & 0x3fff);
	return request;
}

/* The worker dies; its successor has what is in the state and in VFIO. */
static void replace_worker(void)
{
	all.devices[0] = NULL;
	rom_drop(&dev.rom);
	hvm_device_init(&dev, &all, &fake.dev, state);
	all.devices[0] = &dev;
	hvm_device_resume(&dev);
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
		if (packed.flags == PACKED_DEATH) {
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
