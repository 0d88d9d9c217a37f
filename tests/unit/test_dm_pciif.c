// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests of a PV guest's PCI frontend, good and bad.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pv/pciif.h"

static struct xen_pci_op op;
static struct pciif_request req;

static int setup(void **state)
{
	(void)state;
	memset(&op, 0, sizeof(op));
	memset(&req, 0xa5, sizeof(req));
	op.devfn = 3 << 3;
	return 0;
}

static void assert_refused(int32_t err)
{
	assert_int_equal(pciif_decode(&op, &req), err);
}

static void assert_taken(void)
{
	assert_int_equal(pciif_decode(&op, &req), XEN_PCI_ERR_success);
	assert_int_equal(req.slot, 3);
}

static void test_layout(void **state)
{
	(void)state;
	/* Written out: this is an ABI. */
	assert_int_equal(offsetof(struct xen_pci_sharedinfo, op), 4);
	assert_int_equal(offsetof(struct xen_pci_op, value), 28);
	assert_int_equal(offsetof(struct xen_pci_op, msix_entries), 36);
	assert_int_equal(offsetof(struct xen_pci_sharedinfo, aer_op), 552);
}

static void test_read(void **state)
{
	(void)state;
	op.cmd = 0;
	op.offset = 0x3c;
	op.size = 1;
	assert_taken();
	assert_int_equal(req.kind, PCIIF_READ);
	assert_int_equal(req.offset, 0x3c);
	assert_int_equal(req.size, 1);
}

static void test_write(void **state)
{
	(void)state;
	op.cmd = 1;
	op.offset = 0xffe;
	op.size = 2;
	op.value = 0x12345678;
	assert_taken();
	assert_int_equal(req.kind, PCIIF_WRITE);
	assert_int_equal(req.value, 0x5678);
	op.offset = 0xffc;
	op.size = 4;
	assert_taken();
	assert_int_equal(req.value, 0x12345678);
}

static void test_registers(void **state)
{
	static const struct {
		int32_t offset, size;
	} bad[] = {
		{ 0, 0 },	  { 0, 3 },  { 0, 8 },	       { 0, -1 },
		{ 1, 2 },	  { 2, 4 },  { 0x1000, 1 },    { 0xffe, 4 },
		{ -1, 1 },	  { -4, 4 }, { INT32_MIN, 4 }, { INT32_MAX, 1 },
		{ 0, INT32_MIN },
	};

	(void)state;
	for (uint32_t cmd = 0; cmd <= 1; cmd++) {
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			op.cmd = cmd;
			op.offset = bad[i].offset;
			op.size = bad[i].size;
			assert_refused(XEN_PCI_ERR_invalid_offset);
		}
	}
}

static void test_places(void **state)
{
	(void)state;
	op.size = 4;
	op.domain = 1;
	assert_refused(XEN_PCI_ERR_dev_not_found);
	op.domain = 0;
	op.bus = 1;
	assert_refused(XEN_PCI_ERR_dev_not_found);
	op.bus = 0;
	op.devfn = 3 << 3 | 1;
	assert_refused(XEN_PCI_ERR_dev_not_found);
	op.devfn = 0x100;
	assert_refused(XEN_PCI_ERR_dev_not_found);
	op.devfn = 0xf8;
	assert_int_equal(pciif_decode(&op, &req), XEN_PCI_ERR_success);
	assert_int_equal(req.slot, 31);
}

static void test_commands(void **state)
{
	static const enum pciif_kind kinds[] = {
		[2] = PCIIF_ENABLE_MSI,
		[3] = PCIIF_DISABLE_MSI,
		[5] = PCIIF_DISABLE_MSIX,
	};

	(void)state;
	for (op.cmd = 2; op.cmd < 6; op.cmd++) {
		if (op.cmd == 4)
			continue;
		assert_taken();
		assert_int_equal(req.kind, kinds[op.cmd]);
	}
	for (op.cmd = 6; op.cmd < 20; op.cmd++)
		assert_refused(XEN_PCI_ERR_not_implemented);
	op.cmd = UINT32_MAX;
	assert_refused(XEN_PCI_ERR_not_implemented);
}

static void test_vectors(void **state)
{
	(void)state;
	op.cmd = 4;
	assert_refused(XEN_PCI_ERR_op_failed);
	op.value = 129;
	assert_refused(XEN_PCI_ERR_op_failed);
	op.value = UINT32_MAX;
	assert_refused(XEN_PCI_ERR_op_failed);
	op.value = 128;
	for (uint16_t i = 0; i < 128; i++)
		op.msix_entries[i].entry = (uint16_t)(2047 - i);
	assert_taken();
	assert_int_equal(req.kind, PCIIF_ENABLE_MSIX);
	assert_int_equal(req.nr_vectors, 128);
	assert_int_equal(req.vectors[0], 2047);
	assert_int_equal(req.vectors[127], 1920);
	op.msix_entries[5].entry = 2048;
	assert_refused(XEN_PCI_ERR_op_failed);
	op.msix_entries[5].entry = 2047; /* twice */
	assert_refused(XEN_PCI_ERR_op_failed);
	op.value = 5; /* those after it do not count */
	assert_taken();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_layout, setup),
		cmocka_unit_test_setup(test_read, setup),
		cmocka_unit_test_setup(test_write, setup),
		cmocka_unit_test_setup(test_registers, setup),
		cmocka_unit_test_setup(test_places, setup),
		cmocka_unit_test_setup(test_commands, setup),
		cmocka_unit_test_setup(test_vectors, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
