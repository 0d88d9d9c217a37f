// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device as a PV guest sees it, on a VFIO that only keeps books.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake-log.h"
#include "log.h"
#include "pv/function.h"

#define MSI 0x50
#define MSIX 0x70
#define EXPRESS 0x80
#define FIRST_PIRQ 40

/* ---- VFIO ---- */

static uint8_t config[256];
static int nr_writes;
static int enabled; /* index, or -1 */
static int next_pirq;
static int failing; /* index that cannot be connected, or -1 */
static unsigned int last_vector;

int vfio_config_read(const struct vfio_device *dev, uint32_t offset,
		     unsigned int size, uint32_t *value)
{
	(void)dev;
	*value = 0;
	if (offset + size > sizeof(config))
		return -EINVAL;
	memcpy(value, config + offset, size);
	return 0;
}

int vfio_config_write(const struct vfio_device *dev, uint32_t offset,
		      unsigned int size, uint32_t value)
{
	(void)dev;
	if (offset + size > sizeof(config))
		return -EINVAL;
	memcpy(config + offset, &value, size);
	nr_writes++;
	return 0;
}

uint8_t vfio_find_capability(const struct vfio_device *dev, uint8_t id)
{
	(void)dev;
	switch (id) {
	case PCI_CAP_ID_MSI:
		return MSI;
	case PCI_CAP_ID_MSIX:
		return MSIX;
	case PCI_CAP_ID_EXP:
		return EXPRESS;
	default:
		return 0;
	}
}

/* As the kernel: one index at a time. */
int vfio_irq_connect(const struct vfio_device *dev, unsigned int index,
		     unsigned int vector, unsigned int nr,
		     struct vfio_irq_xen_guest *entries)
{
	(void)dev;
	assert_int_equal(nr, 1);
	assert_true(entries->flags & VFIO_IRQ_XEN_GUEST_CONNECT);
	if (enabled >= 0 && enabled != (int)index)
		return -EINVAL;
	if (failing == (int)index)
		return -ENOSPC;
	enabled = (int)index;
	last_vector = vector;
	if (!(entries->flags & VFIO_IRQ_XEN_GUEST_PIRQ))
		entries->pirq = next_pirq++;
	return 0;
}

int vfio_irq_disable(const struct vfio_device *dev, unsigned int index)
{
	(void)dev;
	if (enabled == (int)index)
		enabled = -1;
	return 0;
}

/* ---- the device ---- */

static struct state_device entry;
static struct worker_device dev;
static uint32_t value;
static uint16_t pirqs[SH_INFO_MAX_VEC];

static void put16(unsigned int offset, uint16_t word)
{
	memcpy(config + offset, &word, sizeof(word));
}

static int setup(void **state)
{
	(void)state;
	memset(config, 0, sizeof(config));
	memset(&entry, 0, sizeof(entry));
	entry.sbdf = 0x28;
	nr_writes = 0;
	enabled = -1;
	failing = -1;
	next_pirq = FIRST_PIRQ;
	put16(0, 0x1234);
	put16(MSI, PCI_CAP_ID_MSI);
	put16(MSI + 2, PCI_MSI_FLAGS_64BIT | 3 << 1);
	put16(MSIX, PCI_CAP_ID_MSIX);
	put16(MSIX + 2, 0x8000 | 9); /* ten vectors; Xen has enabled it */
	config[EXPRESS + PCI_EXP_DEVCAP + 3] = PCI_EXP_DEVCAP_FLR >> 24;
	dev = (struct worker_device){ .state = &entry };
	dev.vfio.config_size = sizeof(config);
	for (int i = 0; i <= VFIO_PCI_MSIX_IRQ_INDEX; i++) {
		dev.vfio.guest_irqs[i] = true;
		dev.vfio.nr_irqs[i] = i == VFIO_PCI_MSIX_IRQ_INDEX ? 10 : 1;
	}
	return pv_function_add(&dev);
}

static int teardown(void **state)
{
	(void)state;
	pv_function_remove(&dev);
	return 0;
}

static int32_t serve(enum pciif_kind kind)
{
	struct pciif_request req = { .kind = kind };

	if (kind == PCIIF_ENABLE_MSIX) {
		req.nr_vectors = 2;
		req.vectors[0] = 9;
		req.vectors[1] = 4;
	}
	return pv_function_serve(&dev, &req, &value, pirqs);
}

static uint32_t read_config(uint32_t offset, unsigned int size)
{
	struct pciif_request req = {
		.kind = PCIIF_READ,
		.offset = offset,
		.size = size,
	};

	assert_int_equal(pv_function_serve(&dev, &req, &value, pirqs), 0);
	return value;
}

