// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bind persistent devices before host drivers take them.
 *
 * udev calls for each PCI device, for many in parallel and in no order. A lock
 * serialises the calls, and the first call binds all devices, because a driver
 * that is loaded for one device takes all devices that it supports.
 * /run/vfio-xen/boot is the lock. It also contains the lines already reported:
 * udev announces every device in the initramfs and again after it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

#define RUN_DIR "/run/vfio-xen"
#define IOMMU_MODULE "vfio-xen-iommu"
#define VF_DRIVER "vfio-xen-pci"
#define STARTED "started" /* the line of the first call */
#define FEATURE_DOM0 11 /* XENFEAT_dom0 of xen/public/features.h */

struct boot {
	struct vfio_xen_ctx *ctx;
	FILE *said; /* NULL: report each line every time */
	bool is_first;
	bool vfs_only; /* a host driver has bound to the device */
	uint32_t sbdf;
	void (*say)(void *data, const char *line);
	void *data;
};

/* ---- what is wrong ---- */

static bool was_said(const struct boot *boot, const char *line)
{
	char *old = NULL;
	bool found = false;
	size_t size = 0;

	rewind(boot->said);
	while (!found && getline(&old, &size, boot->said) >= 0) {
		old[strcspn(old, "\n")] = '\0';
		found = !strcmp(old, line);
	}
	free(old);
	return found;
}

static void record_said(const struct boot *boot, const char *line)
{
	fseek(boot->said, 0, SEEK_END);
	fprintf(boot->said, "%s\n", line);
	fflush(boot->said);
}

static void say(const struct boot *boot, const char *fmt, ...)
	check_format(2, 3);

static void say(const struct boot *boot, const char *fmt, ...)
{
	autofree char *line = NULL;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vasprintf(&line, fmt, args);
	va_end(args);
	if (len < 0) {
		line = NULL;
		return;
	}
	if (boot->said && was_said(boot, line))
		return;
	if (boot->said)
		record_said(boot, line);
	boot->say(boot->data, line);
}

static void say_failed(const struct boot *boot, const char *file, int err)
{
	autofree char *why = vfio_xen_explain(boot->ctx, err, false);

	say(boot, "%s: %s", file, why ? why : strerror(-err));
}

static void say_state(const struct boot *boot,
		      const struct vfio_xen_entry *entry)
{
	char address[VFIO_XEN_SBDF_SIZE];
	const char *text = vfio_xen_entry_get_loss(entry);

	/* Do not report a device that has been unplugged since. */
	if (entry->state == VFIO_XEN_ENTRY_ABSENT && !boot->is_first)
		return;
	vfio_xen_sbdf_format(entry->sbdf, address);
	if (text)
		say(boot, "%s:%u: the device of %s %s", entry->file,
		    entry->address_line, address, text);
	else if (entry->dev && entry->dev->sbdf != entry->sbdf)
		say(boot, "%s:%u: the device of %s has moved to %s",
		    entry->file, entry->address_line, address,
		    entry->dev->address);
}

/* ---- the host ---- */

/*
 * Only sysfs can tell: xenfs is not mounted yet, and xenstored is not running.
 */
static bool is_dom0(struct vfio_xen_ctx *ctx)
{
	char text[32];

	return !file_read_line(ctx, text, sizeof(text),
			       "/sys/hypervisor/properties/features") &&
	       strtoull(text, NULL, 16) >> FEATURE_DOM0 & 1;
}

/* The way out of an entry that keeps the host from booting */
static bool kernel_was_told(struct vfio_xen_ctx *ctx, const char *argument)
{
	char line[PAGE_BYTES], *rest;

	if (file_read_line(ctx, line, sizeof(line), "/proc/cmdline"))
		return false;
	for (char *word = strtok_r(line, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest))
		if (!strcmp(word, argument))
			return true;
	return false;
}

/* If the module refuses to load (ENODEV), it logs the reason itself. */
static bool load_iommu(const struct boot *boot)
{
	int err;

	if (file_exists(boot->ctx, "/sys/module/vfio_xen_iommu"))
		return true;
	err = module_load(boot->ctx, IOMMU_MODULE);
	if (err && err != -ENODEV)
		say(boot,
		    "cannot load " IOMMU_MODULE ": %s; there are no IOMMU "
		    "groups, see vfio-xen-ctl check",
		    err == -ENOENT ? "this kernel has no such module" :
				     strerror(-err));
	return !err;
}

/* ---- binding ---- */

