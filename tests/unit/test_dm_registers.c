// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest may write of configuration space: each row of the table on a device
 * that has everything, and the table in the manual page.
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
#include "log.h"
#include "registers.h"

/* Where the device has its capabilities; the first extended one is at 0x100. */
#define POWER 0x40
#define MSI 0x48
#define MSIX 0x60
#define EXPRESS 0x70
#define ADVANCED 0xac
#define VPD 0xb4
#define PCIX 0xbc
#define VENDOR 0xd0
#define ERRORS 0x100
#define BUDGET 0x130
#define CONTROL 0x140
#define ROUTING 0x148
#define TRANSLATION 0x150
#define FUNCTIONS 0x158
#define PAGES 0x198
#define RESIZABLE 0x1a8
#define NOTHING 0x400

static uint8_t config[REGISTERS_NR_BYTES];
static uint8_t written[REGISTERS_NR_BYTES]; /* how often */
static int nr_writes;
static struct registers registers;
static const struct vfio_device vfio = { .config_size = sizeof(config) };

/* ---- VFIO ---- */

int vfio_config_read(const struct vfio_device *dev, uint32_t offset,
		     unsigned int size, uint32_t *value)
{
	(void)dev;
	*value = 0;
	if (offset >= sizeof(config))
		return -EINVAL;
	memcpy(value, config + offset, size);
	return 0;
}

int vfio_config_write(const struct vfio_device *dev, uint32_t offset,
		      unsigned int size, uint32_t value)
{
	(void)dev;
	if (offset >= sizeof(config))
		return -EINVAL;
	assert_true(size == 4 || value >> 8 * size == 0);
	for (unsigned int i = 0; i < size; i++)
		written[offset + i]++;
	nr_writes++;
	return 0;
}

uint8_t vfio_find_capability(const struct vfio_device *dev, uint8_t id)
{
	(void)dev;
	for (unsigned int at = config[PCI_CAPABILITY_LIST]; at;
	     at = config[at + 1])
		if (config[at] == id)
			return (uint8_t)at;
	return 0;
}

/* ---- the device ---- */

static void put16(unsigned int offset, uint16_t value)
{
	memcpy(config + offset, &value, sizeof(value));
}

static void add_capability(uint8_t id, uint8_t offset)
{
	config[offset] = id;
	config[offset + 1] = config[PCI_CAPABILITY_LIST];
	config[PCI_CAPABILITY_LIST] = offset;
}

static void add_extended(uint16_t id, uint16_t offset, uint16_t next)
{
	put16(offset, id);
	put16(offset + 2, (uint16_t)(next << 4 | 1));
}

static int setup(void **state)
{
	(void)state;
	memset(config, 0, sizeof(config));
	memset(written, 0, sizeof(written));
	nr_writes = 0;
	fake_log_clear();
	add_capability(PCI_CAP_ID_PM, POWER);
	add_capability(PCI_CAP_ID_MSI, MSI);
	put16(MSI + PCI_MSI_FLAGS, PCI_MSI_FLAGS_64BIT);
	add_capability(PCI_CAP_ID_MSIX, MSIX);
	add_capability(PCI_CAP_ID_EXP, EXPRESS);
	put16(EXPRESS + PCI_EXP_FLAGS, 2);
	add_capability(PCI_CAP_ID_AF, ADVANCED);
	add_capability(PCI_CAP_ID_VPD, VPD);
	add_capability(PCI_CAP_ID_PCIX, PCIX);
	add_capability(PCI_CAP_ID_VNDR, VENDOR);
	add_extended(PCI_EXT_CAP_ID_ERR, ERRORS, BUDGET);
	add_extended(PCI_EXT_CAP_ID_PWR, BUDGET, CONTROL);
	add_extended(PCI_EXT_CAP_ID_ACS, CONTROL, ROUTING);
	add_extended(PCI_EXT_CAP_ID_ARI, ROUTING, TRANSLATION);
	add_extended(PCI_EXT_CAP_ID_ATS, TRANSLATION, FUNCTIONS);
	add_extended(PCI_EXT_CAP_ID_SRIOV, FUNCTIONS, PAGES);
	add_extended(PCI_EXT_CAP_ID_PRI, PAGES, RESIZABLE);
	add_extended(PCI_EXT_CAP_ID_REBAR, RESIZABLE, 0);
	registers_init(&registers, &vfio, "0000:05:00.0", false);
	return 0;
}

