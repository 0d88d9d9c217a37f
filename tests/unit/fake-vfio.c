// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device in place of VFIO's.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "fake-vfio.h"
#include "hvm/guest_memory.h"
#include "hvm/ioreq_server.h"

struct fake_vfio fake;

static void put16(unsigned int offset, uint32_t value)
{
	fake.config[offset] = (uint8_t)value;
	fake.config[offset + 1] = (uint8_t)(value >> 8);
}

static void put32(unsigned int offset, uint32_t value)
{
	put16(offset, value & 0xffff);
	put16(offset + 2, value >> 16);
}

static uint32_t get(unsigned int offset, unsigned int size)
{
	uint32_t value = 0;

	memcpy(&value, fake.config + offset, size);
	return value;
}

static void add_bar(unsigned int i, uint64_t size, uint32_t type, bool can_map)
{
	fake.dev.bars[i] = (struct vfio_bar){ size, i << 24, type, can_map };
	/* As the host has it: no business of the guest's */
	put32(PCI_BASE_ADDRESS_0 + 4 * i, 0xfe000000 | type);
}

void fake_vfio_reset(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.gport = -1;
	fake.index = -1;
	fake.ram_end = 0xc000000;
	fake.dev.config_size = sizeof(fake.config);
	add_bar(0, FAKE_BAR0_SIZE, PCI_BASE_ADDRESS_SPACE_MEMORY, true);
	add_bar(2, FAKE_BAR2_SIZE, PCI_BASE_ADDRESS_MEM_TYPE_64, true);
	add_bar(4, FAKE_BAR4_SIZE, PCI_BASE_ADDRESS_SPACE_MEMORY, false);
	add_bar(5, FAKE_BAR5_SIZE, PCI_BASE_ADDRESS_SPACE_IO, false);
	fake.dev.rom.size = FAKE_ROM_SIZE;
	fake.dev.nr_irqs[VFIO_PCI_INTX_IRQ_INDEX] = 1;
	fake.dev.guest_irqs[VFIO_PCI_INTX_IRQ_INDEX] = true;
	fake.dev.nr_irqs[VFIO_PCI_MSI_IRQ_INDEX] = 8;
	fake.dev.nr_irqs[VFIO_PCI_MSIX_IRQ_INDEX] = FAKE_NR_MSIX;
	put32(PCI_VENDOR_ID, 0x11e81234);
	put16(PCI_COMMAND, PCI_COMMAND_MEMORY);
	put16(PCI_STATUS, PCI_STATUS_CAP_LIST);
	fake.config[PCI_HEADER_TYPE] = 0x80;
	fake.config[PCI_INTERRUPT_PIN] = 3;
	fake.config[PCI_CAPABILITY_LIST] = FAKE_MSI_CAP;
	fake.config[FAKE_MSI_CAP] = PCI_CAP_ID_MSI;
	fake.config[FAKE_MSI_CAP + 1] = FAKE_MSIX_CAP;
	/* 8 vectors, 64 bits, maskable */
	put16(FAKE_MSI_CAP + PCI_MSI_FLAGS,
	      3 << 1 | PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_MASKBIT);
	fake.config[FAKE_MSIX_CAP] = PCI_CAP_ID_MSIX;
	put16(FAKE_MSIX_CAP + PCI_MSIX_FLAGS, FAKE_NR_MSIX - 1);
	put32(FAKE_MSIX_CAP + PCI_MSIX_TABLE,
	      FAKE_TABLE_OFFSET | FAKE_TABLE_BAR);
	put32(FAKE_MSIX_CAP + PCI_MSIX_PBA,
	      FAKE_PENDING_OFFSET | FAKE_TABLE_BAR);
	put32(FAKE_EXPRESS_CAP + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_FLR);
	fake.config[FAKE_ADVANCED_CAP + PCI_AF_CAP] = PCI_AF_CAP_TP |
						      PCI_AF_CAP_FLR;
}

/* ---- configuration space: BARs have their sizes ---- */

