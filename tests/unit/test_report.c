// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file of vfio-xen-ctl report: what is in it, and what must not be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "run-ctl.h"

static struct fake_host host;
static char path[FAKE_PATH_SIZE];

static int setup(void **state)
{
	static const struct fake_device nic = { "0000:05:00.0", 0x0200, 14,
						"e1000e", "e1000e" };

	(void)state;
	fake_host_init(&host);
	fake_device(&host, &nic);
	fake_xen(&host, 20, ".5");
	snprintf(path, sizeof(path), "%s/report.txt", host.root);
	fake_xen_log =
		"(XEN) Xen version 4.20.5\n"
		"(XEN) Command line: dom0_mem=1G secret-of-xen\n"
		"(XEN) [VT-D]DMAR:[DMA Write] Request device [0000:05:00.0] "
		"fault addr 100000\n"
		"(XEN) [VT-D]DMAR: reason 05 - PTE Write access is not set\n"
		"(d5) secret-of-guest\n"
		"[    1.0] secret-of-dom0\n";
	fake_file(&host,
		  "6,1,1500000,-;Linux version 6.12.1 (builder)\n"
		  "6,2,1500000,-;Kernel command line: xen secret-of-linux\n"
		  " SUBSYSTEM=xen-secret\n"
		  "6,3,2000001,-;vfio-pci 0000:05:00.0: reset done\n"
		  "6,4,2000002,-;e1000e 0000:05:00.0 eth0: (PCI Express) "
		  "00:16:3e:0a:0b:0c\n"
		  "6,5,2000003,-;usb 1-1: SerialNumber: secret-of-usb\n"
		  "6,6,2000004,-;pci 0000:05:00.0: serial 3c-fd-fe-ff-ff-01-"
		  "02-03, path /dev/disk/by-id/secret-of-disk\n"
		  "garbage without a record xen\n",
		  "/dev/kmsg");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_xen_log = NULL;
	discard_output();
	fake_host_release(&host);
	return 0;
}

static int run(void)
{
	char line[FAKE_PATH_SIZE + 16];

	snprintf(line, sizeof(line), "report %s", path);
	return run_ctl(&host, line);
}

/* The caller frees it. */
static char *read_report(void)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 65536);

	assert_non_null(file);
	assert_non_null(text);
	assert_in_range(fread(text, 1, 65535, file), 1000, 65534);
	fclose(file);
	return text;
}

static void has_what_is_known(void **state)
{
	static const char *const parts[] = {
		"vfio-xen-ctl " VERSION "\n",
		"\nXen 4.20.5\n",
		"\n==== check ====\n{\n",
		"\n==== groups ====\n{\n",
		"\n==== list ====\n{\n",
		"\n==== status ====\n{\n",
		"\n==== faults ====\n{\n",
		"\"reason\":\"PTE Write access is not set\"",
		"\n==== Xen's log ====\n(XEN) Xen version 4.20.5\n(XEN) [VT-D]",
		"\n==== kernel log ====\n[    1.500000] Linux version 6.12.1",
		"\n[    2.000001] vfio-pci 0000:05:00.0: reset done\n",
		"pci 0000:05:00.0: serial [mac], path /dev/[path]\n",
	};
	char *text;

	(void)state;
	assert_int_equal(run(), EXIT_OK);
	assert_says(out, path);
	assert_string_equal(err, "");
	text = read_report();
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		assert_says(text, parts[i]);
	free(text);
}

static void has_no_secrets(void **state)
{
	static const char *const secrets[] = {
		"secret", "00:16:3e", "3c-fd-fe", "ommand line:", "garbage",
	};
	char *text, name[256];

	(void)state;
	assert_int_equal(run(), EXIT_OK);
	text = read_report();
	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++)
		if (strstr(text, secrets[i]))
			fail_msg("%s is in it", secrets[i]);
	assert_int_equal(gethostname(name, sizeof(name)), 0);
	if (strlen(name) > 8)
		assert_null(strstr(text, name));
	free(text);
}

static void is_private(void **state)
{
	mode_t mask = umask(0);
	struct stat st;

	(void)state;
	assert_int_equal(run(), EXIT_OK);
	umask(mask);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void overwrites_nothing(void **state)
{
	char target[FAKE_PATH_SIZE + 8];
	struct stat st;

	(void)state;
	fake_file(&host, "mine", "/report.txt");
	assert_int_equal(run(), EXIT_FAILED);
	assert_says(err, "it exists; give another name");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 4);
	/* nor writes where a link leads to */
	assert_int_equal(unlink(path), 0);
	snprintf(target, sizeof(target), "%s.target", path);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(run(), EXIT_FAILED);
	assert_int_not_equal(access(target, F_OK), 0);
}

static void failures(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "%s/no/report.txt", host.root);
	assert_int_equal(run(), EXIT_FAILED);
	assert_says(err, "cannot create ");
	assert_says(err, "No such file or directory");
	assert_int_equal(run_ctl(&host, "report a b"), EXIT_USAGE);
	assert_says(err, "too many files");
	assert_int_equal(run_ctl(&host, "report --json"), EXIT_USAGE);
}

/* What cannot be read is said, and does not keep the rest out. */
static void without_logs(void **state)
{
	char *text, kmsg[FAKE_PATH_SIZE];

	(void)state;
	fake_xen_log = NULL;
	snprintf(kmsg, sizeof(kmsg), "%s/dev/kmsg", host.root);
	assert_int_equal(unlink(kmsg), 0);
	assert_int_equal(run(), EXIT_OK);
	text = read_report();
	assert_says(text, "\"error\":\"cannot read Xen's log: permission "
			  "denied; run it as root\"");
	assert_says(text, "==== Xen's log ====\n(cannot be read: ");
	assert_says(text,
		    "==== kernel log ====\n(cannot be read: No such file");
	free(text);
}

static void lines(void **state)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "0000:05:00.0 is bound", "0000:05:00.0 is bound" },
		{ "a 00:16:3e:0a:0b:0c b", "a [mac] b" },
		{ "00:16:3E:0A:0B:0C", "[mac]" },
		{ "(00-16-3e-0a-0b-0c)", "([mac])" },
		{ "80:00:02:08:fe:80:00:00:00:00:00:01", "[mac]" },
		{ "at 12:34:56", "at 12:34:56" },
		{ "01234567-89ab-cdef-0123-456789abcdef",
		  "01234567-89ab-cdef-0123-456789abcdef" },
		{ "Serial Number: S4N0 x", "Serial Number: [serial] x" },
		{ "\"serial\": \"S4N0\", x", "\"serial\": \"[serial]\", x" },
		{ "Serial=3c-fd", "Serial=[serial]" },
		{ "serial_no = 7", "serial_no = [serial]" },
		{ "serial8250: ttyS0", "serial8250: ttyS0" },
		{ "serial:", "serial:" },
		{ "/dev/nvme0n1p2 is /dev/sda", "/dev/[path] is /dev/[path]" },
		{ "\"/dev/mapper/vg-root\"", "\"/dev/[path]\"" },
		{ "/dev/vfio/12 /dev/xen/gntdev /dev/iommu",
		  "/dev/vfio/12 /dev/xen/gntdev /dev/iommu" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = redact_line(cases[i][0]);

		assert_string_equal(text, cases[i][1]);
		free(text);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(has_what_is_known),
		TEST(has_no_secrets),
		TEST(is_private),
		TEST(overwrites_nothing),
		TEST(failures),
		TEST(without_logs),
		TEST(lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
