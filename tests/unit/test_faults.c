// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults of devices in Xen's log: its lines, as Xen has printed them and garbled; the
 * log as a ring; and what vfio-xen-ctl faults makes of them.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake-dm.h"
#include "fake-journal.h"
#include "fault_line.h"
#include "run-ctl.h"
#include "schema.h"

#define NIC "0000:05:00.0"
#define EDU "0000:00:05.0"

/* Of Xen 4.17 and 4.20 on QEMU's IOMMUs */
#define WRITE_LINE \
	"(XEN) [VT-D]DMAR:[DMA Write] Request device [0000:00:05.0] fault addr 100000\n"
#define READ_LINE \
	"(XEN) [VT-D]DMAR:[DMA Read] Request device [0000:00:05.0] fault addr 13000\n"
#define WRITE_REASON \
	"(XEN) [VT-D]DMAR: reason 05 - PTE Write access is not set\n"
#define CONTEXT_REASON \
	"(XEN) [VT-D]DMAR: reason 02 - Present bit in context entry is clear\n"
#define AMD_WRITE \
	"(XEN) AMD-Vi: IO_PAGE_FAULT: 0000:00:05.0 d0 addr 0000000000000000 flags 0xa I NX\n"

static struct fake_host host;
static struct vfio_xen_faults *faults;