/* The first and the last byte of what each row is about, in the table's order */
static const struct {
	const char *name;
	uint16_t first, last;
	enum registers_access access;
} rows[] = {
	{ "all other registers", VENDOR + 3, 0xfff, REGISTERS_PERMISSIVE },
	{ "vendor and device ID", 0x00, 0x03, REGISTERS_NO },
	{ "command", 0x04, 0x05, REGISTERS_YES },
	{ "status", 0x06, 0x07, REGISTERS_NO },
	{ "revision and class", 0x08, 0x0b, REGISTERS_NO },
	{ "cache line size, latency timer", 0x0c, 0x0d, REGISTERS_YES },
	{ "header type", 0x0e, 0x0e, REGISTERS_NO },
	{ "self-test", 0x0f, 0x0f, REGISTERS_YES },
	{ "BARs", 0x10, 0x27, REGISTERS_COPY },
	{ "CIS pointer, subsystem ID", 0x28, 0x2f, REGISTERS_NO },
	{ "expansion ROM", 0x30, 0x33, REGISTERS_COPY },
	{ "capabilities pointer", 0x34, 0x3b, REGISTERS_NO },
	{ "interrupt line", 0x3c, 0x3c, REGISTERS_COPY },
	{ "interrupt pin, timing", 0x3d, 0x3f, REGISTERS_NO },
	{ "power management", POWER, POWER + 3, REGISTERS_NO },
	{ "power management: control", POWER + 4, POWER + 7, REGISTERS_YES },
	{ "vital product data", VPD + 2, VPD + 7, REGISTERS_YES },
	{ "MSI", MSI, MSI + 13, REGISTERS_COPY },
	{ "MSI-X", MSIX, MSIX + 11, REGISTERS_COPY },
	{ "PCI-X", PCIX + 4, PCIX + 7, REGISTERS_NO },
	{ "PCI-X: command", PCIX + 2, PCIX + 3, REGISTERS_YES },
	{ "PCI Express", EXPRESS + 0x0a, EXPRESS + 0x3b, REGISTERS_NO },
	{ "PCI Express: device control", EXPRESS + 8, EXPRESS + 9,
	  REGISTERS_YES },
	{ "PCI Express: device control 2", EXPRESS + 0x28, EXPRESS + 0x29,
	  REGISTERS_YES },
	{ "advanced features", ADVANCED, ADVANCED + 5, REGISTERS_NO },
	{ "advanced features: control", ADVANCED + 4, ADVANCED + 4,
	  REGISTERS_YES },
	{ "error reporting", ERRORS + 4, ERRORS + 0x1b, REGISTERS_YES },
	{ "power budget: selector", BUDGET + 4, BUDGET + 4, REGISTERS_YES },
	{ "access control services", CONTROL + 4, CONTROL + 7, REGISTERS_NO },
	{ "alternative routing-ID", ROUTING + 4, ROUTING + 7, REGISTERS_NO },
	{ "address translation services", TRANSLATION + 4, TRANSLATION + 7,
	  REGISTERS_NO },
	{ "SR-IOV", FUNCTIONS, FUNCTIONS + 63, REGISTERS_NO },
	{ "page requests", PAGES, PAGES + 15, REGISTERS_NO },
	{ "resizable BARs", RESIZABLE, RESIZABLE + 51, REGISTERS_NO },
};

static bool reaches_vfio(uint32_t offset)
{
	uint8_t before = written[offset];

	assert_int_equal(registers_write(&registers, offset, 1, 0xff), 0);
	return written[offset] != before;
}

static void assert_row(size_t i, bool permissive)
{
	bool expected = rows[i].access == REGISTERS_PERMISSIVE ?
				permissive :
				rows[i].access != REGISTERS_NO;

	if (reaches_vfio(rows[i].first) != expected ||
	    reaches_vfio(rows[i].last) != expected)
		fail_msg("%s is %s", rows[i].name,
			 expected ? "closed" : "open");
}

static void test_rows(void **state)
{
	(void)state;
	assert_int_equal(registers_nr_rows, sizeof(rows) / sizeof(rows[0]));
	for (size_t i = 0; i < registers_nr_rows; i++) {
		assert_string_equal(registers_rows[i].name, rows[i].name);
		assert_int_equal(registers_rows[i].access, rows[i].access);
		assert_row(i, false);
	}
	registers_init(&registers, &vfio, "", true);
	for (size_t i = 0; i < registers_nr_rows; i++)
		assert_row(i, true);
}

