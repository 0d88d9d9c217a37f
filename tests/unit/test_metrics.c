// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-xen-ctl metrics: the format, by a checker of its rules, and the figures.
 */
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake-dm.h"
#include "run-ctl.h"

#define STATE "/sys/kernel/debug/vfio-xen-iommu"
#define NIC "0000:05:00.0"
#define EDU "0000:00:05.0"
#define DISK "0000:06:00.0"
#define FREE "0000:07:00.0"
#define BRIDGE "0000:00:1c.0"
#define FAULT                                               \
	"(XEN) [VT-D]DMAR:[DMA Write] Request device [" EDU \
	"] fault addr 100000\n"                             \
	"(XEN) [VT-D]DMAR: reason 05 - PTE Write access is not set\n"
#define STATUS                                                              \
	"{\"ok\":true,\"domid\":3,\"uuid\":\"" FAKE_UUID                    \
	"\",\"type\":\"pv\",\"worker_pid\":12,\"restarts\":4,\"queued\":2," \
	"\"devices\":[{\"device\":\"" DISK                                  \
	"\",\"slot\":0,\"state\":\"attached\"},"                            \
	"{\"device\":\"0000:08:00.0\",\"state\":\"wanted\"}]}"

static struct fake_host host;

static int setup(void **state)
{
	static const struct fake_device devices[] = {
		{ EDU, 0x00ff, 7, "edu", "vfio-pci" },
		{ BRIDGE, 0x0604, 8, "pcieport", "pcieport" },
		{ NIC, 0x0200, 14, "e1000e", "e1000e" },
		{ DISK, 0x0108, 15, "nvme", "vfio-pci" },
		{ FREE, 0x0200, 16, "e1000e", NULL },
	};

	(void)state;
	fake_host_init(&host);
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		fake_device(&host, &devices[i]);
	fake_xen(&host, 20, ".0");
	fake_xen_log = "";
	fake_dir(&host, "/sys/module/vfio_xen_iommu");
	fake_file(&host,
		  "shell_domains 1\nmapped_pages 3\nheld_pages 0\n"
		  "hypercalls 12\nhypercall_ns 1500000007\nnew_thing 5\n"
		  "quarantined_devices 0\n",
		  STATE "/stats");
	fake_file(&host,
		  "domid=5 mapped_pages=3 pool_pages=512 devices=" EDU "\n",
		  STATE "/shells");
	fake_file(&host,
		  EDU " owner=shell domid=5 msi=2/4\n" NIC " owner=dom0\n" DISK
		      " owner=guest domid=3\n" FREE " owner=dom0\n" BRIDGE
		      " owner=dom0\n",
		  STATE "/devices");
	fake_file(&host,
		  "      CPU0  CPU1\n"
		  "25:  1  20  xen-pirq -msi-x  vfio-msix[0](" EDU ")\n"
		  "26:  0  7  xen-pirq -msi-x  vfio-msix[3](" EDU ")\n",
		  "/proc/interrupts");
	fake_link(&host, "/dev/vfio/7", "/proc/42/fd/3");
	fake_file(&host, "testpmd\n", "/proc/42/comm");
	fake_file(&host,
		  "Name:\ttestpmd\nVmPeak:\t 9 kB\nVmLck:\t   12 kB\n"
		  "VmPin:\t    4 kB\nVmHWM:\t 8 kB\n",
		  "/proc/42/status");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_dm_stop();
	fake_guests = NULL;
	fake_xen_log = NULL;
	fake_xen_log_first = 0;
	discard_output();
	fake_host_release(&host);
	return 0;
}

/* ---- a checker of the format ---- */

#define NAME "(vfio_xen_[a-z0-9_]+)"
#define LABEL "[a-z_]+=\"([^\"\\\n]|\\\\[\\\\\"n])*\""
#define NUMBER "[0-9]+(\\.[0-9]+)?"