/* A copy of what binding needs: an entry does not outlive its scan. */
struct job {
	uint32_t sbdf;
	int group;
	int nr_vfs; /* -1: bind the device itself */
	char *driver;
	char *file;
	bool done;
};

struct jobs {
	struct job *all;
	size_t nr;
};

static void jobs_free(struct jobs *jobs)
{
	for (size_t i = 0; i < jobs->nr; i++) {
		free(jobs->all[i].driver);
		free(jobs->all[i].file);
	}
	free(jobs->all);
}

/* As a call leaves them that was ended before it had bound all */
static bool are_half_bound(const struct vfio_xen_device *dev, unsigned int nr)
{
	bool any_is_free = false;

	for (unsigned int i = 0; i < nr; i++) {
		const struct vfio_xen_device *vf =
			vfio_xen_device_get_vf(dev, i);

		if (!vf || (vf->driver && strcmp(vf->driver, VF_DRIVER)))
			return false;
		any_is_free |= !vf->driver;
	}
	return any_is_free;
}

/* Existing virtual functions of another number or driver stay: one may be in use. */
static bool lacks_vfs(const struct vfio_xen_entry *entry)
{
	unsigned int nr, most;

	if (entry->nr_vfs <= 0 || !entry->dev->driver ||
	    vfio_xen_device_get_nr_vfs(entry->dev, &nr, &most))
		return false;
	return !nr || (nr == (unsigned int)entry->nr_vfs &&
		       are_half_bound(entry->dev, nr));
}

/*
 * A device in use stays with its driver. The attempt to bind it yields the
 * reason.
 */
static bool is_due(const struct boot *boot, const struct vfio_xen_entry *entry)
{
	if (!boot->is_first && entry->dev->sbdf != boot->sbdf)
		return false;
	if (lacks_vfs(entry))
		return true;
	if (boot->vfs_only)
		return false;
	return !entry_is_of_host(entry) && entry->state != VFIO_XEN_ENTRY_BOUND;
}

static int job_fill(struct job *job, const struct vfio_xen_entry *entry)
{
	bool vfs = lacks_vfs(entry);

	*job = (struct job){
		.sbdf = entry->dev->sbdf,
		.group = entry->dev->group_number,
		.nr_vfs = vfs ? entry->nr_vfs : -1,
		.driver = strdup(vfs ? VF_DRIVER : entry->driver),
		.file = strdup(entry->file),
	};
	return job->driver && job->file ? 0 : -ENOMEM;
}

static int jobs_collect(const struct boot *boot,
			const struct vfio_xen_config *config, struct jobs *jobs)
{
	size_t nr = vfio_xen_config_get_nr_entries(config);
	int err = 0;

	*jobs = (struct jobs){ calloc(nr + 1, sizeof(struct job)), 0 };
	if (!jobs->all)
		return -ENOMEM;
	for (size_t i = 0; !err && i < nr; i++) {
		const struct vfio_xen_entry *entry =
			vfio_xen_config_get_entry(config, i);

		if (boot->is_first || boot->sbdf == entry->sbdf ||
		    (entry->dev && boot->sbdf == entry->dev->sbdf))
			say_state(boot, entry);
		if (entry->dev && is_due(boot, entry))
			err = job_fill(&jobs->all[jobs->nr++], entry);
	}
	return err;
}

/*
 * Devices of one group with the same driver are bound together: if a host
 * driver took two of them, it must release both before VFIO can have either.
 */
static size_t take_group(struct jobs *jobs, const struct job *first,
			 uint32_t *sbdfs)
{
	size_t nr = 0;

	for (size_t i = 0; i < jobs->nr; i++) {
		struct job *job = &jobs->all[i];

		if (job->done || job->nr_vfs >= 0 ||
		    strcmp(job->driver, first->driver) ||
		    (job != first && job->group != first->group))
			continue;
		job->done = true;
		sbdfs[nr++] = job->sbdf;
	}
	return nr;
}

static void jobs_run(const struct boot *boot, struct jobs *jobs)
{
	autofree uint32_t *sbdfs = calloc(jobs->nr + 1, sizeof(*sbdfs));

	for (size_t i = 0; sbdfs && i < jobs->nr; i++) {
		struct job *job = &jobs->all[i];
		size_t nr;
		int err;

		if (job->done)
			continue;
		if (job->nr_vfs >= 0) {
			job->done = true;
			err = vfio_xen_set_vfs(boot->ctx, job->sbdf,
					       (unsigned int)job->nr_vfs,
					       job->driver, 0);
		} else {
			nr = take_group(jobs, job, sbdfs);
			err = vfio_xen_bind(boot->ctx, sbdfs, nr, job->driver,
					    VFIO_XEN_NO_RECORD);
		}
		if (err)
			say_failed(boot, job->file, err);
	}
}