static void write_config(uint32_t offset, unsigned int size, uint32_t what)
{
	struct pciif_request req = {
		.kind = PCIIF_WRITE,
		.offset = offset,
		.size = size,
		.value = what,
	};

	assert_int_equal(pv_function_serve(&dev, &req, &value, pirqs), 0);
}

static void test_passes_through(void **state)
{
	(void)state;
	assert_int_equal(read_config(0, 2), 0x1234);
	write_config(PCI_COMMAND, 2, 6);
	assert_int_equal(nr_writes, 1);
	assert_int_equal(read_config(PCI_COMMAND, 2), 6);
}

static void test_past_the_end(void **state)
{
	struct pciif_request req = { .kind = PCIIF_READ, .size = 4 };

	(void)state;
	req.offset = 0x100; /* no extended configuration space */
	assert_int_equal(pv_function_serve(&dev, &req, &value, pirqs),
			 XEN_PCI_ERR_invalid_offset);
	req.kind = PCIIF_WRITE;
	assert_int_equal(pv_function_serve(&dev, &req, &value, pirqs),
			 XEN_PCI_ERR_invalid_offset);
}

static void test_interrupt_line(void **state)
{
	(void)state;
	assert_int_equal(enabled, VFIO_PCI_INTX_IRQ_INDEX);
	config[PCI_INTERRUPT_LINE] = 11;
	config[PCI_INTERRUPT_PIN] = 1;
	assert_int_equal(read_config(PCI_INTERRUPT_LINE, 1), FIRST_PIRQ);
	assert_int_equal(read_config(PCI_INTERRUPT_LINE, 4),
			 FIRST_PIRQ | 0x100);
	write_config(PCI_INTERRUPT_LINE, 1, 99);
	assert_int_equal(nr_writes, 0);
	assert_int_equal(read_config(PCI_INTERRUPT_LINE, 1), FIRST_PIRQ);
}

/* A PV guest would map it where it is, where nothing answers. */
static void test_no_rom(void **state)
{
	uint32_t rom = 0xfe000001;

	(void)state;
	memcpy(config + PCI_ROM_ADDRESS, &rom, sizeof(rom));
	assert_int_equal(read_config(PCI_ROM_ADDRESS, 4), 0);
	assert_int_equal(read_config(PCI_ROM_ADDRESS + 3, 1), 0);
	write_config(PCI_ROM_ADDRESS, 4, 0xfffff800);
	assert_int_equal(nr_writes, 0);
	assert_int_equal(read_config(PCI_ROM_ADDRESS, 4), 0);
}

static void test_msi(void **state)
{
	(void)state;
	assert_int_equal(serve(PCIIF_ENABLE_MSI), 0);
	assert_int_equal(value, FIRST_PIRQ + 1);
	assert_int_equal(enabled, VFIO_PCI_MSI_IRQ_INDEX);
	assert_int_equal(serve(PCIIF_DISABLE_MSIX), 0);
	assert_int_equal(enabled, VFIO_PCI_MSI_IRQ_INDEX);
	assert_int_equal(serve(PCIIF_DISABLE_MSI), 0);
	/* INTx again, with the number that the guest knows. */
	assert_int_equal(value, FIRST_PIRQ);
	assert_int_equal(enabled, VFIO_PCI_INTX_IRQ_INDEX);
	assert_int_equal(read_config(PCI_INTERRUPT_LINE, 1), FIRST_PIRQ);
}

static void test_msix(void **state)
{
	(void)state;
	assert_int_equal(serve(PCIIF_ENABLE_MSIX), 0);
	assert_int_equal(value, 0);
	assert_int_equal(pirqs[0], FIRST_PIRQ + 1);
	assert_int_equal(pirqs[1], FIRST_PIRQ + 2);
	assert_int_equal(last_vector, 4);
	assert_int_equal(enabled, VFIO_PCI_MSIX_IRQ_INDEX);
	assert_int_equal(serve(PCIIF_ENABLE_MSI), 0);
	assert_int_equal(enabled, VFIO_PCI_MSI_IRQ_INDEX);
}

static void test_failure(void **state)
{
	(void)state;
	failing = VFIO_PCI_MSIX_IRQ_INDEX;
	assert_int_equal(serve(PCIIF_ENABLE_MSIX), XEN_PCI_ERR_op_failed);
	assert_int_equal(enabled, VFIO_PCI_INTX_IRQ_INDEX);
	assert_int_equal(entry.pv.refused, 2);
	assert_string_equal(
		last_message,
		"0000:00:05.0: cannot connect 2 vectors of MSI-X to "
		"the guest: " VFIO_NO_VECTOR_LEFT);
	failing = VFIO_PCI_MSI_IRQ_INDEX;
	assert_int_equal(serve(PCIIF_ENABLE_MSI), XEN_PCI_ERR_op_failed);
	assert_int_equal(enabled, VFIO_PCI_INTX_IRQ_INDEX);
	assert_int_equal(entry.pv.refused, 1);
	assert_non_null(strstr(last_message, "extra_guest_irqs="));
	failing = -1;
	assert_int_equal(serve(PCIIF_ENABLE_MSI), 0);
	assert_int_equal(entry.pv.refused, 0);
}

