// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bind devices to a VFIO driver, and give them back.
 *
 * Both ways each device goes through the same states, and unbind starts from
 * any of them, so a process that dies half way leaves nothing that a later
 * unbind cannot repair:
 *
 *	former driver | recorded | driver_override set | no driver | VFIO driver
 *
 * Everything happens under the lock of /run/vfio-xen.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* One device of a bind: its former driver, and how far the bind got. */
struct job {
	struct vfio_xen_device *dev;
	struct bind_record before;
	struct bind_record old;
	bool had_record; /* if so, old is that record */
	bool recorded;
	bool overridden;
};

/* Whether a bind gave the device its current driver. */
static bool driver_is_ours(const struct vfio_xen_device *dev,
			   const struct bind_record *record)
{
	return device_has_vfio_driver(dev) ||
	       (dev->driver && !strcmp(dev->driver, record->bound));
}

/*
 * The record of an earlier bind still names the former driver, unless somebody
 * has bound the device to another driver by hand since.
 */
static bool record_is_valid(const struct vfio_xen_device *dev,
			    const struct bind_record *record)
{
	return !dev->driver || driver_is_ours(dev, record) ||
	       !strcmp(dev->driver, record->driver);
}

/*
 * Record the current driver, unless an earlier bind left a record: unbind must
 * restore the driver from before that bind.
 */
static int job_record(struct job *job, const char *driver)
{
	struct vfio_xen_device *dev = job->dev;
	struct bind_record record;
	int err;

	err = driver_get_override(dev, job->before.driver_override);
	if (err)
		return problem_set(dev->ctx, VFIO_XEN_PROBLEM_IO, err,
				   dev->sbdf, "driver_override");
	if (dev->driver)
		snprintf(job->before.driver, NAME_SIZE, "%s", dev->driver);
	job->had_record = !bind_record_read(dev, &job->old);
	record = job->had_record && record_is_valid(dev, &job->old) ?
			 job->old :
			 job->before;
	snprintf(record.bound, NAME_SIZE, "%s", driver);
	err = bind_record_write(dev, &record);
	job->recorded = !err;
	return err;
}

static int job_run(struct job *job, const char *driver, unsigned int flags)
{
	struct vfio_xen_device *dev = job->dev;
	int err;

	if (dev->driver && !strcmp(dev->driver, driver)) {
		ctx_note(dev->ctx, "%s is already bound to %s", dev->address,
			 driver);
		return 0;
	}
	err = flags & VFIO_XEN_NO_RECORD && !dev->driver ?
		      0 :
		      job_record(job, driver);
	if (err)
		return err;
	err = driver_set_override(dev, driver);
	if (err)
		return err;
	job->overridden = true;
	err = driver_detach(dev);
	return err ? err : driver_attach(dev, driver);
}

/*
 * Undo as much as possible. The record stays if the device is not back to its
 * former state.
 */
static void job_undo(struct job *job)
{
	struct vfio_xen_device *dev = job->dev;
	const char *former = job->before.driver;
	int err = 0;

	if (job->overridden) {
		ctx_note(dev->ctx, "undoing %s", dev->address);
		err = driver_set_override(dev, job->before.driver_override);
		if (dev->driver && strcmp(dev->driver, former))
			err = driver_detach(dev);
		if (!dev->driver && *former)
			err = driver_attach(dev, former);
	}
	if (!job->recorded || err)
		return;
	if (job->had_record)
		bind_record_write(dev, &job->old);
	else
		bind_record_remove(dev);
}

static int run_jobs(const struct device_set *set, const char *driver,
		    unsigned int flags)
{
	autofree struct job *jobs = calloc(set->nr + 1, sizeof(struct job));
	size_t nr = 0;
	int err = 0;

	if (!jobs)
		return -ENOMEM;
	while (!err && nr < set->nr) {
		jobs[nr].dev = set->devs[nr];
		err = job_run(&jobs[nr++], driver, flags);
	}
	while (err && nr)
		job_undo(&jobs[--nr]);
	return err;
}

