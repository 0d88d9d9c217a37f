// SPDX-License-Identifier: GPL-2.0-only
/*
 * Persistent devices: remembering, forgetting and naming them, and binding them at
 * boot or when they are plugged in.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* ---- names ---- */

static const struct vfio_xen_entry *
find_by_name(const struct vfio_xen_config *config, const char *name, size_t len)
{
	for (size_t i = 0; i < vfio_xen_config_get_nr_entries(config); i++) {
		const struct vfio_xen_entry *entry =
			vfio_xen_config_get_entry(config, i);

		if (entry->name && strlen(entry->name) == len &&
		    !strncmp(entry->name, name, len))
			return entry;
	}
	return NULL;
}

/* "nic0v3": the number, or -1, and how long the rest of the name is */
static int split_vf_name(const char *name, size_t *len)
{
	const char *v = strrchr(name, 'v');
	uint64_t index;

	if (!v || v == name || parse_u64(v + 1, &index) || index > INT_MAX)
		return -1;
	*len = (size_t)(v - name);
	return (int)index;
}

static const struct vfio_xen_device *
find_vf(const struct vfio_xen_config *config, const char *name)
{
	const struct vfio_xen_entry *entry;
	size_t len;
	int index = split_vf_name(name, &len);

	if (index < 0)
		return NULL;
	entry = find_by_name(config, name, len);
	if (!entry || !entry->dev)
		return NULL;
	return vfio_xen_device_get_vf(entry->dev, (unsigned int)index);
}

static int resolve_name(struct vfio_xen_ctx *ctx, const char *name,
			uint32_t *sbdf)
{
	const struct vfio_xen_entry *entry;
	const struct vfio_xen_device *dev;
	struct vfio_xen_config *config;
	int err = vfio_xen_config_new(ctx, &config);

	if (err)
		return err;
	entry = find_by_name(config, name, strlen(name));
	dev = entry ? entry->dev : find_vf(config, name);
	if (dev)
		*sbdf = dev->sbdf;
	else if (entry)
		err = problem_set(ctx, VFIO_XEN_PROBLEM_NAME_ABSENT, -ENODEV,
				  entry->sbdf, name);
	else
		err = problem_set(ctx, VFIO_XEN_PROBLEM_NAME, -EINVAL, 0, name);
	vfio_xen_config_free(config);
	return err;
}

int vfio_xen_resolve(struct vfio_xen_ctx *ctx, const char *text, uint32_t *sbdf)
{
	problem_clear(ctx);
	if (!vfio_xen_sbdf_parse(text, sbdf))
		return 0;
	return resolve_name(ctx, text, sbdf);
}

/* ---- remembering ---- */

static const struct vfio_xen_entry *
find_by_file(const struct vfio_xen_config *config, const char *file)
{
	for (size_t i = 0; i < vfio_xen_config_get_nr_entries(config); i++) {
		const struct vfio_xen_entry *entry =
			vfio_xen_config_get_entry(config, i);

		if (!strcmp(entry->file, file))
			return entry;
	}
	return NULL;
}

/* An entry that is in the way of one for @dev with @name: another device's. */
static const struct vfio_xen_entry *
find_conflict(const struct vfio_xen_config *config,
	      const struct vfio_xen_device *dev, const char *name)
{
	for (size_t i = 0; i < vfio_xen_config_get_nr_entries(config); i++) {
		const struct vfio_xen_entry *entry =
			vfio_xen_config_get_entry(config, i);

		if (entry->dev == dev)
			continue;
		if (entry->sbdf == dev->sbdf ||
		    (name && entry->name && !strcmp(entry->name, name)))
			return entry;
	}
	return NULL;
}

static bool is_unique(struct vfio_xen_ctx *ctx,
		      const struct vfio_xen_device *dev)
{
	struct vfio_xen_device *other;
	size_t nr = 0;

	vfio_xen_device_foreach(ctx, other)
		nr += other->vendor_id == dev->vendor_id &&
		      other->device_id == dev->device_id;
	return nr == 1;
}