/* A device whose line cannot be connected is not the guest's. */
static void test_no_line(void **state)
{
	(void)state;
	pv_function_remove(&dev);
	entry.pv.interrupt_line = 0;
	failing = VFIO_PCI_INTX_IRQ_INDEX;
	assert_int_not_equal(pv_function_add(&dev), 0);
	assert_int_equal(enabled, -1);
	assert_null(dev.kind_data);
	/* Without one it has nothing to connect. */
	dev.vfio.guest_irqs[VFIO_PCI_INTX_IRQ_INDEX] = false;
	assert_int_equal(pv_function_add(&dev), 0);
	assert_int_equal(enabled, -1);
}

/* What the guest writes there is for it to read; VFIO must not see it. */
static void test_control_registers(void **state)
{
	(void)state;
	assert_int_equal(read_config(MSI + 2, 2), PCI_MSI_FLAGS_64BIT);
	write_config(MSI + 2, 2, 0xffff);
	assert_int_equal(read_config(MSI + 2, 2),
			 PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_ENABLE);
	assert_int_equal(read_config(MSIX + 2, 2), 9);
	write_config(MSIX, 4, 0xffff0000);
	assert_int_equal(read_config(MSIX, 4),
			 (0xc009U << 16 | PCI_CAP_ID_MSIX));
	write_config(MSIX + 3, 1, 0x80);
	assert_int_equal(read_config(MSIX + 2, 2), 0x8009);
	write_config(MSI + 4, 4, 0xfee00000);
	write_config(MSI + 12, 2, 0x4021);
	write_config(MSIX + 4, 4, 0);
	assert_int_equal(nr_writes, 0);
	/* Behind it, no standard says what there is. */
	write_config(MSI + 16, 4, 0);
	assert_int_equal(nr_writes, 0);
	pv_function_remove(&dev);
	entry.permissive = 1;
	assert_int_equal(pv_function_add(&dev), 0);
	write_config(MSI + 16, 4, 0);
	assert_int_equal(nr_writes, 1);
	write_config(MSI + 12, 4, 0);
	assert_int_equal(nr_writes, 1);
}

/* VFIO restores the device, and the kernel what the guest has asked for. */
static void test_reset(void **state)
{
	(void)state;
	assert_int_equal(serve(PCIIF_ENABLE_MSI), 0);
	write_config(MSI + 2, 2, PCI_MSI_FLAGS_ENABLE);
	write_config(MSIX + 2, 2, 0xc000);
	write_config(PCI_COMMAND, 2, 7);
	write_config(EXPRESS + PCI_EXP_DEVCTL, 2, PCI_EXP_DEVCTL_CERE);
	assert_int_equal(read_config(PCI_COMMAND, 2), 7);
	write_config(EXPRESS + PCI_EXP_DEVCTL, 2, PCI_EXP_DEVCTL_BCR_FLR);
	assert_int_equal(read_config(PCI_COMMAND, 2), 0);
	assert_int_equal(read_config(MSI + 2, 2), PCI_MSI_FLAGS_64BIT);
	assert_int_equal(read_config(MSIX + 2, 2), 9);
	/* Its driver goes on with the number that it has. */
	assert_int_equal(enabled, VFIO_PCI_MSI_IRQ_INDEX);
	assert_int_equal(serve(PCIIF_DISABLE_MSI), 0);
	assert_int_equal(value, FIRST_PIRQ);
}

static void test_successor(void **state)
{
	struct worker_device successor = { .vfio = dev.vfio, .state = &entry };

	(void)state;
	assert_int_equal(serve(PCIIF_ENABLE_MSI), 0);
	write_config(MSI + 2, 2, PCI_MSI_FLAGS_ENABLE);
	entry.pv.msi_control |= 0x7f00; /* nothing that the guest could write */
	assert_int_equal(pv_function_add(&successor), 0);
	assert_int_equal(enabled, VFIO_PCI_MSI_IRQ_INDEX);
	assert_int_equal(entry.pv.msi_control,
			 PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_ENABLE);
	pv_function_remove(&successor);
	assert_int_equal(enabled, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_passes_through, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_past_the_end, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_interrupt_line, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_no_rom, setup, teardown),
		cmocka_unit_test_setup_teardown(test_msi, setup, teardown),
		cmocka_unit_test_setup_teardown(test_msix, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failure, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_control_registers, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_reset, setup, teardown),
		cmocka_unit_test_setup_teardown(test_successor, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
