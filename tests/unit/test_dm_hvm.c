// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device in an HVM guest: what the guest writes to registers, and what comes of
 * it. The guest's part is played as Linux plays it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake-log.h"
#include "fake-vfio.h"
#include "hvm/device.h"
#include "hvm/message.h"
#include "log.h"

#define BAR0_AT 0xe0000000
#define BAR2_AT 0xe0200000
#define BAR4_AT 0xe0300000
#define ROM_AT 0xe0400000
#define PORTS_AT 0xc000

#define DECODE (PCI_COMMAND_MEMORY | PCI_COMMAND_IO)
#define MSI_CONTROL (FAKE_MSI_CAP + PCI_MSI_FLAGS)
#define MSIX_CONTROL (FAKE_MSIX_CAP + PCI_MSIX_FLAGS)

static struct state_device *state;
static struct hvm_devices all;
static struct hvm_device dev;
static int setup(void **unused)
{
	(void)unused;
	fake_vfio_reset();
	state = calloc(1, sizeof(*state));
	state->slot = 5;
	state->sbdf = 0x28;
	all = (struct hvm_devices){ 0 };
	assert_int_equal(hvm_device_init(&dev, &all, &fake.dev, state), 0);
	all.devices[0] = &dev;
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	rom_drop(&dev.rom);
	free(state);
	return 0;
}

static void put(uint32_t offset, unsigned int size, uint32_t value)
{
	hvm_device_config_write(&dev, offset, size, value);
}

static uint32_t get(uint32_t offset, unsigned int size)
{
	return hvm_device_config_read(&dev, offset, size);
}

static void place_bars(void)
{
	put(PCI_BASE_ADDRESS_0, 4, BAR0_AT);
	put(PCI_BASE_ADDRESS_2, 4, BAR2_AT);
	put(PCI_BASE_ADDRESS_3, 4, 0);
	put(PCI_BASE_ADDRESS_4, 4, BAR4_AT);
	put(PCI_BASE_ADDRESS_5, 4, PORTS_AT);
}

static void test_fresh(void **unused)
{
	(void)unused;
	assert_int_equal(dev.command, 0);
	assert_int_equal(get(PCI_COMMAND, 2), 0);
	assert_int_equal(get(PCI_BASE_ADDRESS_0, 4), 0);
	assert_int_equal(get(PCI_BASE_ADDRESS_2, 4), 4);
	assert_int_equal(get(PCI_BASE_ADDRESS_5, 4), 1);
	assert_int_equal(get(PCI_HEADER_TYPE, 1), 0);
	assert_int_equal(get(PCI_INTERRUPT_PIN, 1), 1);
	/* One vector, of those that the device has */
	assert_int_equal(get(MSI_CONTROL, 2),
			 PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_MASKBIT);
	assert_int_equal(get(MSIX_CONTROL, 2), FAKE_NR_MSIX - 1);
	assert_int_equal(fake.nr_ranges, 0);
	assert_int_equal(fake.index, -1);
}