static int remove_file(struct vfio_xen_ctx *ctx, const char *file)
{
	autofree char *path = file_path(ctx, "%s", file);

	if (!path)
		return -ENOMEM;
	ctx_step(ctx, "remove %s", path);
	if (ctx->dry_run || !unlink(path) || errno == ENOENT)
		return 0;
	return problem_set(ctx, VFIO_XEN_PROBLEM_IO, -errno, 0, path);
}

static int entry_fill(struct vfio_xen_entry *entry, const char *name,
		      const char *driver, const struct vfio_xen_device *dev)
{
	*entry = (struct vfio_xen_entry){
		.sbdf = dev->sbdf,
		.unique = is_unique(dev->ctx, dev),
		.nr_vfs = -1,
	};
	identity_read(dev, &entry->identity);
	if (name)
		entry->name = strdup(name);
	entry->driver = strdup(driver);
	if (asprintf(&entry->file, DEVICES_DIR "/%s.conf",
		     name ? name : dev->address) < 0)
		entry->file = NULL;
	if (entry->driver && entry->file && (entry->name || !name))
		return 0;
	entry_release(entry);
	return -ENOMEM;
}

static int remember_one(struct vfio_xen_ctx *ctx,
			const struct vfio_xen_config *config,
			const struct vfio_xen_device *dev, const char *name,
			const char *driver)
{
	const struct vfio_xen_entry *old = vfio_xen_config_find(config, dev);
	const struct vfio_xen_entry *other;
	struct vfio_xen_entry entry;
	int err;

	if (!name && old)
		name = old->name;
	err = entry_fill(&entry, name, driver, dev);
	if (err)
		return err;
	if (old)
		entry.nr_vfs = old->nr_vfs;
	other = find_conflict(config, dev, name);
	if (!other) {
		other = find_by_file(config, entry.file);
		other = other == old ? NULL : other;
	}
	if (other)
		err = problem_set(ctx, VFIO_XEN_PROBLEM_ENTRY_EXISTS, -EEXIST,
				  dev->sbdf, other->file);
	if (!err)
		err = entry_write(ctx, &entry);
	if (!err && old && strcmp(old->file, entry.file))
		err = remove_file(ctx, old->file);
	entry_release(&entry);
	return err;
}

/* As it was before: its former entry, or none. */
static void undo_one(struct vfio_xen_ctx *ctx,
		     const struct vfio_xen_config *config,
		     const struct vfio_xen_device *dev)
{
	const struct vfio_xen_entry *old = vfio_xen_config_find(config, dev);
	autofree char *file = NULL;

	if (old) {
		entry_write(ctx, old);
		return;
	}
	if (asprintf(&file, DEVICES_DIR "/%s.conf", dev->address) < 0) {
		file = NULL;
		return;
	}
	remove_file(ctx, file);
}

static int remember_each(struct vfio_xen_ctx *ctx,
			 const struct vfio_xen_config *config,
			 const struct device_set *set, const char *name,
			 const char *driver)
{
	size_t done = 0;
	int err = 0;

	while (!err && done < set->nr) {
		err = remember_one(ctx, config, set->devs[done], name, driver);
		if (!err)
			done++;
	}
	while (err && done)
		undo_one(ctx, config, set->devs[--done]);
	return err;
}

static int forget_each(struct vfio_xen_ctx *ctx,
		       const struct vfio_xen_config *config,
		       const struct device_set *set)
{
	int nr = 0;

	for (size_t i = 0; i < set->nr; i++) {
		const struct vfio_xen_entry *entry =
			vfio_xen_config_find(config, set->devs[i]);
		int err = entry ? remove_file(ctx, entry->file) : 0;

		if (err)
			return err;
		nr += entry != NULL;
	}
	return nr;
}

/* What both work on, under the lock that keeps two processes from changing it. */
struct change {
	struct vfio_xen_config *config;
	struct device_set set;
	int lock;
};

