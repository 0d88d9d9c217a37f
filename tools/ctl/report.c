// SPDX-License-Identifier: GPL-2.0-only
/*
 * report: write one file for a bug report, with the output of other commands, and logs.
 *
 * Each line goes through redact_line(). Lines of the logs that can contain anything are
 * left out: command lines, and the output of guests.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"

#define NAME_TEXT_SIZE 64

/* Writing continues after an error, which ferror() reports at the end. */
struct report {
	struct ctl *ctl;
	FILE *file;
};

static void begin_part(struct report *report, const char *title)
{
	fprintf(report->file, "\n==== %s ====\n", title);
}

static void write_line(struct report *report, const char *line)
{
	char *text = redact_line(line);

	fprintf(report->file, "%s\n", text ? text : "(out of memory)");
	free(text);
}

/* Writes the wanted lines, or all without @is_wanted. Modifies the text. */
static void write_lines(struct report *report, char *text,
			bool (*is_wanted)(const char *line))
{
	char *save;

	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		if (!is_wanted || is_wanted(line))
			write_line(report, line);
}

/* ---- what the other commands know ---- */

/* Runs a command as with --json. Includes its warnings. */
static void write_command(struct report *report, const char *name)
{
	const struct command *command = command_find(name);
	struct ctl ctl = { .lib = report->ctl->lib, .command = command };
	char *text = NULL;
	size_t size;

	begin_part(report, name);
	ctl.out = open_memstream(&text, &size);
	ctl.err = ctl.out;
	ctl.args.options = OPT_JSON;
	if (!ctl.out) {
		write_line(report, "(out of memory)");
		return;
	}
	command->run(&ctl);
	fclose(ctl.out);
	write_lines(report, text, NULL);
	free(text);
}

/* ---- versions ---- */

static void write_distribution(struct report *report)
{
	FILE *file = fopen("/etc/os-release", "re");
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return;
	while (getline(&line, &size, file) >= 0)
		if (!strncmp(line, "PRETTY_NAME=", strlen("PRETTY_NAME=")))
			fprintf(report->file, "%s", line);
	free(line);
	fclose(file);
}

/* Leaves out the name of the host, which uname(2) also returns. */
static void write_versions(struct report *report)
{
	struct vfio_xen_host *host;
	struct utsname name;

	begin_part(report, "versions");
	fprintf(report->file, PROGRAM " %s\n", VERSION);
	write_distribution(report);
	if (!uname(&name))
		fprintf(report->file, "%s %s %s\n", name.sysname, name.release,
			name.version);
	if (vfio_xen_host_new(report->ctl->lib, &host))
		return;
	if (vfio_xen_host_get_version(host))
		fprintf(report->file, "Xen %s\n",
			vfio_xen_host_get_version(host));
	vfio_xen_host_free(host);
}

/* ---- logs ---- */

/* A command line can contain anything, even passwords. */
static bool is_command_line(const char *line)
{
	return strcasestr(line, "command line");
}

/* The output of guests and of dom0 begins differently. */
static bool is_of_xen(const char *line)
{
	return !strncmp(line, "(XEN)", strlen("(XEN)")) &&
	       !is_command_line(line);
}

static bool is_of_kernel(const char *line)
{
	static const char *const words[] = {
		"vfio",	  "iommu",	"xen",	    "DMAR",
		"AMD-Vi", "pci ",	"pcieport", "MSI",
		"remap",  "irq",	"BUG:",	    "WARNING:",
		"Oops",	  "Call Trace", "RIP:",	    "Linux version",
	};

	if (is_command_line(line))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcasestr(line, words[i]))
			return true;
	return false;
}

static void write_log(struct report *report, const char *title,
		      int (*read_log)(struct vfio_xen_ctx *ctx, char **text),
		      bool (*is_wanted)(const char *line))
{
	char *text;
	int err;

	begin_part(report, title);
	err = read_log(report->ctl->lib, &text);
	if (err) {
		fprintf(report->file, "(cannot be read: %s)\n", strerror(-err));
		return;
	}
	write_lines(report, text, is_wanted);
	free(text);
}

/* ---- the file ---- */

static void write_all(struct report *report)
{
	static const char *const names[] = { "check", "groups", "list",
					     "status", "faults" };

	fprintf(report->file,
		"Report of " PROGRAM ". Look through it before you send it: "
		"it has the names and\nUUIDs of guests, and the models of "
		"devices.\n");
	write_versions(report);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		write_command(report, names[i]);
	write_log(report, "Xen's log", vfio_xen_read_xen_log, is_of_xen);
	write_log(report, "kernel log", vfio_xen_read_kernel_log, is_of_kernel);
}

static void default_name(char name[NAME_TEXT_SIZE])
{
	time_t now = time(NULL);
	struct tm tm = { 0 };

	gmtime_r(&now, &tm);
	strftime(name, NAME_TEXT_SIZE, "vfio-xen-report-%Y%m%dT%H%M%SZ.txt",
		 &tm);
}

static int fail(struct ctl *ctl, const char *name, int err)
{
	if (err == EEXIST)
		return ctl_fail(ctl, EXIT_FAILED,
				"cannot create %s: it exists; give another "
				"name",
				name);
	return ctl_fail(ctl, EXIT_FAILED, "cannot create %s: %s", name,
			strerror(err));
}

/* Removes an incomplete file. */
static int write_report(struct ctl *ctl, const char *name, int fd)
{
	struct report report = { ctl, fdopen(fd, "w") };
	bool failed;

	if (!report.file) {
		close(fd);
		unlink(name);
		return fail(ctl, name, ENOMEM);
	}
	write_all(&report);
	failed = ferror(report.file);
	if (fclose(report.file) || failed) {
		int err = errno;

		unlink(name);
		return fail(ctl, name, err ? err : EIO);
	}
	fprintf(ctl->out, "%s\n", name);
	return EXIT_OK;
}

int run_report(struct ctl *ctl)
{
	char own[NAME_TEXT_SIZE];
	const char *name = own;
	int fd;

	if (ctl->args.nr_operands > 1)
		return ctl_fail(ctl, EXIT_USAGE,
				"too many files given; see " PROGRAM
				" help report");
	if (ctl->args.nr_operands)
		name = ctl->args.operands[0];
	else
		default_name(own);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(ctl, name, errno);
	return write_report(ctl, name, fd);
}