static uint32_t bar_bits(unsigned int offset)
{
	unsigned int i = (offset - PCI_BASE_ADDRESS_0) / 4;

	if (fake.dev.bars[i].size)
		return ~(uint32_t)(fake.dev.bars[i].size - 1);
	return i && (fake.dev.bars[i - 1].type & PCI_BASE_ADDRESS_MEM_TYPE_64) ?
		       ~0U :
		       0;
}

static void write_bar(unsigned int offset, uint32_t value)
{
	unsigned int i = (offset - PCI_BASE_ADDRESS_0) / 4;

	put32(offset, (value & bar_bits(offset)) | fake.dev.bars[i].type);
}

int vfio_config_read(const struct vfio_device *dev, uint32_t offset,
		     unsigned int size, uint32_t *value)
{
	assert(dev == &fake.dev);
	assert(offset % size == 0 && offset + size <= sizeof(fake.config));
	*value = get(offset, size);
	return 0;
}

int vfio_config_write(const struct vfio_device *dev, uint32_t offset,
		      unsigned int size, uint32_t value)
{
	assert(dev == &fake.dev);
	assert(offset % size == 0 && offset + size <= sizeof(fake.config));
	if (offset == PCI_COMMAND) {
		/* What is mapped would answer nothing. */
		for (unsigned int i = 0; i < fake.nr_ranges; i++)
			assert(value & PCI_COMMAND_MEMORY);
		assert(fake.gport < 0 || value & PCI_COMMAND_IO);
		put16(offset, value & 0xffff);
	} else if (offset >= PCI_BASE_ADDRESS_0 &&
		   offset < PCI_BASE_ADDRESS_0 + 24) {
		assert(size == 4);
		write_bar(offset, value);
	} else if (offset == PCI_ROM_ADDRESS) {
		put32(offset, value & (~(FAKE_ROM_SIZE - 1U) | 1));
	} else if (offset == PCI_INTERRUPT_LINE) {
		fake.config[offset] = (uint8_t)value;
	} else if (offset == FAKE_MSI_CAP + PCI_MSI_MASK_64) {
		put32(offset, value);
	} else if (offset == FAKE_POWER_CAP + PCI_PM_CTRL) {
		put16(offset, value & PCI_PM_CTRL_STATE_MASK);
	}
	return 0;
}

uint8_t vfio_find_capability(const struct vfio_device *dev, uint8_t id)
{
	assert(dev == &fake.dev);
	switch (id) {
	case PCI_CAP_ID_MSI:
		return FAKE_MSI_CAP;
	case PCI_CAP_ID_MSIX:
		return FAKE_MSIX_CAP;
	case PCI_CAP_ID_EXP:
		return FAKE_EXPRESS_CAP;
	case PCI_CAP_ID_AF:
		return FAKE_ADVANCED_CAP;
	case PCI_CAP_ID_PM:
		return FAKE_POWER_CAP;
	default:
		return 0;
	}
}

/* ---- what the guest sees ---- */

const struct fake_range *fake_find(uint64_t address)
{
	for (unsigned int i = 0; i < fake.nr_ranges; i++)
		if (address >= fake.ranges[i].first &&
		    address - fake.ranges[i].first < fake.ranges[i].size)
			return &fake.ranges[i];
	return NULL;
}

static void add_range(const struct fake_range *range)
{
	const struct fake_range *other;

	assert(range->size && range->first + range->size - 1 >= range->first);
	assert(fake.nr_ranges < FAKE_MAX_RANGES);
	assert(range->first >= fake.ram_end);
	for (unsigned int i = 0; i < fake.nr_ranges; i++) {
		other = &fake.ranges[i];
		assert(range->first > other->first + other->size - 1 ||
		       other->first > range->first + range->size - 1);
	}
	fake.ranges[fake.nr_ranges++] = *range;
}

static int remove_range(uint64_t first, uint64_t size, bool taken)
{
	for (unsigned int i = 0; i < fake.nr_ranges; i++) {
		struct fake_range *range = &fake.ranges[i];

		if (range->first != first || range->taken != taken)
			continue;
		assert(range->size == size);
		*range = fake.ranges[--fake.nr_ranges];
		return 0;
	}
	return -ENOENT;
}