/* Asked to let go of it, the guest has its driver finish, and finds it no more. */
static void test_leaving(void **unused)
{
	uint32_t id = get(PCI_VENDOR_ID, 4);

	(void)unused;
	assert_int_not_equal(id, ~0U);
	put(PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	state->hvm.leaving = 1;
	assert_int_equal(get(PCI_VENDOR_ID, 4), id);
	put(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	assert_int_equal(get(PCI_VENDOR_ID, 4), ~0U);
	assert_int_equal(get(PCI_DEVICE_ID, 2), 0xffff);
	state->hvm.leaving = 0;
	assert_int_equal(get(PCI_VENDOR_ID, 4), id);
}

static void test_sizing(void **unused)
{
	(void)unused;
	put(PCI_BASE_ADDRESS_0, 4, ~0U);
	assert_int_equal(get(PCI_BASE_ADDRESS_0, 4), ~(FAKE_BAR0_SIZE - 1U));
	put(PCI_BASE_ADDRESS_1, 4, ~0U);
	assert_int_equal(get(PCI_BASE_ADDRESS_1, 4), 0);
	put(PCI_BASE_ADDRESS_3, 4, ~0U);
	assert_int_equal(get(PCI_BASE_ADDRESS_3, 4), ~0U);
	assert_int_equal(fake.nr_ranges, 0);
}

static void assert_seen(uint64_t address, bool taken, unsigned int bar,
			uint64_t offset)
{
	const struct fake_range *range = fake_find(address);

	assert_non_null(range);
	assert_int_equal(range->taken, taken);
	if (taken)
		return;
	assert_int_equal(range->bar, bar);
	assert_int_equal(address - range->first + range->offset, offset);
}

static void test_bars(void **unused)
{
	(void)unused;
	place_bars();
	assert_int_equal(fake.nr_ranges, 0);
	assert_int_equal(fake.gport, -1);
	put(PCI_COMMAND, 2, DECODE);
	assert_seen(BAR0_AT, false, 0, 0);
	assert_seen(BAR0_AT + FAKE_BAR0_SIZE - 1, false, 0, FAKE_BAR0_SIZE - 1);
	assert_null(fake_find(BAR0_AT + FAKE_BAR0_SIZE));
	/* Around the MSI-X table */
	assert_seen(BAR2_AT + 0xfff, false, 2, 0xfff);
	assert_seen(BAR2_AT + 0x1000, true, 0, 0);
	assert_seen(BAR2_AT + 0x1fff, true, 0, 0);
	assert_seen(BAR2_AT + 0x2000, false, 2, 0x2000);
	assert_seen(BAR2_AT + 0x3000, true, 0, 0);
	assert_seen(BAR4_AT, true, 0, 0);
	assert_int_equal(fake.gport, PORTS_AT);
	/* Only memory: the ports go */
	put(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	assert_int_equal(fake.gport, -1);
	assert_seen(BAR0_AT, false, 0, 0);
	put(PCI_COMMAND, 2, 0);
	assert_int_equal(fake.nr_ranges, 0);
}

static void test_moving(void **unused)
{
	(void)unused;
	place_bars();
	put(PCI_COMMAND, 2, DECODE);
	put(PCI_BASE_ADDRESS_0, 4, BAR0_AT + 0x1000000);
	assert_null(fake_find(BAR0_AT));
	assert_seen(BAR0_AT + 0x1000000, false, 0, 0);
	put(PCI_BASE_ADDRESS_3, 4, 8);
	assert_seen(0x800000000 + BAR2_AT, false, 2, 0);
	assert_null(fake_find(BAR2_AT));
}

/* Where the guest has RAM, Xen its APIC, or another BAR is; and at 0 */
static void test_bad_places(void **unused)
{
	(void)unused;
	place_bars();
	put(PCI_COMMAND, 2, DECODE);
	put(PCI_BASE_ADDRESS_0, 4, 0x8000000);
	assert_null(fake_find(0x8000000));
	put(PCI_BASE_ADDRESS_0, 4, 0xfee00000);
	assert_null(fake_find(0xfee00000));
	put(PCI_BASE_ADDRESS_0, 4, BAR2_AT);
	assert_seen(BAR2_AT, false, 2, 0);
	put(PCI_BASE_ADDRESS_0, 4, 0);
	assert_null(fake_find(0));
	put(PCI_BASE_ADDRESS_3, 4, ~0U);
	put(PCI_BASE_ADDRESS_2, 4, ~0U);
	put(PCI_BASE_ADDRESS_5, 4, 0x20);
	assert_int_equal(fake.gport, -1);
	put(PCI_BASE_ADDRESS_0, 4, BAR0_AT);
	assert_seen(BAR0_AT, false, 0, 0);
}

static void test_rom(void **unused)
{
	(void)unused;
	put(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	put(PCI_ROM_ADDRESS, 4, ROM_AT);
	assert_null(fake_find(ROM_AT));
	put(PCI_ROM_ADDRESS, 4, ROM_AT | PCI_ROM_ADDRESS_ENABLE);
	assert_seen(ROM_AT, true, 0, 0);
	fake.rom[0] = 0x55;
	fake.rom[1] = 0xaa;
	assert_int_equal(hvm_device_bar_read(&dev, BARS_ROM, 0, 2), 0xaa55);
	hvm_device_bar_write(&dev, BARS_ROM, 0, 4, 1);
	assert_int_equal(hvm_device_bar_read(&dev, BARS_ROM, 0, 2), 0xaa55);
}

/* VFIO is asked once for each page, and again for what it did not give. */
static void test_rom_is_kept(void **unused)
{
	(void)unused;
	fake.rom[0xfff] = 0x11;
	fake.rom[0x1000] = 0x22;
	fake.rom[FAKE_ROM_SIZE - 1] = 0x33;
	fake.rom_err = -EIO;
	assert_int_equal(hvm_device_bar_read(&dev, BARS_ROM, 0xffe, 2), ~0ULL);
	fake.rom_err = 0;
	assert_int_equal(hvm_device_bar_read(&dev, BARS_ROM, 0xffe, 2), 0x1100);
	assert_int_equal(fake.rom_accesses, 2);
	assert_int_equal(hvm_device_bar_read(&dev, BARS_ROM, 0, 8), 0);
	assert_int_equal(fake.rom_accesses, 2);
	assert_int_equal(hvm_device_bar_read(&dev, BARS_ROM, 0xfff, 2), 0x2211);
	assert_int_equal(fake.rom_accesses, 3);
	assert_int_equal(hvm_device_bar_read(&dev, BARS_ROM, FAKE_ROM_SIZE - 1,
					     1),
			 0x33);
	assert_int_equal(hvm_device_bar_read(&dev, BARS_ROM, FAKE_ROM_SIZE - 1,
					     2),
			 ~0ULL);
	assert_int_equal(fake.rom_accesses, 4);
	/* The next guest's is read anew. */
	hvm_device_clear(&dev);
	assert_int_equal(hvm_device_bar_read(&dev, BARS_ROM, 0xffe, 2), 0x1100);
	assert_int_equal(fake.rom_accesses, 5);
}

static void test_intx(void **unused)
{
	(void)unused;
	put(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	assert_int_equal(fake.index, VFIO_PCI_INTX_IRQ_INDEX);
	assert_int_equal(fake.vectors[0].slot, 5);
	assert_int_equal(fake.vectors[0].pin, 0);
	put(PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_INTX_DISABLE);
	assert_int_equal(fake.index, -1);
}

static void enable_msi(void)
{
	put(FAKE_MSI_CAP + PCI_MSI_ADDRESS_LO, 4, 0xfee01000);
	put(FAKE_MSI_CAP + PCI_MSI_ADDRESS_HI, 4, 0);
	put(FAKE_MSI_CAP + PCI_MSI_DATA_64, 2, 0x4041);
	put(MSI_CONTROL, 2, PCI_MSI_FLAGS_ENABLE);
}

static void test_msi(void **unused)
{
	(void)unused;
	put(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	enable_msi();
	assert_int_equal(fake.index, VFIO_PCI_MSI_IRQ_INDEX);
	assert_int_equal(fake.vectors[0].address, 0xfee01000);
	assert_int_equal(fake.vectors[0].data, 0x4041);
	assert_int_equal(fake.vectors[0].flags,
			 VFIO_IRQ_XEN_GUEST_CONNECT |
				 VFIO_IRQ_XEN_GUEST_UNMASKED);
	assert_true(get(MSI_CONTROL, 2) & PCI_MSI_FLAGS_ENABLE);
	/* To another CPU */
	put(FAKE_MSI_CAP + PCI_MSI_ADDRESS_LO, 4, 0xfee02000);
	assert_int_equal(fake.vectors[0].address, 0xfee02000);
	put(MSI_CONTROL, 2, 0);
	assert_int_equal(fake.index, VFIO_PCI_INTX_IRQ_INDEX);
}

static void test_msi_mask(void **unused)
{
	(void)unused;
	put(FAKE_MSI_CAP + PCI_MSI_MASK_64, 4, 1);
	enable_msi();
	assert_int_equal(fake.vectors[0].flags, VFIO_IRQ_XEN_GUEST_CONNECT);
	put(FAKE_MSI_CAP + PCI_MSI_MASK_64, 4, 0);
	assert_int_equal(fake.config[FAKE_MSI_CAP + PCI_MSI_MASK_64], 0);
	assert_int_equal(get(FAKE_MSI_CAP + PCI_MSI_MASK_64, 4), 0);
}

/* Linux asks for event channels: vector 0, and the pirq where a CPU would be. */
static void test_pirq(void **unused)
{
	struct vfio_irq_xen_guest entry = { 0 };

	(void)unused;
	message_to_xen(&entry, 0xfee37000, 0x300, false);
	assert_true(entry.flags & VFIO_IRQ_XEN_GUEST_PIRQ);
	assert_int_equal(entry.pirq, 0x37);
	message_to_xen(&entry, 0x000002fffee37000, 0x300, true);
	assert_int_equal(entry.pirq, 0x237);
	assert_false(entry.flags & VFIO_IRQ_XEN_GUEST_UNMASKED);
	message_to_xen(&entry, 0xfffffffffee00000, 0x300, false);
	assert_false(entry.flags & VFIO_IRQ_XEN_GUEST_PIRQ);
	message_to_xen(&entry, 0xfee37000, 0x341, false);
	assert_false(entry.flags & VFIO_IRQ_XEN_GUEST_PIRQ);
}

static void table_put(unsigned int vector, unsigned int at, uint32_t value)
{
	hvm_device_bar_write(&dev, FAKE_TABLE_BAR,
			     FAKE_TABLE_OFFSET + 16 * vector + at, 4, value);
}

static uint64_t table_get(unsigned int vector, unsigned int at,
			  unsigned int size)
{
	return hvm_device_bar_read(&dev, FAKE_TABLE_BAR,
				   FAKE_TABLE_OFFSET + 16 * vector + at, size);
}

static void write_message(unsigned int vector, uint32_t address, uint32_t data)
{
	table_put(vector, PCI_MSIX_ENTRY_LOWER_ADDR, address);
	table_put(vector, PCI_MSIX_ENTRY_UPPER_ADDR, 0);
	table_put(vector, PCI_MSIX_ENTRY_DATA, data);
}

static void enable_msix(void)
{
	place_bars();
	put(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	put(MSIX_CONTROL, 2, PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	for (unsigned int i = 0; i < FAKE_NR_MSIX; i++)
		table_put(i, PCI_MSIX_ENTRY_VECTOR_CTRL, 1);
	put(MSIX_CONTROL, 2, PCI_MSIX_FLAGS_ENABLE);
}

static void test_msix(void **unused)
{
	(void)unused;
	enable_msix();
	assert_int_equal(fake.nr_connects, 1); /* INTx, on the way */
	write_message(3, 0xfee03000, 0x51);
	assert_int_equal(fake.nr_connects, 1);
	table_put(3, PCI_MSIX_ENTRY_VECTOR_CTRL, 0);
	assert_int_equal(fake.nr_connects, 2);
	assert_int_equal(fake.index, VFIO_PCI_MSIX_IRQ_INDEX);
	assert_int_equal(fake.vectors[3].address, 0xfee03000);
	assert_int_equal(fake.vectors[3].data, 0x51);
	assert_int_equal(fake.vectors[3].table, BAR2_AT + FAKE_TABLE_OFFSET);
	/* Xen masks and unmasks by itself. */
	table_put(3, PCI_MSIX_ENTRY_VECTOR_CTRL, 1);
	table_put(3, PCI_MSIX_ENTRY_VECTOR_CTRL, 0);
	assert_int_equal(fake.nr_connects, 2);
	/* To another CPU */
	table_put(3, PCI_MSIX_ENTRY_VECTOR_CTRL, 1);
	write_message(3, 0xfee04000, 0x51);
	table_put(3, PCI_MSIX_ENTRY_VECTOR_CTRL, 0);
	assert_int_equal(fake.nr_connects, 3);
	assert_int_equal(fake.vectors[3].address, 0xfee04000);
	assert_int_equal(table_get(3, 0, 8), 0xfee04000);
	assert_int_equal(table_get(3, 8, 8), 0x51);
	assert_int_equal(table_get(3, 9, 1), 0);
	put(MSIX_CONTROL, 2, 0);
	assert_int_equal(fake.index, VFIO_PCI_INTX_IRQ_INDEX);
	put(MSIX_CONTROL, 2, PCI_MSIX_FLAGS_ENABLE);
	assert_int_equal(fake.vectors[3].address, 0xfee04000);
}

/* The table has to be somewhere for Xen to watch it. */
static void test_msix_without_memory(void **unused)
{
	(void)unused;
	enable_msix();
	table_put(0, PCI_MSIX_ENTRY_VECTOR_CTRL, 0);
	assert_int_equal(fake.index, VFIO_PCI_MSIX_IRQ_INDEX);
	put(PCI_COMMAND, 2, 0);
	assert_int_equal(fake.index, -1);
	put(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	assert_int_equal(fake.index, VFIO_PCI_MSIX_IRQ_INDEX);
	put(PCI_BASE_ADDRESS_2, 4, BAR2_AT + 0x800000);
	assert_int_equal(fake.vectors[0].table,
			 BAR2_AT + 0x800000 + FAKE_TABLE_OFFSET);
}

static void test_table_accesses(void **unused)
{
	(void)unused;
	enable_msix();
	table_put(1, PCI_MSIX_ENTRY_DATA, 0x11223344);
	hvm_device_bar_write(&dev, 2, FAKE_TABLE_OFFSET + 24, 2, 0);
	hvm_device_bar_write(&dev, 2, FAKE_TABLE_OFFSET + 22, 4, 0);
	assert_int_equal(table_get(1, 8, 4), 0x11223344);
	assert_int_equal((uint16_t)table_get(1, 10, 2), 0x1122);
	/* Behind the table, in its page, is the device's own. */
	fake.bar_accesses = 0;
	hvm_device_bar_write(&dev, 2, FAKE_TABLE_OFFSET + 16 * FAKE_NR_MSIX, 4,
			     1);
	assert_int_equal(fake.bar_accesses, 1);
}

static void adopt(struct hvm_device *successor)
{
	assert_int_equal(hvm_device_init(successor, &all, &fake.dev, state), 0);
	all.devices[0] = successor;
	hvm_device_resume(successor);
}

/* A worker that died between any two steps has left one of these. */
static void test_adopt(void **unused)
{
	struct hvm_device successor;

	(void)unused;
	enable_msix();
	write_message(0, 0xfee01000, 0x41);
	table_put(0, PCI_MSIX_ENTRY_VECTOR_CTRL, 0);
	fake.nr_connects = 0;
	adopt(&successor);
	/* All was in place, and is left alone: the guest may be using it. */
	assert_int_equal(fake.nr_connects, 0);
	assert_seen(BAR0_AT, false, 0, 0);
	/* In the middle of mapping a BAR, with nothing or some of it done */
	state->hvm.bars[2].phase = 1;
	fake.nr_ranges -= 1;
	adopt(&successor);
	assert_seen(BAR2_AT, false, 2, 0);
	assert_seen(BAR2_AT + 0x1000, true, 0, 0);
	assert_seen(BAR2_AT + 0x2000, false, 2, 0x2000);
}

/* What could not be mapped before cannot be after. */
static void test_adopt_refused(void **unused)
{
	struct hvm_device successor;

	(void)unused;
	place_bars();
	put(PCI_BASE_ADDRESS_0, 4, BAR2_AT & ~(FAKE_BAR0_SIZE - 1));
	put(PCI_BASE_ADDRESS_2, 4, BAR2_AT & ~(FAKE_BAR0_SIZE - 1));
	put(PCI_COMMAND, 2, DECODE);
	assert_int_equal(fake_find(BAR2_AT)->bar, 0);
	adopt(&successor);
	assert_int_equal(fake_find(BAR2_AT)->bar, 0);
}

static void test_adopt_garbage(void **unused)
{
	struct hvm_device successor;

	(void)unused;
	place_bars();
	memset(&state->hvm, 0xff, sizeof(state->hvm));
	adopt(&successor);
	hvm_device_config_write(&successor, PCI_COMMAND, 2, DECODE);
	assert_seen(BAR0_AT, false, 0, 0);
	hvm_device_clear(&successor);
	assert_int_equal(fake.nr_ranges, 0);
}

static void test_clear(void **unused)
{
	(void)unused;
	enable_msix();
	table_put(0, PCI_MSIX_ENTRY_VECTOR_CTRL, 0);
	hvm_device_clear(&dev);
	assert_int_equal(fake.nr_ranges, 0);
	assert_int_equal(fake.index, -1);
	assert_int_equal(get(PCI_BASE_ADDRESS_0, 4), 0);
	assert_int_equal(get(PCI_COMMAND, 2), 0);
	assert_int_equal(get(MSIX_CONTROL, 2), FAKE_NR_MSIX - 1);
	assert_int_equal(table_get(0, PCI_MSIX_ENTRY_VECTOR_CTRL, 4), 1);
}

/* The guest reads that its vector is masked, and can try again. */
static void test_refused_vectors(void **unused)
{
	(void)unused;
	enable_msix();
	write_message(0, 0xfee01000, 0x41);
	write_message(3, 0xfee03000, 0x51);
	table_put(0, PCI_MSIX_ENTRY_VECTOR_CTRL, 0);
	fake.connect_err = -ENOSPC;
	table_put(3, PCI_MSIX_ENTRY_VECTOR_CTRL, 0);
	assert_int_equal(table_get(3, PCI_MSIX_ENTRY_VECTOR_CTRL, 4), 1);
	assert_int_equal(table_get(0, PCI_MSIX_ENTRY_VECTOR_CTRL, 4), 0);
	assert_int_equal(state->hvm.refused, 1);
	assert_string_equal(
		last_message,
		"0000:00:05.0: cannot connect MSI-X vector 3 to the "
		"guest: " VFIO_NO_VECTOR_LEFT);
	assert_non_null(strstr(last_message, "extra_guest_irqs="));
	fake.connect_err = 0;
	table_put(3, PCI_MSIX_ENTRY_VECTOR_CTRL, 0);
	assert_int_equal(fake.vectors[3].address, 0xfee03000);
	assert_int_equal(table_get(3, PCI_MSIX_ENTRY_VECTOR_CTRL, 4), 0);
	assert_int_equal(state->hvm.refused, 0);
	/* A message that is half written is no limit of Xen's. */
	fake.connect_err = -EINVAL;
	table_put(3, PCI_MSIX_ENTRY_DATA, 0x52);
	assert_int_equal(table_get(3, PCI_MSIX_ENTRY_VECTOR_CTRL, 4), 0);
	assert_int_equal(state->hvm.refused, 0);
	fake.connect_err = -ENOSPC;
	table_put(3, PCI_MSIX_ENTRY_DATA, 0x53);
	assert_int_equal(state->hvm.refused, 1);
	put(MSIX_CONTROL, 2, 0);
	assert_int_equal(state->hvm.refused, 0);
}

static void test_refused_msi(void **unused)
{
	(void)unused;
	put(PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_INTX_DISABLE);
	fake.connect_err = -ENOSPC;
	enable_msi();
	assert_false(get(MSI_CONTROL, 2) & PCI_MSI_FLAGS_ENABLE);
	assert_int_equal(fake.index, -1);
	assert_int_equal(state->hvm.refused, 1);
	assert_non_null(strstr(last_message, "extra_guest_irqs="));
	fake.connect_err = 0;
	put(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	assert_int_equal(fake.index, VFIO_PCI_INTX_IRQ_INDEX);
	put(MSI_CONTROL, 2, PCI_MSI_FLAGS_ENABLE);
	assert_true(get(MSI_CONTROL, 2) & PCI_MSI_FLAGS_ENABLE);
	assert_int_equal(fake.index, VFIO_PCI_MSI_IRQ_INDEX);
	assert_int_equal(state->hvm.refused, 0);
}

/* VFIO restores what it has: the guest must not find that. */
static void assert_reset(void)
{
	assert_int_equal(fake.index, -1);
	assert_int_equal(fake.nr_ranges, 0);
	assert_int_equal(get(PCI_COMMAND, 2), 0);
	assert_int_equal(get(PCI_BASE_ADDRESS_2, 4), 4);
	assert_int_equal(get(MSIX_CONTROL, 2), FAKE_NR_MSIX - 1);
	assert_int_equal(get(MSI_CONTROL, 2),
			 PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_MASKBIT);
	assert_int_equal(get(FAKE_MSI_CAP + PCI_MSI_ADDRESS_LO, 4), 0);
	assert_int_equal(table_get(0, PCI_MSIX_ENTRY_VECTOR_CTRL, 4), 1);
}

/* As its driver had it before: connected anew. */
static void restore(void)
{
	enable_msix();
	write_message(0, 0xfee01000, 0x41);
	table_put(0, PCI_MSIX_ENTRY_VECTOR_CTRL, 0);
	assert_int_equal(fake.index, VFIO_PCI_MSIX_IRQ_INDEX);
	assert_seen(BAR0_AT, false, 0, 0);
}

static void test_express_reset(void **unused)
{
	const uint32_t control = FAKE_EXPRESS_CAP + PCI_EXP_DEVCTL;

	(void)unused;
	restore();
	put(control, 2, PCI_EXP_DEVCTL_CERE);
	put(control, 1, 0x80);
	assert_int_equal(fake.index, VFIO_PCI_MSIX_IRQ_INDEX);
	put(control, 2, PCI_EXP_DEVCTL_BCR_FLR);
	assert_reset();
	restore();
	put(control + 1, 1, PCI_EXP_DEVCTL_BCR_FLR >> 8);
	assert_reset();
	enable_msi();
	put(control, 4, PCI_EXP_DEVCTL_BCR_FLR);
	assert_reset();
}

static void test_advanced_reset(void **unused)
{
	(void)unused;
	restore();
	put(FAKE_ADVANCED_CAP + PCI_AF_CTRL, 1, PCI_AF_CTRL_FLR);
	assert_reset();
}

static void test_power(void **unused)
{
	const uint32_t control = FAKE_POWER_CAP + PCI_PM_CTRL;

	(void)unused;
	restore();
	put(control, 2, 0);
	put(control, 2, 3);
	assert_int_equal(fake.index, VFIO_PCI_MSIX_IRQ_INDEX);
	put(control, 2, 3);
	assert_int_equal(fake.index, VFIO_PCI_MSIX_IRQ_INDEX);
	put(control, 2, 0);
	assert_reset();
}

/* A device that can't do it ignores the bits. */
static void test_no_reset(void **unused)
{
	(void)unused;
	fake.config[FAKE_EXPRESS_CAP + PCI_EXP_DEVCAP + 3] = 0;
	fake.config[FAKE_ADVANCED_CAP + PCI_AF_CAP] = PCI_AF_CAP_TP;
	fake.config[FAKE_POWER_CAP + PCI_PM_CTRL] = PCI_PM_CTRL_NO_SOFT_RESET;
	memset(state, 0, sizeof(*state));
	assert_int_equal(hvm_device_init(&dev, &all, &fake.dev, state), 0);
	restore();
	put(FAKE_EXPRESS_CAP + PCI_EXP_DEVCTL, 2, PCI_EXP_DEVCTL_BCR_FLR);
	put(FAKE_ADVANCED_CAP + PCI_AF_CTRL, 1, PCI_AF_CTRL_FLR);
	put(FAKE_POWER_CAP + PCI_PM_CTRL, 2, 3);
	put(FAKE_POWER_CAP + PCI_PM_CTRL, 2, 0);
	assert_int_equal(fake.index, VFIO_PCI_MSIX_IRQ_INDEX);
	assert_seen(BAR0_AT, false, 0, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fresh),
		TEST(test_leaving),
		TEST(test_sizing),
		TEST(test_bars),
		TEST(test_moving),
		TEST(test_bad_places),
		TEST(test_rom),
		TEST(test_rom_is_kept),
		TEST(test_intx),
		TEST(test_msi),
		TEST(test_msi_mask),
		TEST(test_pirq),
		TEST(test_msix),
		TEST(test_msix_without_memory),
		TEST(test_table_accesses),
		TEST(test_adopt),
		TEST(test_adopt_garbage),
		TEST(test_adopt_refused),
		TEST(test_clear),
		TEST(test_refused_vectors),
		TEST(test_refused_msi),
		TEST(test_express_reset),
		TEST(test_advanced_reset),
		TEST(test_power),
		TEST(test_no_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
