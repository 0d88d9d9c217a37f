// SPDX-License-Identifier: GPL-2.0
/*
 * BARs of a device for a guest, by VFIO_DEVICE_FEATURE_XEN_BAR: what is refused, what
 * is undone and when. The device is opened by its group, or with RIG_VFIO=cdev by its
 * own character device.
 *
 * usage: guest-bars SBDF OTHER DOMID UUID pv|hvm	SBDF has MSI-X and ports; OTHER is
 *							of another group; the guest is
 *							paused
 */
#include <errno.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "give.h"
#include "open.h"
#include "owner.h"
#include "tap.h"
#include "target.h"
#include "util.h"

#define NOBODY 65534
#define GUEST_RAM MIB(32)
/* Nothing of a small guest is there. */
#define FREE GIB(3)
#define BEYOND (1ull << 52)
#define BAR 0
#define PORTS 2
#define TABLE 3

static struct target guest;
static const char *sbdf, *other;

static void fails(int ret, int want, const char *what)
{
	ok(ret == -want, "%s: %s", what, strerror(-ret));
}

static uint64_t bar_size(struct device *d, unsigned int bar)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = bar };

	if (ioctl(d->fd, VFIO_DEVICE_GET_REGION_INFO, &info))
		die("no BAR %u", bar);
	return info.size;
}

/* Wrong in a way that has nothing to do with what is mapped */
static void ask_wrongly(struct device *d, uint64_t size)
{
	static const struct {
		unsigned int bar;
		uint64_t offset, size, gaddr;
		const char *what;
	} wrong[] = {
		{ 6, 0, PAGE, FREE, "the ROM" },
		{ UINT32_MAX, 0, PAGE, FREE, "a BAR out of range" },
		{ 5, 0, PAGE, FREE, "a BAR that it does not have" },
		{ PORTS, 0, PAGE, FREE, "a BAR in I/O space" },
		{ TABLE, 0, PAGE, FREE, "the MSI-X table" },
		{ BAR, 0, 0, FREE, "nothing" },
		{ BAR, 0, 512, FREE, "a part of a page" },
		{ BAR, 512, PAGE, FREE, "an offset in a page" },
		{ BAR, 0, PAGE, FREE + 512, "an address in a page" },
		{ BAR, 0, ~0ull << 12, FREE, "a size out of range" },
		{ BAR, ~0ull << 12, PAGE, FREE, "an offset out of range" },
		{ BAR, ~0ull << 12, 2 * PAGE, FREE, "a sum that overflows" },
		{ TABLE, ~0ull << 12, 4 * PAGE, FREE, "one that overflows into the table" },
	};
	struct target_bar r = target_bar(BAR, 0, PAGE, FREE);

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		fails(target_map_bar(d, wrong[i].bar, wrong[i].offset, wrong[i].size,
				     wrong[i].gaddr), EINVAL, wrong[i].what);
	fails(target_map_bar(d, BAR, size, PAGE, FREE), EINVAL, "the page after its end");
	fails(target_map_bar(d, BAR, 0, size + PAGE, FREE), EINVAL, "a page beyond its end");
	r.part.map = 2;
	fails(target_bar_issue(d, &r), EINVAL, "neither to map nor to unmap");
	r = target_bar(BAR, 0, PAGE, FREE);
	r.argsz--;
	fails(target_bar_issue(d, &r), EINVAL, "a short request");
	r = target_bar(BAR, 0, PAGE, FREE);
	r.flags |= VFIO_DEVICE_FEATURE_GET;
	fails(target_bar_issue(d, &r), EINVAL, "to get it");
	fails(target_unmap_bar(d, BAR, 0, PAGE, FREE), ENOENT, "to unmap what is not mapped");
	device_memory_decode(d, false);
	fails(target_map_bar(d, BAR, 0, PAGE, FREE), EIO, "memory decoding is off");
	device_memory_decode(d, true);
}

static void is_refused(struct device *d, int error, const char *why)
{
	fails(target_map_bar(d, BAR, 0, PAGE, FREE), error, why);
}

/* A worker of vfio-xen-dm has the descriptor and no privileges. */
static int map_as_nobody(struct device *d)
{
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (!child)
		_exit(setuid(NOBODY) ? EDOM : -target_map_bar(d, BAR, 0, PAGE, FREE));
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		die("no child");
	return -WEXITSTATUS(status);
}