static bool matches(const char *line, const char *pattern, char name[64])
{
	regmatch_t match[2];
	regex_t regex;
	bool found;

	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED), 0);
	found = !regexec(&regex, line, 2, match, 0);
	regfree(&regex);
	if (found)
		snprintf(name, 64, "%.*s",
			 (int)(match[1].rm_eo - match[1].rm_so),
			 line + match[1].rm_so);
	return found;
}

static bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name);

	return len > strlen(end) && !strcmp(name + len - strlen(end), end);
}

/* Base units, and _total for counters alone */
static bool is_good_name(const char *name, const char *type)
{
	static const char *const units[] = { "_ns",  "_ms", "_pages",
					     "_kib", "_kb", "_mib" };

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (strstr(name, units[i]))
			return false;
	return ends_in(name, "_total") == !strcmp(type, "counter");
}

/* Whether a line before @line begins with these characters */
static bool occurs_before(const char *text, const char *line, const char *start,
			  size_t len)
{
	for (; text < line; text = strchr(text, '\n') + 1)
		if (!strncmp(text, start, len))
			return true;
	return false;
}

/* What is wrong with the text, or NULL */
static const char *find_mistake(const char *text)
{
	char family[64] = "", typed[64] = "", name[64];
	bool counter;

	if (*text && text[strlen(text) - 1] != '\n')
		return "no end of line";
	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		char copy[1024];
		size_t len = strcspn(line, "\n");

		snprintf(copy, sizeof(copy), "%.*s", (int)len, line);
		if (matches(copy, "^# HELP " NAME " [A-Z][^\\]*\\.$", name)) {
			if (occurs_before(text, line, copy,
					  strlen("# HELP ") + strlen(name) + 1))
				return "a family twice";
			strcpy(family, name);
		} else if (matches(copy, "^# TYPE " NAME " (counter|gauge)$",
				   name)) {
			if (strcmp(name, family) || !strcmp(name, typed))
				return "a type without its help";
			counter = ends_in(copy, " counter");
			if (!is_good_name(name, counter ? "counter" : "gauge"))
				return "a bad name";
			strcpy(typed, name);
		} else if (matches(copy,
				   "^" NAME "(\\{" LABEL "(," LABEL
				   ")*\\})? " NUMBER "$",
				   name)) {
			if (strcmp(name, typed))
				return "a sample outside of its family";
			if (occurs_before(text, line, copy,
					  (size_t)(strrchr(copy, ' ') - copy) +
						  1))
				return "a series twice";
		} else {
			return "no line of the format";
		}
	}
	return NULL;
}

static void assert_well_formed(void)
{
	const char *mistake = find_mistake(out);

	if (mistake)
		fail_msg("%s: %s", mistake, out);
}

static void the_checker_finds_mistakes(void **state)
{
	static const char head[] = "# HELP vfio_xen_a A thing.\n"
				   "# TYPE vfio_xen_a gauge\n";
	static const char *const samples[] = {
		"vfio_xen_a 1",
		"vfio_xen_a  1\n",
		"vfio_xen_a\n",
		"vfio_xen_a -\n",
		"vfio_xen_b 1\n",
		"vfio_xen_a{} 1\n",
		"vfio_xen_a{b=c} 1\n",
		"vfio_xen_a{b=\"c\"d\"} 1\n",
		"vfio_xen_a{b=\"c\\d\"} 1\n",
		"vfio_xen_a{b=\"c\nd\"} 1\n",
		"vfio_xen_a{b=\"c\",} 1\n",
		"vfio_xen_a 1\nvfio_xen_a 2\n",
		"vfio_xen_a{b=\"c\"} 1\nvfio_xen_a{b=\"c\"} 1\n",
		"# TYPE vfio_xen_a gauge\n",
		"# TYPE vfio_xen_b gauge\n",
		"# HELP vfio_xen_b Thing.\n# TYPE vfio_xen_b counter\n",
		"# HELP vfio_xen_b_total Thing.\n# TYPE vfio_xen_b_total gauge\n",
		"# HELP vfio_xen_b_ns Thing.\n# TYPE vfio_xen_b_ns gauge\n",
		"# HELP vfio_xen_a Thing.\n",
		"\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		char text[512];

		snprintf(text, sizeof(text), "%s%s", head, samples[i]);
		if (!find_mistake(text))
			fail_msg("taken: %s", text);
	}
	assert_null(find_mistake(head));
	assert_null(find_mistake("# HELP vfio_xen_a A thing.\n"
				 "# TYPE vfio_xen_a gauge\n"
				 "vfio_xen_a{b=\"\\\"\\\\\\n\",c=\"\"} 1.5\n"
				 "vfio_xen_a 2\n"));
}