int vfio_bar_map(const struct vfio_device *dev, unsigned int bar,
		 uint64_t offset, uint64_t size, uint64_t address)
{
	const struct fake_range range = { address, size, false, bar, offset };

	assert(dev->bars[bar].can_map && offset + size <= dev->bars[bar].size);
	assert(((address | offset | size) & 0xfff) == 0);
	assert(get(PCI_COMMAND, 2) & PCI_COMMAND_MEMORY);
	assert(bar != FAKE_TABLE_BAR || offset > FAKE_TABLE_OFFSET ||
	       offset + size <= FAKE_TABLE_OFFSET);
	assert(bar != FAKE_TABLE_BAR || offset + size <= FAKE_PENDING_OFFSET);
	add_range(&range);
	return 0;
}

int vfio_bar_unmap(const struct vfio_device *dev, unsigned int bar,
		   uint64_t offset, uint64_t size, uint64_t address)
{
	const struct fake_range *range = fake_find(address);

	assert(dev == &fake.dev);
	assert(range && range->bar == bar && range->offset == offset);
	return remove_range(address, size, false);
}

int vfio_ports_map(const struct vfio_device *dev, unsigned int bar,
		   uint16_t gport)
{
	assert(dev->bars[bar].type & PCI_BASE_ADDRESS_SPACE_IO);
	assert(get(PCI_COMMAND, 2) & PCI_COMMAND_IO);
	assert(fake.gport < 0);
	fake.gport = gport;
	return 0;
}

int vfio_ports_unmap(const struct vfio_device *dev, unsigned int bar)
{
	assert(dev->bars[bar].type & PCI_BASE_ADDRESS_SPACE_IO);
	fake.gport = -1;
	return 0;
}

int vfio_bar_read(const struct vfio_device *dev, unsigned int bar,
		  uint64_t offset, void *data, size_t size)
{
	assert(bar < VFIO_NR_BARS);
	assert(size <= 8 && offset + size <= dev->bars[bar].size);
	memcpy(data, &fake.bar_value, size);
	fake.bar_accesses++;
	return 0;
}

int vfio_rom_read(const struct vfio_device *dev, uint64_t offset, void *data,
		  size_t size)
{
	assert(offset + size <= dev->rom.size);
	fake.rom_accesses++;
	memcpy(data, fake.rom + offset, size);
	return fake.rom_err;
}

int vfio_bar_write(const struct vfio_device *dev, unsigned int bar,
		   uint64_t offset, const void *data, size_t size)
{
	assert(bar < VFIO_NR_BARS);
	assert(size <= 8 && offset + size <= dev->bars[bar].size);
	fake.bar_value = 0;
	memcpy(&fake.bar_value, data, size);
	fake.bar_accesses++;
	return 0;
}

/* ---- interrupts ---- */

int vfio_irq_connect(const struct vfio_device *dev, unsigned int index,
		     unsigned int vector, unsigned int nr,
		     struct vfio_irq_xen_guest *entries)
{
	assert(nr == 1 && vector < dev->nr_irqs[index]);
	assert(fake.index < 0 || fake.index == (int)index);
	assert(entries->flags & VFIO_IRQ_XEN_GUEST_CONNECT);
	if (fake.connect_err)
		return fake.connect_err;
	fake.index = (int)index;
	fake.vectors[vector] = *entries;
	fake.nr_connects++;
	return 0;
}

int vfio_irq_disable(const struct vfio_device *dev, unsigned int index)
{
	(void)dev;
	if (fake.index != (int)index)
		return -EINVAL;
	fake.index = -1;
	memset(fake.vectors, 0, sizeof(fake.vectors));
	return 0;
}

/* ---- the ioreq server, and RAM ---- */

int ioreq_server_take_memory(const struct ioreq_server *server, uint64_t first,
			     uint64_t last)
{
	const struct fake_range range = { .first = first,
					  .size = last - first + 1,
					  .taken = true };

	(void)server;
	add_range(&range);
	return 0;
}

void ioreq_server_leave_memory(const struct ioreq_server *server,
			       uint64_t first, uint64_t last)
{
	(void)server;
	remove_range(first, last - first + 1, true);
}

bool guest_memory_is_ram(const struct guest_memory *memory, uint64_t address,
			 uint64_t size)
{
	(void)memory, (void)size;
	return address < fake.ram_end;
}