static int setup(void **state)
{
	static const struct fake_device devices[] = {
		{ EDU, 0x00ff, 7, "edu", "edu" },
		{ NIC, 0x0200, 14, "e1000e", "e1000e" },
	};

	(void)state;
	fake_host_init(&host);
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		fake_device(&host, &devices[i]);
	fake_xen_log = "";
	fake_xen_log_first = 0;
	fake_xen_log_read = NULL;
	assert_int_equal(vfio_xen_faults_new(host.ctx, &faults), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vfio_xen_faults_free(faults);
	fake_dm_stop();
	fake_guests = NULL;
	fake_xen_log = NULL;
	fake_xen_log_first = 0;
	fake_xen_log_read = NULL;
	discard_output();
	fake_host_release(&host);
	return 0;
}

/* ---- lines ---- */

static void lines_of_faults(void **state)
{
	static const struct {
		const char *text;
		const char *sbdf;
		enum vfio_xen_fault_kind kind;
		enum vfio_xen_fault_access access;
		uint64_t address;
		const char *reason;
	} cases[] = {
		{ "(XEN) [VT-D]DMAR:[DMA Write] Request device [0000:00:05.0] fault addr 100000",
		  EDU, VFIO_XEN_FAULT_DMA, VFIO_XEN_FAULT_WRITE, 0x100000, "" },
		{ "(XEN) [VT-D]DMAR:[DMA Read] Request device [0001:5f:1f.7] fault addr ffffffffffff",
		  "0001:5f:1f.7", VFIO_XEN_FAULT_DMA, VFIO_XEN_FAULT_READ,
		  0xffffffffffff, "" },
		{ "(XEN) [2026-01-31 12:00:00.123] [VT-D]DMAR:[DMA Read] Request device [0000:00:05.0] fault addr 0",
		  EDU, VFIO_XEN_FAULT_DMA, VFIO_XEN_FAULT_READ, 0, "" },
		{ "(XEN) [   12.345678] [VT-D]INTR-REMAP: Request device [0000:00:05.0] fault index 1f",
		  EDU, VFIO_XEN_FAULT_INTERRUPT, VFIO_XEN_FAULT_UNKNOWN, 0x1f,
		  "" },
		{ "(XEN) [VT-D]UNKNOWN: Request device [0000:00:05.0] fault addr 7",
		  EDU, VFIO_XEN_FAULT_OTHER, VFIO_XEN_FAULT_UNKNOWN, 7, "" },
		{ "(XEN) AMD-Vi: IO_PAGE_FAULT: 0000:00:05.0 d0 addr 0000000000000000 flags 0x9 I GN",
		  EDU, VFIO_XEN_FAULT_DMA, VFIO_XEN_FAULT_UNKNOWN, 0,
		  "flags 0x9 I GN" },
		{ "(XEN) AMD-Vi: IO_PAGE_FAULT: 0000:00:05.0 d32753 addr 0000000012345000 flags 0x30 RW PR",
		  EDU, VFIO_XEN_FAULT_DMA, VFIO_XEN_FAULT_WRITE, 0x12345000,
		  "flags 0x30 RW PR" },
		{ "(XEN) AMD-Vi: IO_PAGE_FAULT: 0000:00:05.0 d3 addr 0000000012345000 flags 0x10 PR",
		  EDU, VFIO_XEN_FAULT_DMA, VFIO_XEN_FAULT_READ, 0x12345000,
		  "flags 0x10 PR" },
		{ "(XEN) AMD-Vi: IO_PAGE_FAULT: 0000:00:05.0 d3 addr 0000000012345000 flags 0",
		  EDU, VFIO_XEN_FAULT_DMA, VFIO_XEN_FAULT_UNKNOWN, 0x12345000,
		  "flags 0" },
		{ "(XEN) AMD-Vi: IO_PAGE_FAULT: 0000:00:05.0 d3 addr 00000000fee01234 flags 0x8 I",
		  EDU, VFIO_XEN_FAULT_INTERRUPT, VFIO_XEN_FAULT_UNKNOWN,
		  0xfee01234, "flags 0x8 I" },
		{ "(XEN) INVALID_DEV_REQUEST 00000028 50000000 00100000 00000001",
		  EDU, VFIO_XEN_FAULT_OTHER, VFIO_XEN_FAULT_UNKNOWN,
		  0x100100000, "INVALID_DEV_REQUEST" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fault_line line;

		fault_line_parse(cases[i].text, &line);
		if (line.kind != FAULT_LINE_FAULT)
			fail_msg("no fault: %s", cases[i].text);
		assert_int_equal(line.fault.sbdf, make_sbdf(cases[i].sbdf));
		assert_int_equal(line.fault.kind, cases[i].kind);
		assert_int_equal(line.fault.access, cases[i].access);
		assert_int_equal(line.fault.address, cases[i].address);
		assert_string_equal(line.fault.reason, cases[i].reason);
	}
}

static void lines_of_reasons(void **state)
{
	static const char long_reason[] =
		"(XEN) [VT-D]DMAR: reason 05 - "
		"0123456789012345678901234567890123456789"
		"0123456789012345678901234567890123456789";
	struct fault_line line;

	(void)state;
	fault_line_parse("(XEN) [VT-D]INTR-REMAP: reason 22 - Present field in "
			 "the IRTE entry is clear",
			 &line);
	assert_int_equal(line.kind, FAULT_LINE_REASON);
	assert_int_equal(line.fault.kind, VFIO_XEN_FAULT_INTERRUPT);
	assert_string_equal(line.fault.reason,
			    "Present field in the IRTE entry is clear");
	fault_line_parse("(XEN) [VT-D]DMAR: reason 05 - a\033[2Jb\xff", &line);
	assert_string_equal(line.fault.reason, "a?[2Jb?");
	fault_line_parse(long_reason, &line);
	assert_int_equal(strlen(line.fault.reason), FAULT_REASON_SIZE - 1);
	fault_line_parse("(XEN) printk: 1234 messages suppressed.", &line);
	assert_int_equal(line.kind, FAULT_LINE_SUPPRESSED);
	assert_int_equal(line.nr_suppressed, 1234);
}

static void lines_of_others(void **state)
{
	static const char *const cases[] = {
		"",
		"(XEN)",
		"(XEN) ",
		"(XEN) [",
		"(XEN) []",
		"(XEN) [2026-01-31 12:00:00]",
		"(XEN) Xen version 4.20.5",
		"(XEN) [VT-D]found ACPI_DMAR_DRHD:",
		/* a guest that imitates Xen, and text that quotes it */
		"(d5) [VT-D]DMAR:[DMA Write] Request device [0000:00:05.0] fault addr 1",
		"(d5) (XEN) [VT-D]DMAR:[DMA Write] Request device [0000:00:05.0] fault addr 1",
		"[VT-D]DMAR:[DMA Write] Request device [0000:00:05.0] fault addr 1",
		"(XEN) d5 says: [VT-D]DMAR:[DMA Write] Request device [0000:00:05.0] fault addr 1",
		"(XEN) [x] [VT-D]DMAR:[DMA Write] Request device [0000:00:05.0] fault addr 1",
		/* cut short */
		"(XEN) [VT-D]",
		"(XEN) [VT-D]DMAR:",
		"(XEN) [VT-D]DMAR:[DMA Write]",
		"(XEN) [VT-D]DMAR:[DMA Write] Request device",
		"(XEN) [VT-D]DMAR:[DMA Write] Request device [0000:00:05.0",
		"(XEN) [VT-D]DMAR:[DMA Write] Request device [0000:00:05.0]",
		"(XEN) [VT-D]DMAR:[DMA Write] Request device [0000:00:05.0] fault addr",
		"(XEN) [VT-D]DMAR:[DMA Write] Request device [0000:00:05.0] fault addr ",
		"(XEN) [VT-D]DMAR: reason 05",
		"(XEN) [VT-D]DMAR: reason 05 - ",
		"(XEN) AMD-Vi: IO_PAGE_FAULT: ",
		"(XEN) AMD-Vi: IO_PAGE_FAULT: 0000:00:05.0",
		"(XEN) AMD-Vi: IO_PAGE_FAULT: 0000:00:05.0 d0",
		"(XEN) AMD-Vi: IO_PAGE_FAULT: 0000:00:05.0 d0 addr 0000",
		"(XEN) AMD-Vi: IO_PAGE_FAULT: 0000:00:05.0 d0 addr 0000 flags",
		"(XEN) INVALID_DEV_REQUEST 00000028 50000000 00100000",
		/* garbled */
		"(XEN) [VT-D]DMAR:[DMA Wrote] Request device [0000:00:05.0] fault addr 1",
		"(XEN) [VT-D]DMAR:[DMA Write] Request device [0000:00:05.8] fault addr 1",
		"(XEN) [VT-D]DMAR:[DMA Write] Request device [0000:00:05.0000000000] fault addr 1",
		"(XEN) [VT-D]DMAR:[DMA Write] Request device [] fault addr 1",
		"(XEN) [VT-D]DMAR:[DMA Write] Request device [0000:00:05.0] fault addr x",
		"(XEN) [VT-D]DMAR:[DMA Write] Request device [0000:00:05.0] fault addr -1",
		"(XEN) [VT-D]DMAR:[DMA Write] Request device [0000:00:05.0] fault addr 1x",
		"(XEN) [VT-D]DMAR:[DMA Write] Request device [0000:00:05.0] fault addr 1 (XEN) x",
		"(XEN) [VT-D]DMAR:[DMA Write] Request device [0000:00:05.0] fault addr 11111111111111111",
		"(XEN) [VT-D]DMAR:[DMA Write] Request device [0000:00:05.0] fault index 1",
		"(XEN) AMD-Vi: IO_PAGE_FAULT: 0000:00:05.0 dx addr 0000 flags 0x9",
		"(XEN) AMD-Vi: IO_PAGE_FAULT: 0000:00:05.0 d0 addr 0000 flags 0xx",
		"(XEN) INVALID_DEV_REQUEST 00000028 50000000 00100000 00000000 00000000",
		"(XEN) COMMAND_HW_ERROR 00000028 50000000 00100000 00000000",
		"(XEN) printk: x messages suppressed.",
		"(XEN) printk: 5 messages suppressed. Or not",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fault_line line;

		fault_line_parse(cases[i], &line);
		if (line.kind != FAULT_LINE_OTHER)
			fail_msg("taken for a fault: %s", cases[i]);
	}
}

/* Whatever comes, it is read: for the sanitizers. */
static void random_lines(void **state)
{
	static const char pieces[][24] = {
		"(XEN) ",
		"[VT-D]",
		"DMAR:[DMA Write]",
		"AMD-Vi: ",
		" reason ",
		"Request device [",
		"0000:00:05.0",
		"] ",
		"fault addr ",
		"IO_PAGE_FAULT: ",
		" d0",
		" addr ",
		" flags ",
		"0xffffffffffffffffff",
		"[2026",
		"] ",
		"\n",
		"\r",
		" - ",
		"printk: ",
		" messages suppressed.",
		"\x80\xff",
		"7",
	};
	char text[512];

	(void)state;
	srandom(21);
	for (int i = 0; i < 20000; i++) {
		struct fault_line line;
		size_t len = 0;

		for (long n = random() % 12; n >= 0; n--) {
			const char *piece =
				pieces[(size_t)random() % ARRAY_SIZE(pieces)];

			len += (size_t)snprintf(text + len, sizeof(text) - len,
						"%s", piece);
		}
		fault_line_parse(text, &line);
	}
}

/* ---- the ring ---- */

static const struct vfio_xen_fault *read_one(bool last)
{
	assert_int_equal(vfio_xen_faults_read(faults, last), 0);
	assert_int_equal(vfio_xen_faults_get_nr(faults), 1);
	return vfio_xen_faults_get_fault(faults, 0);
}

static void read_none(bool last)
{
	assert_int_equal(vfio_xen_faults_read(faults, last), 0);
	assert_int_equal(vfio_xen_faults_get_nr(faults), 0);
}

static void alike_are_counted(void **state)
{
	const struct vfio_xen_fault *fault;
	char *log = NULL;
	size_t size;
	FILE *file = open_memstream(&log, &size);

	(void)state;
	for (int i = 0; i < 1000; i++)
		fprintf(file,
			"(XEN) [VT-D]DMAR:[DMA Write] Request device "
			"[0000:00:05.0] fault addr %x\n" WRITE_REASON
			"(XEN)     l3[000] = 90000000000000 --\n",
			0x100000 + (i * 7 % 1000) * 0x1000);
	fprintf(file, READ_LINE CONTEXT_REASON);
	fclose(file);
	assert_true(size > 65536); /* more than is read at a time */
	fake_xen_log = log;
	assert_int_equal(vfio_xen_faults_read(faults, true), 0);
	assert_int_equal(vfio_xen_faults_get_nr(faults), 2);
	fault = vfio_xen_faults_get_fault(faults, 0);
	assert_int_equal(vfio_xen_fault_get_count(fault), 1000);
	assert_int_equal(vfio_xen_fault_get_lowest(fault), 0x100000);
	assert_int_equal(vfio_xen_fault_get_highest(fault), 0x4e7000);
	assert_string_equal(vfio_xen_fault_get_reason(fault),
			    "PTE Write access is not set");
	fault = vfio_xen_faults_get_fault(faults, 1);
	assert_int_equal(vfio_xen_fault_get_count(fault), 1);
	assert_int_equal(vfio_xen_fault_get_access(fault), VFIO_XEN_FAULT_READ);
	assert_null(vfio_xen_faults_get_fault(faults, 2));
	assert_int_equal(vfio_xen_faults_get_lost(faults), 0);
	free(log);
}

/* What is read in pieces is what is read at once, wherever it is cut. */
static void pieces(void **state)
{
	static const char whole[] = "(XEN) x\n" WRITE_LINE WRITE_REASON;

	(void)state;
	for (size_t cut = 0; cut < sizeof(whole); cut++) {
		char piece[sizeof(whole)];
		const struct vfio_xen_fault *fault;

		vfio_xen_faults_free(faults);
		assert_int_equal(vfio_xen_faults_new(host.ctx, &faults), 0);
		memcpy(piece, whole, cut);
		piece[cut] = '\0';
		fake_xen_log = piece;
		assert_int_equal(vfio_xen_faults_read(faults, false), 0);
		if (cut < sizeof(whole) - 1)
			assert_int_equal(vfio_xen_faults_get_nr(faults), 0);
		else
			break;
		fake_xen_log = whole;
		fault = read_one(false);
		assert_int_equal(vfio_xen_fault_get_count(fault), 1);
		assert_int_equal(vfio_xen_fault_get_lowest(fault), 0x100000);
		assert_string_equal(vfio_xen_fault_get_reason(fault),
				    "PTE Write access is not set");
		read_none(false);
	}
}

/* A second line may be suppressed, or be that of another fault. */
static void missing_lines(void **state)
{
	(void)state;
	fake_xen_log = WRITE_LINE;
	read_none(false);
	assert_null(vfio_xen_fault_get_reason(read_one(false)));
	read_none(false);
	fake_xen_log = WRITE_LINE READ_LINE CONTEXT_REASON WRITE_REASON
		"(XEN) printk: 20 messages suppressed.\n";
	vfio_xen_faults_free(faults);
	assert_int_equal(vfio_xen_faults_new(host.ctx, &faults), 0);
	assert_int_equal(vfio_xen_faults_read(faults, true), 0);
	assert_int_equal(vfio_xen_faults_get_nr(faults), 2);
	assert_null(vfio_xen_fault_get_reason(
		vfio_xen_faults_get_fault(faults, 0)));
	assert_string_equal(
		vfio_xen_fault_get_reason(vfio_xen_faults_get_fault(faults, 1)),
		"Present bit in context entry is clear");
	assert_int_equal(vfio_xen_faults_get_suppressed(faults), 20);
	read_none(true);
	assert_int_equal(vfio_xen_faults_get_suppressed(faults), 0);
}

/* The ring wraps between two reads: the rest of a line is no line. */
static void wrapped_ring(void **state)
{
	static const char after[] = "ault addr 200000\n" READ_LINE;

	(void)state;
	fake_xen_log = "(XEN) x\n(XEN) [VT-D]DMAR:[DMA Wri";
	read_none(false);
	assert_int_equal(vfio_xen_faults_get_lost(faults), 0);
	fake_xen_log_first = 5000;
	fake_xen_log = after;
	assert_int_equal(vfio_xen_fault_get_access(read_one(true)),
			 VFIO_XEN_FAULT_READ);
	assert_int_equal(vfio_xen_faults_get_lost(faults),
			 5000 - strlen("(XEN) x\n(XEN) [VT-D]DMAR:[DMA Wri"));
	/* and the count of all characters wraps as well */
	fake_xen_log_first = UINT32_MAX - 9;
	fake_xen_log = "0123456789" WRITE_LINE;
	read_none(true); /* begins in what is taken for a line */
	assert_int_equal(vfio_xen_faults_get_lost(faults),
			 UINT32_MAX - 9 - 5000 - strlen(after));
	fake_xen_log = "0123456789" WRITE_LINE READ_LINE;
	read_one(true);
	assert_int_equal(vfio_xen_faults_get_lost(faults), 0);
}

static void unreadable_log(void **state)
{
	(void)state;
	fake_xen_log = NULL;
	assert_int_equal(vfio_xen_faults_read(faults, true), -EPERM);
	/* A line without an end is none. */
	fake_xen_log = "(XEN) [VT-D]DMAR:[DMA Read] Request device "
		       "[0000:00:05.0] fault addr 13000";
	read_none(true);
}

/* ---- the command ---- */

static void as_text(void **state)
{
	(void)state;
	assert_int_equal(run_ctl(&host, "faults"), EXIT_OK);
	assert_string_equal(out, "no faults in Xen's log\n");
	assert_string_equal(err, "");
	fake_xen_log =
		WRITE_LINE WRITE_REASON WRITE_LINE WRITE_REASON READ_LINE;
	assert_int_equal(run_ctl(&host, "faults"), EXIT_OK);
	assert_says(out, " USER NOW ");
	assert_says(out, "0000:00:05.0 -    2     DMA write 0x100000 dom0 "
			 "(edu) PTE Write access is not set\n");
	assert_says(out, "0000:00:05.0 -    1     DMA read  0x13000  dom0 "
			 "(edu) -\n");
	assert_string_equal(err, "");
}

static void fake_holder(void)
{
	fake_file(&host, "worker\033[2J\n", "/proc/77/comm");
	fake_link(&host, "/dev/vfio/7", "/proc/77/fd/3");
}

static void fake_pid_ends(void)
{
	char path[FAKE_PATH_SIZE];

	snprintf(path, sizeof(path), "%s/proc/77/fd/3", host.root);
	assert_int_equal(unlink(path), 0);
}

static struct json_object *first_fault(struct json_object *root)
{
	return json_object_array_get_idx(json_object_object_get(root, "faults"),
					 0);
}

static void assert_user(const char *kind, int id, const char *name)
{
	struct json_object *root, *user;

	assert_int_equal(run_ctl(&host, "faults --json"), EXIT_OK);
	root = parse_out();
	user = json_object_object_get(first_fault(root), "user");
	if (!kind) {
		assert_null(user);
		json_object_put(root);
		return;
	}
	assert_string_equal(string_of(user, "kind"), kind);
	if (id >= 0)
		assert_int_equal(
			json_object_get_int(json_object_object_get(user, "id")),
			id);
	else
		assert_null(string_of(user, "id"));
	if (name)
		assert_string_equal(string_of(user, "name"), name);
	else
		assert_null(string_of(user, "name"));
	json_object_put(root);
}

static void fake_owner(const char *line)
{
	fake_dir(&host, "/sys/module/vfio_xen_iommu");
	fake_file(&host, "", "/sys/kernel/debug/vfio-xen-iommu/stats");
	fake_file(&host, "", "/sys/kernel/debug/vfio-xen-iommu/shells");
	fake_file(&host, line, "/sys/kernel/debug/vfio-xen-iommu/devices");
}

static void users(void **state)
{
	static const struct fake_guest guests[] = {
		{ 3, VFIO_XEN_GUEST_HVM, false,
		  "00000000-0000-0000-0000-00000000000a", "web" },
		{ 0 },
	};
	static const char *const reply[] = {
		"{\"ok\":true,\"domid\":9,\"uuid\":\"" FAKE_UUID
		"\",\"type\":\"pv\","
		"\"worker_pid\":1,\"restarts\":0,\"devices\":[{\"device\":\"" EDU
		"\",\"slot\":1,\"state\":\"attached\",\"permissive\":false}]}",
		NULL
	};

	(void)state;
	fake_xen_log = WRITE_LINE;
	assert_user("dom0", -1, "edu");
	fake_holder();
	assert_user("process", 77, "worker?[2J");
	fake_owner(EDU " owner=shell domid=5\n");
	assert_user("process", 77, "worker?[2J");
	fake_owner(EDU " owner=guest domid=3\n");
	assert_user("guest", 3, NULL);
	fake_guests = guests;
	assert_user("guest", 3, "web");
	fake_pid_ends();
	fake_owner(EDU " owner=dom0\n");
	assert_user("dom0", -1, "edu");
	fake_owner(EDU " owner=quarantine\n");
	assert_user("nobody", -1, NULL);
	fake_dm_start(&host, FAKE_UUID, reply);
	assert_user("guest", 9, FAKE_UUID);
	fake_xen_log = "(XEN) [VT-D]DMAR:[DMA Read] Request device "
		       "[00ff:00:05.0] fault addr 13000\n";
	assert_user(NULL, -1, NULL);
}

static void name_of_device(void **state)
{
	struct json_object *root;

	(void)state;
	fake_file(&host,
		  "[Device]\nAddress=" EDU "\nName=accel\nDriver=vfio-pci\n",
		  "/etc/vfio-xen/devices.d/accel.conf");
	fake_xen_log = AMD_WRITE AMD_WRITE;
	assert_int_equal(run_ctl(&host, "faults --json"), EXIT_OK);
	root = parse_out();
	assert_string_equal(string_of(first_fault(root), "device"), EDU);
	assert_string_equal(string_of(first_fault(root), "kind"), "dma");
	assert_null(string_of(first_fault(root), "access"));
	assert_string_equal(string_of(first_fault(root), "count"), "2");
	assert_string_equal(string_of(root, "lost_characters"), "0");
	json_object_put(root);
}

static void fake_command(uint8_t command)
{
	const uint8_t head[] = { 0x34, 0x12, 0xe8, 0x11, command, 0 };

	fake_bytes(&host, head, sizeof(head), "/sys/bus/pci/devices/%s/config",
		   EDU);
}

/* Xen says nothing when it turns bus mastering off. */
static void stopped_device(void **state)
{
	static const char *const five =
		AMD_WRITE AMD_WRITE AMD_WRITE AMD_WRITE AMD_WRITE;
	char ten[1024];

	(void)state;
	fake_command(0x2);
	fake_xen_log = five;
	assert_int_equal(run_ctl(&host, "faults"), EXIT_OK);
	assert_null(strstr(out, "bus mastering"));
	snprintf(ten, sizeof(ten), "%s%s", five, five);
	fake_xen_log = ten;
	assert_int_equal(run_ctl(&host, "faults"), EXIT_OK);
	assert_says(out, "\n" EDU ": bus mastering is off, as Xen does after a "
			 "burst of faults; unbind its driver and bind it "
			 "again\n");
	fake_holder();
	assert_int_equal(run_ctl(&host, "faults"), EXIT_OK);
	assert_says(out, "restart the program");
	fake_owner(EDU " owner=guest domid=3\n");
	assert_int_equal(run_ctl(&host, "faults"), EXIT_OK);
	assert_says(out, "reload its driver in the guest");
	fake_command(0x6);
	assert_int_equal(run_ctl(&host, "faults"), EXIT_OK);
	assert_null(strstr(out, "bus mastering"));
}

static void gaps_are_told(void **state)
{
	struct json_object *root;

	(void)state;
	fake_xen_log_first = 4711;
	fake_xen_log = "cut\n" WRITE_LINE WRITE_REASON
		       "(XEN) printk: 12 messages suppressed.\n";
	assert_int_equal(run_ctl(&host, "faults"), EXIT_OK);
	assert_says(out, "DMA write");
	assert_says(err, "the first 4711 characters of Xen's log are lost");
	assert_says(err, "Xen has suppressed 12 lines");
	assert_int_equal(run_ctl(&host, "faults --json"), EXIT_OK);
	root = parse_out();
	assert_string_equal(string_of(root, "lost_characters"), "4711");
	assert_string_equal(string_of(root, "suppressed_lines"), "12");
	json_object_put(root);
}

static void failures(void **state)
{
	(void)state;
	fake_xen_log = NULL;
	assert_int_equal(run_ctl(&host, "faults"), EXIT_FAILED);
	assert_says(err, "cannot read Xen's log: permission denied; run it as "
			 "root");
	assert_int_equal(run_ctl(&host, "faults --follow"), EXIT_FAILED);
	assert_says(err, "cannot read Xen's log");
	assert_int_equal(run_ctl(&host, "faults --json"), EXIT_FAILED);
	assert_says(out, "\"error\"");
	assert_int_equal(run_ctl(&host, "faults now"), EXIT_USAGE);
	assert_says(err, "faults takes no operands");
	assert_int_equal(run_ctl(&host, "list --follow"), EXIT_USAGE);
}

static int nr_reads;

/* Faults come one after the other, the ring wraps, and then SIGTERM comes. */
static void next_read(void)
{
	switch (nr_reads++) {
	case 0:
		fake_xen_log = WRITE_LINE WRITE_REASON;
		break;
	case 1:
		break;
	case 2:
		fake_xen_log_first = 1000;
		fake_xen_log = "\n" READ_LINE CONTEXT_REASON;
		break;
	default:
		raise(SIGTERM);
	}
}

static void unblock_signals(void)
{
	sigset_t set;

	signal(SIGTERM, SIG_IGN); /* drops it where it is pending */
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	signal(SIGTERM, SIG_DFL);
}

static void follow_as_text(void **state)
{
	const char *first;
	char lost[64];

	(void)state;
	nr_reads = 0;
	fake_xen_log_read = next_read;
	assert_int_equal(run_ctl(&host, "faults --follow"), EXIT_OK);
	unblock_signals();
	assert_int_equal(nr_reads, 4);
	assert_says(out, " USER ");
	assert_null(strstr(out, "USER NOW"));
	first = strstr(out, "DMA write");
	assert_non_null(first);
	assert_non_null(strstr(first, "DMA read"));
	assert_null(strstr(first + 1, "DMA write"));
	snprintf(lost, sizeof(lost), "another %zu characters of Xen's log",
		 1000 - strlen(WRITE_LINE WRITE_REASON));
	assert_says(err, lost);
}

static void follow_as_json(void **state)
{
	char problem[SCHEMA_PROBLEM_SIZE], *line, *save;
	int nr = 0;

	(void)state;
	nr_reads = 0;
	fake_xen_log_read = next_read;
	assert_int_equal(run_ctl(&host, "faults --json --follow"), EXIT_OK);
	unblock_signals();
	for (line = strtok_r(out, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		struct json_object *root = json_tokener_parse(line);

		assert_non_null(root);
		if (!schema_file_check("faults", root, problem))
			fail_msg("%s", problem);
		assert_string_equal(string_of(first_fault(root), "access"),
				    nr ? "read" : "write");
		json_object_put(root);
		nr++;
	}
	assert_int_equal(nr, 2);
}

/* ---- the journal ---- */

static const struct fake_entry earlier[] = {
	{ 1, { "VFIO_XEN_EVENT=fault", "VFIO_XEN_LOG_POSITION=4096", NULL } },
	{ 2, { "VFIO_XEN_EVENT=fault", NULL } },
};

static void fake_journal_empty(void)
{
	fake_journal = earlier;
	fake_journal_nr = 0;
	*fake_journal_fields = '\0';
}

static void to_the_journal(void **state)
{
	char want[1024];

	(void)state;
	fake_journal_empty();
	fake_xen_log = WRITE_LINE WRITE_REASON AMD_WRITE "(XEN) begun";
	assert_int_equal(run_ctl(&host, "faults --journal"), EXIT_OK);
	assert_string_equal(out, "");
	snprintf(want, sizeof(want),
		 "MESSAGE=" EDU ": 1 refused: dma write at 0x100000 to "
		 "0x100000, PTE Write access is not set; user: dom0 (edu)\n"
		 "VFIO_XEN_USER=dom0 (edu)\nVFIO_XEN_EVENT=fault\n"
		 "VFIO_XEN_DEVICE=" EDU "\nVFIO_XEN_KIND=dma\n"
		 "VFIO_XEN_ACCESS=write\nVFIO_XEN_LOWEST=0x100000\n"
		 "VFIO_XEN_HIGHEST=0x100000\nVFIO_XEN_COUNT=1\n"
		 "VFIO_XEN_REASON=PTE Write access is not set\n.\n");
	assert_ptr_equal(strstr(fake_journal_fields, want),
			 fake_journal_fields);
	/* The last one has the position of the line that is not complete. */
	snprintf(want, sizeof(want), "VFIO_XEN_LOG_POSITION=%zu\n.\n",
		 strlen(WRITE_LINE WRITE_REASON AMD_WRITE));
	assert_string_equal(strstr(fake_journal_fields, "VFIO_XEN_LOG"), want);
}

static void resumed_in_the_journal(void **state)
{
	(void)state;
	fake_journal_empty();
	fake_journal_nr = ARRAY_SIZE(earlier);
	fake_xen_log_first = 4096 - strlen(WRITE_LINE WRITE_REASON);
	fake_xen_log = WRITE_LINE WRITE_REASON READ_LINE CONTEXT_REASON;
	assert_int_equal(run_ctl(&host, "faults --journal"), EXIT_OK);
	assert_says(fake_journal_fields, "dma read");
	assert_null(strstr(fake_journal_fields, "dma write"));
	assert_null(strstr(fake_journal_fields, "faults-lost"));
	/* Something was overwritten before it could be read. */
	fake_journal_empty();
	fake_journal_nr = ARRAY_SIZE(earlier);
	fake_xen_log_first = 5000;
	fake_xen_log = "cut\n" READ_LINE CONTEXT_REASON;
	assert_int_equal(run_ctl(&host, "faults --journal"), EXIT_OK);
	assert_says(fake_journal_fields,
		    "MESSAGE=904 characters of Xen's log are lost");
	assert_says(fake_journal_fields, "VFIO_XEN_EVENT=faults-lost\n");
	assert_says(fake_journal_fields, "dma read");
}

/* A fault whose reason has not arrived is read again. */
static void position_of_half_a_fault(void **state)
{
	(void)state;
	fake_xen_log = AMD_WRITE WRITE_LINE;
	assert_int_equal(vfio_xen_faults_read(faults, false), 0);
	assert_int_equal(vfio_xen_faults_get_nr(faults), 1);
	assert_int_equal(vfio_xen_faults_get_position(faults),
			 strlen(AMD_WRITE));
	fake_xen_log = AMD_WRITE WRITE_LINE WRITE_REASON;
	assert_int_equal(vfio_xen_faults_read(faults, false), 0);
	assert_int_equal(vfio_xen_faults_get_nr(faults), 1);
	assert_int_equal(vfio_xen_faults_get_position(faults),
			 strlen(AMD_WRITE WRITE_LINE WRITE_REASON));
}

static void no_journal(void **state)
{
	(void)state;
	fake_journal = NULL;
	fake_xen_log = WRITE_LINE WRITE_REASON;
	assert_int_equal(run_ctl(&host, "faults --journal"), EXIT_FAILED);
	assert_says(err, "cannot read the journal: No such file or directory; "
			 "--journal needs systemd-journald");
	assert_int_equal(run_ctl(&host, "faults --journal --json"), EXIT_USAGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_of_faults),
		TEST(lines_of_reasons),
		TEST(lines_of_others),
		TEST(random_lines),
		TEST(alike_are_counted),
		TEST(pieces),
		TEST(missing_lines),
		TEST(wrapped_ring),
		TEST(unreadable_log),
		TEST(as_text),
		TEST(users),
		TEST(name_of_device),
		TEST(stopped_device),
		TEST(gaps_are_told),
		TEST(failures),
		TEST(follow_as_text),
		TEST(follow_as_json),
		TEST(to_the_journal),
		TEST(resumed_in_the_journal),
		TEST(position_of_half_a_fault),
		TEST(no_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
