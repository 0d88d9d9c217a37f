// SPDX-License-Identifier: GPL-2.0
/* See inject.h. */
#include "inject.h"

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "owner.h"
#include "tap.h"
#include "util.h"

#define DEBUGFS "/sys/kernel/debug/vfio-xen-iommu/"

static void debugfs_write(const char *name, int value)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), DEBUGFS "%s", name);
	f = fopen(path, "w");
	if (!f || fprintf(f, "%d\n", value) < 0 || fclose(f))
		die("%s can't be written", path);
}

void inject_nth(int nth)
{
	debugfs_write("fail_nth", nth);
}

void inject_next(int nr)
{
	debugfs_write("fail_next", nr);
}

void inject_errno(int value)
{
	debugfs_write("fail_errno", value);
}

bool inject_fired(void)
{
	FILE *f = fopen(DEBUGFS "fail_nth", "r");
	int left;

	if (!f || fscanf(f, "%d", &left) != 1)
		die("fail_nth can't be read");
	fclose(f);
	return !left;
}

static bool bus_master(const char *name)
{
	char path[PATH_MAX];
	uint16_t command = 0xffff;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, &command, sizeof(command), 4) != sizeof(command))
		die("%s can't be read", path);
	close(fd);
	return command & 4;
}

bool inject_legal(const char *name, bool open)
{
	char owner[16];
	bool fine;

	owner_of(name, owner, sizeof(owner));
	fine = !strcmp(owner, "quarantine") || ((!strcmp(owner, "shell") || !strcmp(owner, "guest")) && open) ||
	       (!strcmp(owner, "dom0") && !bus_master(name));
	if (!fine)
		comment("%s is %s's, bus mastering %s", name, owner,
			bus_master(name) ? "on" : "off");
	return fine;
}

#define NTH_MAX 100
/* It will go on failing. */
#define FAILURES_MAX 3

/* Runs the steps up to @last, whose @nth hypercall fails. True if it was reached. */
static bool fail_one(const struct inject_use *use, const struct inject_step *last, int nth,
		     unsigned int *bad)
{
	bool fired;
	int ret = 0;

	for (const struct inject_step *at = use->steps; !ret && at <= last; at++) {
		if (at == last)
			inject_nth(nth);
		ret = at->run();
		if (at != last && ret) {
			comment("%s fails uninvited: %s", at->name, strerror(-ret));
			++*bad;
		}
	}
	fired = inject_fired();
	inject_nth(0);
	if (!use->legal()) {
		comment("after hypercall %d of \"%s\" failed", nth, last->name);
		++*bad;
	}
	use->close();
	if (!use->legal()) {
		comment("after hypercall %d of \"%s\" failed, and a close", nth, last->name);
		++*bad;
	}
	return fired;
}

static void fail_each(const struct inject_use *use, const struct inject_step *step)
{
	unsigned int bad = 0, failed = 0;
	int nth, ret;

	for (nth = 1; nth <= NTH_MAX && failed <= FAILURES_MAX; nth++) {
		if (!fail_one(use, step, nth, &bad))
			break;
		ret = use->next_use();
		if (ret) {
			comment("the use after hypercall %d of \"%s\" fails: %s", nth, step->name,
				strerror(-ret));
			failed++;
		}
	}
	ok(!bad, "%s: devices are in legal hands after each of %d failures", step->name, nth - 1);
	ok(!failed, "%s: the next use works after each of them", step->name);
	ok(nth > 1 && nth <= NTH_MAX, "%s: there were calls to fail, and in the end none does",
	   step->name);
}

void inject_each(const struct inject_use *use)
{
	ok0(use->next_use(), "a whole use works");
	for (size_t i = 0; i < use->nr_steps; i++)
		if (!use->steps[i].spared)
			fail_each(use, &use->steps[i]);
}