static int bind_locked(struct vfio_xen_ctx *ctx, const uint32_t *sbdfs,
		       size_t nr_sbdfs, const char *driver, unsigned int flags)
{
	struct device_set set = { 0 };
	int err;

	err = set_build(ctx, &set, sbdfs, nr_sbdfs, flags);
	if (err)
		return err;
	err = set_check_bind(&set, driver, flags);
	if (!err)
		err = driver_require(ctx, driver);
	if (!err)
		err = run_jobs(&set, driver, flags);
	free(set.devs);
	return err;
}

/*
 * A device that was bound before its host driver was loaded needs that driver
 * loaded now.
 */
static int find_driver(struct vfio_xen_device *dev)
{
	char alias[NAME_SIZE];

	if (!file_read_line(dev->ctx, alias, sizeof(alias),
			    "/sys/bus/pci/devices/%s/modalias", dev->address))
		module_load(dev->ctx, alias);
	return driver_probe(dev);
}

/*
 * A device whose record says that it had no driver stays without one. For a
 * device without a record the kernel finds the driver.
 */
static int give_back(struct vfio_xen_device *dev, bool recorded,
		     const struct bind_record *record)
{
	int err;

	if (dev->driver)
		return 0;
	if (!recorded)
		return find_driver(dev);
	if (!*record->driver)
		return 0;
	err = driver_require(dev->ctx, record->driver);
	return err ? err : driver_attach(dev, record->driver);
}

static int unbind_one(struct vfio_xen_device *dev, unsigned int flags)
{
	char override[NAME_SIZE] = "";
	struct bind_record record;
	bool recorded = !bind_record_read(dev, &record);
	int err;

	driver_get_override(dev, override);
	if (!recorded && !driver_is_ours(dev, &record) &&
	    !driver_is_vfio(override)) {
		ctx_note(dev->ctx, "%s is not bound to VFIO", dev->address);
		return 0;
	}
	if (strcmp(override, record.driver_override)) {
		err = driver_set_override(dev, record.driver_override);
		if (err)
			return err;
	}
	if (driver_is_ours(dev, &record)) {
		err = driver_detach(dev);
		if (err)
			return err;
	}
	err = flags & VFIO_XEN_NO_DRIVER ? 0 :
					   give_back(dev, recorded, &record);
	if (!err)
		bind_record_remove(dev);
	return err;
}

static int unbind_each(const struct device_set *set, unsigned int flags)
{
	int first = 0;

	for (size_t i = 0; i < set->nr; i++) {
		int err = unbind_one(set->devs[i], flags);

		first = first ? first : err;
	}
	return first;
}

static int unbind_locked(struct vfio_xen_ctx *ctx, const uint32_t *sbdfs,
			 size_t nr_sbdfs, unsigned int flags)
{
	struct device_set set = { 0 };
	int err;

	err = set_build(ctx, &set, sbdfs, nr_sbdfs, flags);
	if (err)
		return err;
	err = set_check_unbind(&set, flags);
	if (!err)
		err = unbind_each(&set, flags);
	free(set.devs);
	return err;
}

/* Scan under the lock, so that nothing changes between the scan and its use. */
static int begin(struct vfio_xen_ctx *ctx, unsigned int flags)
{
	int fd, err;

	problem_clear(ctx);
	fd = bind_record_lock(ctx);
	if (fd < 0)
		return fd;
	err = vfio_xen_scan(ctx);
	if (err) {
		close(fd);
		return err;
	}
	ctx->dry_run = flags & VFIO_XEN_DRY_RUN;
	return fd;
}

static int end(struct vfio_xen_ctx *ctx, int fd, int err)
{
	ctx->dry_run = false;
	close(fd);
	if (!err)
		problem_clear(ctx);
	return err;
}

int vfio_xen_bind(struct vfio_xen_ctx *ctx, const uint32_t *sbdfs,
		  size_t nr_sbdfs, const char *driver, unsigned int flags)
{
	int fd = begin(ctx, flags);

	if (fd < 0)
		return fd;
	return end(ctx, fd, bind_locked(ctx, sbdfs, nr_sbdfs, driver, flags));
}

int vfio_xen_unbind(struct vfio_xen_ctx *ctx, const uint32_t *sbdfs,
		    size_t nr_sbdfs, unsigned int flags)
{
	int fd = begin(ctx, flags);

	if (fd < 0)
		return fd;
	return end(ctx, fd, unbind_locked(ctx, sbdfs, nr_sbdfs, flags));
}