/* ---- the figures ---- */

static void run(int want)
{
	assert_int_equal(run_ctl(&host, "metrics"), want);
	assert_well_formed();
}

static void of_devices(void **state)
{
	(void)state;
	run(EXIT_OK);
	assert_string_equal(err, "");
	assert_says(out, "vfio_xen_info{version=\"" VERSION
			 "\",xen=\"4.20.0\"} 1\n");
	assert_says(out, "vfio_xen_devices{user=\"dom0\"} 1\n");
	assert_says(out, "vfio_xen_devices{user=\"nobody\"} 1\n");
	assert_says(out, "vfio_xen_devices{user=\"process\"} 1\n");
	assert_says(out, "vfio_xen_devices{user=\"guest\"} 1\n");
	assert_says(out, "vfio_xen_devices{user=\"unknown\"} 0\n");
	assert_says(out, "vfio_xen_device_info{device=\"" EDU
			 "\",driver=\"vfio-pci\",user=\"process\","
			 "user_name=\"testpmd\"} 1\n");
	assert_says(out, "vfio_xen_device_info{device=\"" FREE
			 "\",driver=\"\",user=\"nobody\",user_name=\"\"} 1\n");
	assert_null(strstr(out, BRIDGE));
	assert_says(out, "vfio_xen_process_locked_bytes{pid=\"42\","
			 "process=\"testpmd\"} 16384\n");
	assert_says(out, "vfio_xen_source_up{source=\"vfio-xen-iommu\"} 1\n");
	assert_says(out, "vfio_xen_source_up{source=\"xen-log\"} 1\n");
}

static void of_a_process_with_two_devices(void **state)
{
	(void)state;
	fake_file(&host,
		  EDU " owner=shell domid=5 msi=2/4\n" DISK
		      " owner=quarantine\n",
		  STATE "/devices");
	fake_link(&host, "/dev/vfio/15", "/proc/42/fd/4");
	run(EXIT_OK);
	assert_says(out, "vfio_xen_devices{user=\"process\"} 2\n");
	assert_says(out, "vfio_xen_process_locked_bytes{pid=\"42\","
			 "process=\"testpmd\"} 16384\n");
}

static void of_vfio_xen_iommu(void **state)
{
	(void)state;
	run(EXIT_OK);
	assert_says(out, "vfio_xen_mapped_bytes 12288\n");
	assert_says(out, "vfio_xen_hypercalls_total 12\n");
	assert_says(out, "# TYPE vfio_xen_hypercall_seconds_total counter\n"
			 "vfio_xen_hypercall_seconds_total 1.500000007\n");
	assert_says(out, "vfio_xen_shell_mapped_bytes{domid=\"5\",name=\"\"} "
			 "12288\n");
	assert_says(out, "vfio_xen_shell_pool_bytes{domid=\"5\",name=\"\"} "
			 "2097152\n");
	/* Neither what it does not know, nor what is not there */
	assert_null(strstr(out, "new_thing"));
	assert_null(strstr(out, "map_calls"));
	assert_null(strstr(out, "histogram"));
}