/* What of a write may go through does, and nothing else. */
static void test_parts(void **state)
{
	(void)state;
	assert_int_equal(registers_write(&registers, PCI_COMMAND, 4, ~0U), 0);
	assert_int_equal(nr_writes, 1);
	assert_int_equal(written[PCI_COMMAND + 1], 1);
	assert_int_equal(written[PCI_STATUS], 0);
	assert_int_equal(registers_write(&registers, BUDGET + 4, 4, ~0U), 0);
	assert_int_equal(nr_writes, 2);
	assert_int_equal(written[BUDGET + 4], 1);
	assert_int_equal(written[BUDGET + 5], 0);
	assert_int_equal(registers_write(&registers, PCI_BASE_ADDRESS_0, 4, 1),
			 0);
	assert_int_equal(nr_writes, 3);
	assert_int_equal(registers_write(&registers, 4096, 1, 1), -EINVAL);
	assert_int_equal(registers_write(&registers, ~3U, 4, 1), -EINVAL);
}

/* Once, and for what an administrator can open */
static void test_message(void **state)
{
	(void)state;
	registers_write(&registers, PCI_VENDOR_ID, 4, 0);
	assert_int_equal(nr_messages, 0);
	registers_write(&registers, NOTHING, 4, 0);
	registers_write(&registers, VENDOR + 4, 4, 0);
	assert_int_equal(nr_messages, 1);
	registers_init(&registers, &vfio, "", true);
	registers_write(&registers, NOTHING, 4, 0);
	assert_int_equal(nr_messages, 1);
	assert_int_equal(written[NOTHING], 1);
}

/* Shorter capabilities have somebody else's registers behind them. */
static void test_sizes(void **state)
{
	(void)state;
	assert_false(reaches_vfio(MSI + 14));
	put16(MSI + PCI_MSI_FLAGS, PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_MASKBIT);
	put16(EXPRESS + PCI_EXP_FLAGS, 1);
	registers_init(&registers, &vfio, "", false);
	assert_true(reaches_vfio(MSI + 23));
	assert_true(reaches_vfio(EXPRESS + PCI_EXP_DEVCTL));
	assert_false(reaches_vfio(EXPRESS + PCI_EXP_DEVCTL2));
	registers_init(&registers, &vfio, "", true);
	assert_true(reaches_vfio(EXPRESS + PCI_EXP_DEVCTL2));
	assert_false(reaches_vfio(EXPRESS + 0x13));
}

/* A list that goes in a circle, or ends in nothing */
static void test_bad_lists(void **state)
{
	(void)state;
	add_extended(PCI_EXT_CAP_ID_REBAR, RESIZABLE, ERRORS);
	registers_init(&registers, &vfio, "", false);
	assert_true(reaches_vfio(ERRORS + 4));
	add_extended(PCI_EXT_CAP_ID_ERR, ERRORS, 0xffc);
	put16(0xffc, PCI_EXT_CAP_ID_SRIOV);
	registers_init(&registers, &vfio, "", true);
	assert_false(reaches_vfio(0xfff));
	assert_true(reaches_vfio(FUNCTIONS + 4));
}

/* ---- the manual page ---- */

static char *read_page(void)
{
	const char *srcdir = getenv("srcdir");
	static char text[1 << 17];
	char path[4096];
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/docs/vfio-xen-dm.8",
		 srcdir ? srcdir : ".");
	file = fopen(path, "r");
	assert_non_null(file);
	size = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[size] = '\0';
	return text;
}

static void test_manual_page(void **state)
{
	const char *table, *item;
	char entry[512];
	size_t nr = 0;

	(void)state;
	table = strstr(read_page(), ".Sh CONFIGURATION SPACE\n");
	assert_non_null(table);
	*strstr(table, ".El\n") = '\0';
	for (size_t i = 0; i < registers_nr_rows; i++) {
		const struct registers_row *row = &registers_rows[i];

		snprintf(entry, sizeof(entry), "\n.It %s Ta %s Ta \\&%s\n",
			 row->name, registers_access_name(row->access),
			 row->reason);
		if (!strstr(table, entry))
			fail_msg("the page has no line \"%s\"", entry + 1);
	}
	for (item = table; (item = strstr(item, "\n.It ")); item++)
		nr++;
	assert_int_equal(nr, registers_nr_rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_rows, setup),
		cmocka_unit_test_setup(test_parts, setup),
		cmocka_unit_test_setup(test_message, setup),
		cmocka_unit_test_setup(test_sizes, setup),
		cmocka_unit_test_setup(test_bad_lists, setup),
		cmocka_unit_test(test_manual_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
