// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-xen-udev SBDF: what udev runs for each PCI device of a Xen dom0, before it loads
 * a driver for any.
 *
 * The first run of a boot loads vfio-xen-iommu, so that every device gets its IOMMU
 * group before its driver, and binds all persistent devices: a driver that is loaded
 * for one device takes all that it knows. Later runs look at their device only. Runs
 * exclude each other, so none ends before the first has done that.
 *
 * Boot goes on whatever happens: the exit status is 0, what fails is one line in the
 * kernel's log, which is there before any other, and an alarm ends what hangs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

#define RUN_DIR "/run/vfio-xen"
#define LIMIT_SECONDS 30
#define FEATURE_DOM0 11 /* XENFEAT_dom0 of xen/public/features.h */

static void log_line(void *data, const char *line)
{
	char text[512];
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	int len;

	(void)data;
	if (fd < 0)
		return;
	len = snprintf(text, sizeof(text), "<4>vfio-xen: %s\n", line);
	if (len >= (int)sizeof(text))
		len = sizeof(text) - 1;
	if (write(fd, text, (size_t)len) < 0)
		fprintf(stderr, "%s", text);
	close(fd);
}

/* Hexadecimal, in one number */
static bool is_dom0(struct vfio_xen_ctx *ctx)
{
	char line[32];

	return !file_read_line(ctx, line, sizeof(line),
			       "/sys/hypervisor/properties/features") &&
	       strtoull(line, NULL, 16) >> FEATURE_DOM0 & 1;
}

/* For a host that a wrong entry keeps from booting */
static bool kernel_was_told(struct vfio_xen_ctx *ctx, const char *argument)
{
	char line[4096], *rest = NULL;

	if (file_read_line(ctx, line, sizeof(line), "/proc/cmdline"))
		return false;
	for (char *word = strtok_r(line, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest))
		if (!strcmp(word, argument))
			return true;
	return false;
}

/* Until the process ends */
static int lock(void)
{
	int fd;

	if (mkdir(RUN_DIR, 0755) && errno != EEXIST)
		return -errno;
	fd = open(RUN_DIR "/udev.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	return flock(fd, LOCK_EX) ? -errno : 0;
}

/* Whether this is the first run that gets here; later ones find the mark. */
static bool is_first(const char *mark)
{
	int fd = open(mark, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno != EEXIST;
	close(fd);
	return true;
}

/* Where the module itself refuses (ENODEV), it says why. */
static void load(struct vfio_xen_ctx *ctx)
{
	int err = module_load(ctx, "vfio-xen-iommu");
	char line[160];

	if (!err || err == -ENODEV || !is_first(RUN_DIR "/not-loaded"))
		return;
	snprintf(
		line, sizeof(line),
		"cannot load vfio-xen-iommu: %s; there are no IOMMU groups, see "
		"vfio-xen-ctl check",
		err == -ENOENT ? "this kernel has no such module" :
				 strerror(-err));
	log_line(NULL, line);
}

static void bind_devices(struct vfio_xen_ctx *ctx, const char *address)
{
	uint32_t sbdf;
	int err;

	if (kernel_was_told(ctx, "vfio_xen.devices=off"))
		return;
	if (is_first(RUN_DIR "/bound"))
		err = vfio_xen_bind_persistent(ctx, NULL, log_line, NULL);
	else if (vfio_xen_sbdf_parse(address, &sbdf))
		return;
	else
		err = vfio_xen_bind_persistent(ctx, &sbdf, log_line, NULL);
	if (err)
		log_line(NULL, "cannot bind persistent devices");
}

static void run(struct vfio_xen_ctx *ctx, const char *address)
{
	if (!is_dom0(ctx) || kernel_was_told(ctx, "vfio_xen=off"))
		return;
	if (lock()) {
		log_line(NULL, "cannot lock " RUN_DIR "/udev.lock");
		return;
	}
	if (!file_exists(ctx, "/sys/module/vfio_xen_iommu"))
		load(ctx);
	if (file_exists(ctx, "/sys/module/vfio_xen_iommu"))
		bind_devices(ctx, address);
}

int main(int argc, char **argv)
{
	struct vfio_xen_ctx *ctx;

	if (argc != 2) {
		fprintf(stderr, "usage: vfio-xen-udev SBDF\n");
		return 2;
	}
	alarm(LIMIT_SECONDS);
	if (vfio_xen_new(&ctx))
		return 0;
	run(ctx, argv[1]);
	vfio_xen_free(ctx);
	return 0;
}