static void of_devices_in_trouble(void **state)
{
	(void)state;
	run(EXIT_OK);
	assert_says(out, "\nvfio_xen_return_pending_devices 0\n");
	fake_file(&host,
		  EDU " owner=quarantine return_pending=1\n" DISK
		      " owner=quarantine bars_exposed=3\n",
		  STATE "/devices");
	fake_guests = (const struct fake_guest[]){
		{ 3, VFIO_XEN_GUEST_PV, false, FAKE_UUID, "web" }, { 0 }
	};
	run(EXIT_OK);
	assert_says(out, "\nvfio_xen_return_pending_devices 1\n");
	assert_says(out, "\nvfio_xen_exposed_devices 1\n");
}

static void of_vectors(void **state)
{
	(void)state;
	run(EXIT_OK);
	assert_says(out, "# TYPE vfio_xen_interrupts_total counter\n");
	assert_says(out, "vfio_xen_interrupts_total{device=\"" EDU
			 "\",kind=\"msi-x\",vector=\"0\"} 21\n");
	assert_says(out, "vfio_xen_interrupts_total{device=\"" EDU
			 "\",kind=\"msi-x\",vector=\"3\"} 7\n");
	assert_says(out, "vfio_xen_vectors_used{device=\"" EDU "\"} 2\n");
	assert_says(out, "vfio_xen_vectors_mapped{device=\"" EDU "\"} 4\n");
}

static void of_guests(void **state)
{
	static const char *const replies[] = { STATUS, NULL };
	static const char labels[] = "{guest=\"web \\\"1\\\\\\n\xc3\xa9"
				     "\xef\xbf\xbd\",uuid=\"" FAKE_UUID "\"";
	static const struct {
		const char *name;
		const char *rest;
	} samples[] = {
		{ "guest_devices", ",state=\"attached\"} 1\n" },
		{ "guest_devices", ",state=\"wanted\"} 1\n" },
		{ "guest_devices", ",state=\"detaching\"} 0\n" },
		{ "worker_up", "} 1\n" },
		{ "worker_restarts_total", "} 4\n" },
		{ "queued_requests", "} 2\n" },
	};

	(void)state;
	/* A name with all that must be escaped, and a byte that is not UTF-8 */
	fake_guests =
		(const struct fake_guest[]){ { 3, VFIO_XEN_GUEST_PV, false,
					       FAKE_UUID,
					       "web \"1\\\n\xc3\xa9\xff" },
					     { 0 } };
	fake_dm_start(&host, FAKE_UUID, replies);
	run(EXIT_OK);
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		char line[256];

		snprintf(line, sizeof(line), "\nvfio_xen_%s%s%s",
			 samples[i].name, labels, samples[i].rest);
		assert_says(out, line);
	}
}

static void bytes_that_are_not_utf8(void **state)
{
	static const struct {
		const char *value;
		const char *shown;
	} cases[] = {
		{ "\xe2\x82\xac", "\xe2\x82\xac" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xe0\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf4\x90\x80\x80",
		  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf5x", "\xef\xbf\xbdx" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct label labels[] = { { "a", cases[i].value },
						{ NULL, NULL } };
		struct family family = { .name = "b", .help = "" };
		char *text, want[64];
		size_t size;

		family.out = open_memstream(&text, &size);
		sample_print(&family, labels, 1);
		fclose(family.out);
		snprintf(want, sizeof(want), "b{a=\"%s\"} 1\n", cases[i].shown);
		assert_says(text, want);
		free(text);
	}
}

static void of_faults(void **state)
{
	(void)state;
	fake_xen_log = "cut\n" FAULT "(XEN) other\n" FAULT;
	fake_xen_log_first = 100;
	run(EXIT_OK);
	assert_says(out, "# TYPE vfio_xen_logged_faults gauge\n"
			 "vfio_xen_logged_faults{device=\"" EDU
			 "\",kind=\"dma\",access=\"write\",reason=\"PTE "
			 "Write access is not set\"} 2\n");
	assert_says(out, "\nvfio_xen_log_lost_bytes_total 100\n");
	assert_says(out, "\nvfio_xen_log_suppressed_lines 0\n");
}