static int bind_all(const struct boot *boot)
{
	struct vfio_xen_config *config;
	struct jobs jobs;
	int err = vfio_xen_scan(boot->ctx);

	if (!err)
		err = vfio_xen_config_new(boot->ctx, &config);
	if (err)
		return err;
	for (size_t i = 0; i < vfio_xen_config_get_nr_errors(config); i++)
		say(boot, "%s", vfio_xen_config_get_error(config, i));
	err = jobs_collect(boot, config, &jobs);
	vfio_xen_config_free(config);
	if (!err)
		jobs_run(boot, &jobs);
	jobs_free(&jobs);
	return err;
}

/* Most hosts have no such device; then no device is queried. */
static bool has_files(struct vfio_xen_ctx *ctx)
{
	struct vfio_xen_config *config;
	bool any;

	if (vfio_xen_config_new(ctx, &config))
		return true;
	any = vfio_xen_config_get_nr_entries(config) ||
	      vfio_xen_config_get_nr_errors(config);
	vfio_xen_config_free(config);
	return any;
}

/* ---- a call ---- */

/*
 * Whoever can open the file can lock it, and keep devices from being bound. An earlier
 * version created it for all to read.
 */
static int open_private(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd >= 0 && fchmod(fd, 0600)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Takes the lock, which is released when the file is closed. */
static FILE *open_said(struct vfio_xen_ctx *ctx)
{
	autofree char *dir = file_path(ctx, RUN_DIR);
	autofree char *path = file_path(ctx, RUN_DIR "/boot");
	FILE *file;
	int fd;

	if (!dir || !path || (mkdir(dir, 0755) && errno != EEXIST))
		return NULL;
	fd = open_private(path);
	if (fd < 0)
		return NULL;
	file = fdopen(fd, "a+");
	if (!file || flock(fd, LOCK_EX)) {
		if (file)
			fclose(file);
		else
			close(fd);
		return NULL;
	}
	return file;
}

/* Returns false if there is nothing to do, or if it is impossible. */
static bool begin(struct boot *boot, const char *address)
{
	problem_clear(boot->ctx);
	if (!is_dom0(boot->ctx) || kernel_was_told(boot->ctx, "vfio_xen=off") ||
	    vfio_xen_sbdf_parse(address, &boot->sbdf))
		return false;
	boot->said = open_said(boot->ctx);
	if (!boot->said) {
		boot->say(boot->data, "cannot lock " RUN_DIR "/boot");
		return false;
	}
	boot->is_first = !boot->vfs_only && !was_said(boot, STARTED);
	if (boot->is_first)
		record_said(boot, STARTED);
	return true;
}

static bool wants_devices(const struct boot *boot)
{
	if (!has_files(boot->ctx))
		return false;
	if (!kernel_was_told(boot->ctx, "vfio_xen.devices=off"))
		return true;
	say(boot,
	    "vfio_xen.devices=off: persistent devices stay with the host");
	return false;
}

static void run(struct boot *boot, const char *address)
{
	int err;

	if (!begin(boot, address))
		return;
	if (load_iommu(boot) && wants_devices(boot)) {
		err = bind_all(boot);
		if (err)
			say(boot, "cannot bind persistent devices: %s",
			    strerror(-err));
	}
	fclose(boot->said);
}

void vfio_xen_boot(struct vfio_xen_ctx *ctx, const char *address,
		   void (*say_fn)(void *data, const char *line), void *data)
{
	struct boot boot = { .ctx = ctx, .say = say_fn, .data = data };

	run(&boot, address);
}

/* The device itself is left alone: unbind may just have given it back. */
void vfio_xen_boot_vfs(struct vfio_xen_ctx *ctx, const char *address,
		       void (*say_fn)(void *data, const char *line), void *data)
{
	struct boot boot = {
		.ctx = ctx, .vfs_only = true, .say = say_fn, .data = data
	};

	run(&boot, address);
}

int vfio_xen_bind_persistent(struct vfio_xen_ctx *ctx,
			     void (*say_fn)(void *data, const char *line),
			     void *data)
{
	struct boot boot = {
		.ctx = ctx, .is_first = true, .say = say_fn, .data = data
	};

	problem_clear(ctx);
	return bind_all(&boot);
}