static int change_begin(struct vfio_xen_ctx *ctx, struct change *change,
			const uint32_t *sbdfs, size_t nr_sbdfs,
			unsigned int flags)
{
	int err;

	problem_clear(ctx);
	*change = (struct change){ .lock = record_lock(ctx) };
	if (change->lock < 0)
		return change->lock;
	err = set_build(ctx, &change->set, sbdfs, nr_sbdfs, flags);
	if (!err)
		err = vfio_xen_config_new(ctx, &change->config);
	if (err) {
		free(change->set.devs);
		close(change->lock);
		return err;
	}
	ctx->dry_run = flags & VFIO_XEN_DRY_RUN;
	return 0;
}

static void change_end(struct vfio_xen_ctx *ctx, struct change *change)
{
	ctx->dry_run = false;
	vfio_xen_config_free(change->config);
	free(change->set.devs);
	close(change->lock);
}

int vfio_xen_remember(struct vfio_xen_ctx *ctx, const uint32_t *sbdfs,
		      size_t nr_sbdfs, const char *name, const char *driver,
		      unsigned int flags)
{
	struct change change;
	int err = change_begin(ctx, &change, sbdfs, nr_sbdfs, flags);

	if (err)
		return err;
	err = remember_each(ctx, change.config, &change.set, name, driver);
	change_end(ctx, &change);
	return err;
}

/* An entry that is for nothing else goes with them. */
static int remember_vfs(struct vfio_xen_ctx *ctx,
			const struct vfio_xen_config *config,
			const struct vfio_xen_device *dev, unsigned int nr)
{
	const struct vfio_xen_entry *old = vfio_xen_config_find(config, dev);
	struct vfio_xen_entry entry;
	int err;

	if (!nr && !old)
		return 0;
	if (!nr && entry_is_of_host(old) && !old->name)
		return remove_file(ctx, old->file);
	if (!old) {
		err = remember_one(ctx, config, dev, NULL,
				   VFIO_XEN_DRIVER_HOST);
		if (!err)
			err = entry_fill(&entry, NULL, VFIO_XEN_DRIVER_HOST,
					 dev);
		if (err)
			return err;
	} else {
		entry = *old;
	}
	entry.nr_vfs = nr ? (int)nr : -1;
	err = entry_write(ctx, &entry);
	if (!old)
		entry_release(&entry);
	return err;
}

int vfio_xen_remember_vfs(struct vfio_xen_ctx *ctx, uint32_t sbdf,
			  unsigned int nr, unsigned int flags)
{
	struct change change;
	int err = change_begin(ctx, &change, &sbdf, 1, flags);

	if (err)
		return err;
	err = remember_vfs(ctx, change.config, change.set.devs[0], nr);
	change_end(ctx, &change);
	return err;
}

int vfio_xen_forget(struct vfio_xen_ctx *ctx, const uint32_t *sbdfs,
		    size_t nr_sbdfs, unsigned int flags)
{
	struct change change;
	int ret = change_begin(ctx, &change, sbdfs, nr_sbdfs, flags);

	if (ret)
		return ret;
	ret = forget_each(ctx, change.config, &change.set);
	change_end(ctx, &change);
	return ret;
}

/* ---- binding ---- */

/* Who is told of what is wrong. */
struct listener {
	void (*report)(void *data, const char *line);
	void *data;
};

/* Takes the line, which is NULL without memory. */
static void report(const struct listener *listener, char *line)
{
	if (line)
		listener->report(listener->data, line);
	free(line);
}

static const char *const lost_texts[] = {
	[VFIO_XEN_ENTRY_ABSENT] = "is not there",
	[VFIO_XEN_ENTRY_CHANGED] =
		"is not there; another device is at its address, and is left "
		"to the host",
	[VFIO_XEN_ENTRY_AMBIGUOUS] =
		"is not at its address, and several devices could be it: none "
		"is taken",
};

static void report_lost(const struct vfio_xen_entry *entry,
			const struct listener *listener)
{
	char address[VFIO_XEN_SBDF_SIZE];
	char *line;

	vfio_xen_sbdf_format(entry->sbdf, address);
	if (asprintf(&line, "%s: the device of %s %s", entry->file, address,
		     lost_texts[entry->state]) < 0)
		line = NULL;
	report(listener, line);
}

/* What binding needs of an entry, which does not outlive its scan. */
struct job {
	uint32_t sbdf;
	unsigned int flags;
	int nr_vfs; /* -1: it is the device that is to be bound */
	char *driver;
	char *file;
};