static void map_and_unmap(struct device *d, uint64_t size)
{
	ok0(target_map_bar(d, BAR, 0, size, FREE), "map a BAR");
	fails(target_map_bar(d, BAR, 0, size, FREE), EEXIST, "the same again");
	fails(target_map_bar(d, BAR, 0, PAGE, FREE + size - PAGE), EEXIST,
	      "another part over the last page");
	ok0(target_map_bar(d, BAR, 0, PAGE, FREE + size), "another part after it");
	fails(target_unmap_bar(d, BAR, 0, PAGE, FREE), ENOENT, "unmap a part of the first");
	fails(target_unmap_bar(d, BAR, PAGE, PAGE, FREE + size), ENOENT,
	      "unmap the second as another part");
	fails(target_unmap_bar(d, BAR, 0, size + PAGE, FREE), EINVAL, "unmap both at once");
	ok0(target_unmap_bar(d, BAR, 0, size, FREE), "unmap the first");
	fails(target_unmap_bar(d, BAR, 0, size, FREE), ENOENT, "again");
	ok0(target_unmap_bar(d, BAR, 0, PAGE, FREE + size), "unmap the second");
	fails(target_map_bar(d, BAR, 0, PAGE, BEYOND), ERANGE, "beyond any guest");

	ok0(target_map_bar(d, BAR, 0, PAGE, GUEST_RAM), "in the place of RAM: the guest loses it");
	ok0(target_unmap_bar(d, BAR, 0, PAGE, GUEST_RAM), "and unmap it");
	ok0(map_as_nobody(d), "a process that was given the descriptor needs no privileges");
	ok0(target_unmap_bar(d, BAR, 0, PAGE, FREE), "this one can unmap it");
}

/* type1 maps the mmap of a BAR: neither interferes with the other. */
static void beside_type1(struct given *g, uint64_t size)
{
	void *va = device_map_bar(&g->o.device, BAR, &size);
	uint64_t unmapped;

	if (!ok(va, "the BAR can be mapped here"))
		return;
	ok0(container_map(&g->o.container, va, FREE, size, RW), "type1 maps it");
	fails(target_map_bar(&g->o.device, BAR, 0, size, FREE), EEXIST, "the same by the device");
	fails(target_unmap_bar(&g->o.device, BAR, 0, size, FREE), ENOENT, "unmap type1's");
	ok0(container_unmap(&g->o.container, FREE, size, 0, &unmapped), "type1 unmaps it");
	ok0(target_map_bar(&g->o.device, BAR, 0, size, FREE), "then the device can");
	fails(container_map(&g->o.container, va, FREE, size, RW), EEXIST, "and type1 cannot");
	ok0(target_unmap_bar(&g->o.device, BAR, 0, size, FREE), "unmap it");
	munmap(va, size);
}

/* Xen ends a guest that would get another device's BAR where one is still mapped. */
static void nothing_is_left(const char *after)
{
	struct given g;
	int ret = give(&g, &guest, other);

	if (!ret)
		ret = target_map_bar(&g.o.device, BAR, 0, PAGE, FREE);
	ok(!ret, "after %s another device's BAR takes the place: %s", after, strerror(-ret));
	if (!ret)
		target_unmap_bar(&g.o.device, BAR, 0, PAGE, FREE);
	given_close(&g);
}

static void undo(struct given *g, uint64_t size)
{
	ok0(target_map_bar(&g->o.device, BAR, 0, size, FREE), "map it");
	if (g->by_cdev) {
		ok0(given_leave(g), "the device leaves the guest while it is open");
		ok(owner_is(sbdf, "quarantine"), "it is nobody's");
		is_refused(&g->o.device, ENODEV, "no guest has it");
		nothing_is_left("that");
		ok0(given_return(g), "it is the guest's again");
		ok0(target_map_bar(&g->o.device, BAR, 0, size, FREE),
		    "nothing is on record either: map it");
	}
	given_close(g);
	nothing_is_left("a close");
}

static void without_a_guest(void)
{
	struct opened o;

	opened_must_open(&o, sbdf);
	is_refused(&o.device, ENODEV, "a device that no guest has");
	opened_close(&o);
}

int main(int argc, char **argv)
{
	struct given g;
	uint64_t size;

	if (argc != 6)
		die("usage: guest-bars SBDF OTHER DOMID UUID pv|hvm");
	sbdf = argv[1];
	other = argv[2];
	guest = target_parse(argv[3], argv[4], argv[5]);
	without_a_guest();
	if (!ok0(give(&g, &guest, sbdf), "give it to the guest"))
		return tap_status();
	size = bar_size(&g.o.device, BAR);
	if (!guest.hvm) {
		is_refused(&g.o.device, EOPNOTSUPP, "a PV guest");
		given_close(&g);
		return tap_status();
	}
	ask_wrongly(&g.o.device, size);
	map_and_unmap(&g.o.device, size);
	if (!g.by_cdev)
		beside_type1(&g, size);
	undo(&g, size);
	return tap_status();
}