/* ---- what is missing ---- */

static void remove_file(const char *name)
{
	char path[FAKE_PATH_SIZE];

	snprintf(path, sizeof(path), "%s%s", host.root, name);
	assert_int_equal(unlink(path), 0);
}

static void without_debugfs(void **state)
{
	(void)state;
	remove_file(STATE "/stats");
	run(EXIT_FAILED);
	assert_says(err, "cannot read the state of vfio-xen-iommu: its files "
			 "are not in debugfs; is debugfs mounted");
	assert_null(strstr(out, "vfio_xen_devices"));
	assert_null(strstr(out, "vfio_xen_hypercalls_total"));
	assert_says(out, "vfio_xen_source_up{source=\"vfio-xen-iommu\"} 0\n");
	assert_says(out, "vfio_xen_source_up{source=\"xen-log\"} 1\n");
	/* /proc/interrupts is there. */
	assert_says(out, "vfio_xen_interrupts_total{");
}

static void with_garbage_in_debugfs(void **state)
{
	(void)state;
	fake_file(&host, "hypercalls many\n", STATE "/stats");
	run(EXIT_FAILED);
	assert_says(err, STATE "/stats");
	assert_null(strstr(out, "vfio_xen_hypercalls_total"));
}

static void without_the_log(void **state)
{
	(void)state;
	fake_xen_log = NULL;
	run(EXIT_FAILED);
	assert_says(err, "cannot read Xen's log: ");
	assert_null(strstr(out, "vfio_xen_logged_faults"));
	assert_null(strstr(out, "vfio_xen_log_lost_bytes_total"));
	assert_says(out, "vfio_xen_source_up{source=\"xen-log\"} 0\n");
	assert_says(out, "vfio_xen_hypercalls_total 12\n");
}

/* ---- the file ---- */

static void to_a_file(void **state)
{
	char line[FAKE_PATH_SIZE], path[FAKE_PATH_SIZE], text[16384];
	struct stat info;
	FILE *file;
	size_t len;

	(void)state;
	snprintf(path, sizeof(path), "%s/vfio-xen.prom", host.root);
	fake_file(&host, "old\n", "/vfio-xen.prom");
	assert_in_range(snprintf(line, sizeof(line), "metrics %.200s", path), 1,
			sizeof(line) - 1);
	assert_int_equal(run_ctl(&host, line), EXIT_OK);
	assert_string_equal(out, "");
	file = fopen(path, "r");
	assert_non_null(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	fclose(file);
	assert_null(find_mistake(text));
	assert_says(text, "vfio_xen_hypercalls_total 12\n");
	assert_null(strstr(text, "old"));
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0644);
}

static void wrong_uses(void **state)
{
	(void)state;
	assert_int_equal(run_ctl(&host, "metrics a b"), EXIT_USAGE);
	assert_says(err, "too many files given");
	assert_int_equal(run_ctl(&host, "metrics --json"), EXIT_USAGE);
	assert_int_equal(run_ctl(&host, "metrics /nowhere/x.prom"),
			 EXIT_FAILED);
	assert_says(err, "cannot write /nowhere/x.prom: No such file");
	assert_string_equal(out, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_checker_finds_mistakes),
		TEST(of_devices),
		TEST(of_a_process_with_two_devices),
		TEST(of_vfio_xen_iommu),
		TEST(of_devices_in_trouble),
		TEST(of_vectors),
		TEST(of_guests),
		TEST(bytes_that_are_not_utf8),
		TEST(of_faults),
		TEST(without_debugfs),
		TEST(with_garbage_in_debugfs),
		TEST(without_the_log),
		TEST(to_a_file),
		TEST(wrong_uses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