static void jobs_free(struct job *jobs, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		free(jobs[i].driver);
		free(jobs[i].file);
	}
	free(jobs);
}

static int job_run(struct vfio_xen_ctx *ctx, const struct job *job)
{
	if (job->nr_vfs < 0)
		return vfio_xen_bind(ctx, &job->sbdf, 1, job->driver,
				     job->flags);
	return vfio_xen_set_vfs(ctx, job->sbdf, (unsigned int)job->nr_vfs,
				job->driver, 0);
}

static void jobs_run(struct vfio_xen_ctx *ctx, const struct job *jobs,
		     size_t nr, const struct listener *listener)
{
	for (size_t i = 0; i < nr; i++) {
		autofree char *why = NULL;
		char *line;
		int err;

		err = job_run(ctx, &jobs[i]);
		if (!err)
			continue;
		why = vfio_xen_explain(ctx, err, false);
		if (asprintf(&line, "%s: %s", jobs[i].file,
			     why ? why : strerror(-err)) < 0)
			line = NULL;
		report(listener, line);
	}
}

#define VF_DRIVER "vfio-xen-pci"

/* Virtual functions that are there are left as they are: somebody may have one. */
static bool lacks_vfs(const struct vfio_xen_entry *entry)
{
	unsigned int nr, most;

	return entry->nr_vfs > 0 && entry->dev->driver &&
	       !vfio_xen_device_get_nr_vfs(entry->dev, &nr, &most) && !nr;
}

/*
 * 1 if there is something to do. Before a device has had a driver there is nothing
 * to remember for unbind.
 */
static int job_fill(struct job *job, const struct vfio_xen_entry *entry)
{
	bool vfs = lacks_vfs(entry);

	if (!vfs &&
	    (entry_is_of_host(entry) || entry->state == VFIO_XEN_ENTRY_BOUND))
		return 0;
	*job = (struct job){
		.sbdf = entry->dev->sbdf,
		.flags = entry->dev->driver ? 0 : VFIO_XEN_NO_RECORD,
		.nr_vfs = vfs ? entry->nr_vfs : -1,
		.driver = strdup(vfs ? VF_DRIVER : entry->driver),
		.file = strdup(entry->file),
	};
	return job->driver && job->file ? 1 : -ENOMEM;
}

static int bind_entries(struct vfio_xen_ctx *ctx,
			const struct vfio_xen_config *config,
			const uint32_t *only, const struct listener *listener)
{
	size_t nr_entries = vfio_xen_config_get_nr_entries(config), nr = 0;
	struct job *jobs = calloc(nr_entries + 1, sizeof(*jobs));
	int ret = jobs ? 0 : -ENOMEM;

	for (size_t i = 0; ret >= 0 && i < nr_entries; i++) {
		const struct vfio_xen_entry *entry =
			vfio_xen_config_get_entry(config, i);

		if (!entry->dev && !only)
			report_lost(entry, listener);
		if (!entry->dev || (only && *only != entry->dev->sbdf))
			continue;
		ret = job_fill(&jobs[nr], entry);
		nr += ret != 0;
	}
	if (ret >= 0)
		jobs_run(ctx, jobs, nr, listener);
	jobs_free(jobs, nr);
	return ret < 0 ? ret : 0;
}

int vfio_xen_bind_persistent(struct vfio_xen_ctx *ctx, const uint32_t *only,
			     void (*fn)(void *data, const char *line),
			     void *data)
{
	struct listener listener = { fn, data };
	struct vfio_xen_config *config;
	int err = vfio_xen_scan(ctx);

	if (!err)
		err = vfio_xen_config_new(ctx, &config);
	if (err)
		return err;
	for (size_t i = 0; !only && i < vfio_xen_config_get_nr_errors(config);
	     i++)
		fn(data, vfio_xen_config_get_error(config, i));
	/* What binds scans anew, so nothing of this scan is looked at then. */
	err = bind_entries(ctx, config, only, &listener);
	vfio_xen_config_free(config);
	return err;
}
