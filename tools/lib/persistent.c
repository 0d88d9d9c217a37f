// SPDX-License-Identifier: GPL-2.0-only
/*
 * Persistent devices: remember, forget and name them.
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

/*
 * Splits "nic0v3". Returns the number, or -1, and the length of the name before
 * it.
 */
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

/* The number of a virtual function on its device, or -ENOENT. */
static int vf_index(const struct vfio_xen_device *pf,
		    const struct vfio_xen_device *vf)
{
	for (int i = 0;; i++) {
		autofree char *link = file_link_name(
			pf->ctx, "/sys/bus/pci/devices/%s/virtfn%d",
			pf->address, i);

		if (!link)
			return -ENOENT;
		if (!strcmp(link, vf->address))
			return i;
	}
}

static char *vf_name(const struct vfio_xen_config *config,
		     const struct vfio_xen_device *vf)
{
	autofree char *link = file_link_name(
		vf->ctx, "/sys/bus/pci/devices/%s/physfn", vf->address);
	const struct vfio_xen_entry *entry;
	const struct vfio_xen_device *pf;
	uint32_t sbdf;
	char *name;
	int index;

	if (!link || vfio_xen_sbdf_parse(link, &sbdf))
		return NULL;
	pf = vfio_xen_device_get_by_sbdf(vf->ctx, sbdf);
	entry = pf ? vfio_xen_config_find(config, pf) : NULL;
	index = entry && entry->name ? vf_index(pf, vf) : -ENOENT;
	if (index < 0 || asprintf(&name, "%sv%d", entry->name, index) < 0)
		return NULL;
	return name;
}

char *vfio_xen_config_name_device(const struct vfio_xen_config *config,
				  const struct vfio_xen_device *dev)
{
	const struct vfio_xen_entry *entry = vfio_xen_config_find(config, dev);

	if (entry && entry->name)
		return strdup(entry->name);
	return vf_name(config, dev);
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

/*
 * The entry of another device that conflicts with one for @dev with @name. A device that
 * is somewhere else by now does not hold its old address.
 */
static const struct vfio_xen_entry *
find_conflict(const struct vfio_xen_config *config,
	      const struct vfio_xen_device *dev, const char *name)
{
	for (size_t i = 0; i < vfio_xen_config_get_nr_entries(config); i++) {
		const struct vfio_xen_entry *entry =
			vfio_xen_config_get_entry(config, i);

		if (entry->dev == dev)
			continue;
		if ((entry->sbdf == dev->sbdf && !entry->dev) ||
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
	if (ctx->dry_run)
		return entry_check_dir(ctx);
	if (!unlink(path) || errno == ENOENT)
		return 0;
	return problem_set(ctx, VFIO_XEN_PROBLEM_IO, -errno, 0, path);
}

/* The new contents of a device's entry; NULL keeps the old value. */
struct wish {
	const char *name;
	const char *driver;
	const int *nr_vfs;
};

/* A file that is named by an address is not taken from a device that had it. */
static char *choose_file(const struct vfio_xen_config *config, const char *name,
			 const struct vfio_xen_device *dev,
			 const struct vfio_xen_entry *old)
{
	const struct vfio_xen_entry *other;
	char *file;

	if (asprintf(&file, DEVICES_DIR "/%s.conf",
		     name ? name : dev->address) < 0)
		return NULL;
	other = find_by_file(config, file);
	if (name || !old || !other || other == old)
		return file;
	free(file);
	return strdup(old->file);
}

static int entry_fill(struct vfio_xen_entry *entry, const struct wish *wish,
		      const struct vfio_xen_config *config,
		      const struct vfio_xen_device *dev,
		      const struct vfio_xen_entry *old)
{
	const char *name = wish->name || !old ? wish->name : old->name;
	const char *driver = wish->driver || !old ? wish->driver : old->driver;

	*entry = (struct vfio_xen_entry){
		.sbdf = dev->sbdf,
		.unique = is_unique(dev->ctx, dev),
		.nr_vfs = old ? old->nr_vfs : -1,
	};
	if (wish->nr_vfs)
		entry->nr_vfs = *wish->nr_vfs;
	identity_read(dev, &entry->identity);
	identity_read_serial(dev, &entry->identity);
	if (identity_has_twin(dev, &entry->identity))
		*entry->identity.serial = '\0';
	if (name)
		entry->name = strdup(name);
	entry->driver = strdup(driver ? driver : VFIO_XEN_DRIVER_HOST);
	entry->file = choose_file(config, name, dev, old);
	if (entry->driver && entry->file && (entry->name || !name))
		return 0;
	entry_release(entry);
	return -ENOMEM;
}

/*
 * A file of that name that is no valid entry has a mistake. Do not overwrite
 * it.
 */
static int check_free(struct vfio_xen_ctx *ctx,
		      const struct vfio_xen_config *config,
		      const struct vfio_xen_device *dev,
		      const struct vfio_xen_entry *entry,
		      const struct vfio_xen_entry *old)
{
	const struct vfio_xen_entry *other =
		find_conflict(config, dev, entry->name);

	if (!other) {
		other = find_by_file(config, entry->file);
		other = other == old ? NULL : other;
	}
	if (other)
		return problem_set(ctx, VFIO_XEN_PROBLEM_ENTRY_EXISTS, -EEXIST,
				   dev->sbdf, other->file);
	if (file_exists(ctx, "%s", entry->file) &&
	    !find_by_file(config, entry->file))
		return problem_set(ctx, VFIO_XEN_PROBLEM_ENTRY_EXISTS, -EEXIST,
				   dev->sbdf, entry->file);
	return 0;
}

/* The entry of a device that was at this one's address, and is somewhere else */
static const struct vfio_xen_entry *
find_moved_away(const struct vfio_xen_config *config,
		const struct vfio_xen_device *dev)
{
	for (size_t i = 0; i < vfio_xen_config_get_nr_entries(config); i++) {
		const struct vfio_xen_entry *entry =
			vfio_xen_config_get_entry(config, i);

		if (entry->sbdf == dev->sbdf && entry->dev && entry->dev != dev)
			return entry;
	}
	return NULL;
}

static bool is_in_set(const struct device_set *set,
		      const struct vfio_xen_device *dev)
{
	for (size_t i = 0; i < set->nr; i++)
		if (set->devs[i] == dev)
			return true;
	return false;
}

/*
 * Records where the device that was in the place of @dev is now, and so on: otherwise two
 * files would have one address. The set's own entries are new already.
 */
static int record_moves_from(struct vfio_xen_ctx *ctx,
			     const struct vfio_xen_config *config,
			     const struct device_set *set,
			     const struct vfio_xen_device *dev)
{
	const struct vfio_xen_entry *entry = find_moved_away(config, dev);
	int err = 0;

	while (!err && entry && !is_in_set(set, entry->dev)) {
		struct vfio_xen_entry moved = *entry;
		struct identity now;

		identity_read(entry->dev, &now);
		moved.sbdf = entry->dev->sbdf;
		strcpy(moved.identity.path, now.path);
		err = entry_write(ctx, &moved);
		entry = find_moved_away(config, entry->dev);
	}
	return err;
}

static int record_moves(struct vfio_xen_ctx *ctx,
			const struct vfio_xen_config *config,
			const struct device_set *set)
{
	int err = 0;

	for (size_t i = 0; !err && i < set->nr; i++)
		err = record_moves_from(ctx, config, set, set->devs[i]);
	return err;
}

static int remember_one(struct vfio_xen_ctx *ctx,
			const struct vfio_xen_config *config,
			const struct vfio_xen_device *dev,
			const struct wish *wish)
{
	const struct vfio_xen_entry *old = vfio_xen_config_find(config, dev);
	struct vfio_xen_entry entry;
	int err = entry_fill(&entry, wish, config, dev, old);

	if (err)
		return err;
	err = check_free(ctx, config, dev, &entry, old);
	if (!err)
		err = entry_write(ctx, &entry);
	if (!err && old && strcmp(old->file, entry.file))
		err = remove_file(ctx, old->file);
	entry_release(&entry);
	return err;
}

/* Restores the former entry, or removes the new one. */
static void undo_one(struct vfio_xen_ctx *ctx,
		     const struct vfio_xen_config *config,
		     const struct vfio_xen_device *dev, const struct wish *wish)
{
	const struct vfio_xen_entry *old = vfio_xen_config_find(config, dev);
	struct vfio_xen_entry entry;

	if (entry_fill(&entry, wish, config, dev, old))
		return;
	if (!old || strcmp(old->file, entry.file))
		remove_file(ctx, entry.file);
	if (old)
		entry_write(ctx, old);
	entry_release(&entry);
}

/* The name is the first device's: --group adds further devices. */
static int remember_each(struct vfio_xen_ctx *ctx,
			 const struct vfio_xen_config *config,
			 const struct device_set *set, const struct wish *wish)
{
	struct wish others = { .driver = wish->driver };
	size_t done = 0;
	int err = 0;

	while (!err && done < set->nr) {
		err = remember_one(ctx, config, set->devs[done],
				   done ? &others : wish);
		if (!err)
			done++;
	}
	if (!err)
		err = record_moves(ctx, config, set);
	while (err && done--)
		undo_one(ctx, config, set->devs[done], done ? &others : wish);
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
		int err;

		if (!entry || entry_is_of_host(entry))
			continue;
		err = remove_file(ctx, entry->file);
		if (err)
			return err;
		nr++;
	}
	return nr;
}

/*
 * The state of both calls, under the lock that keeps two processes from
 * changing entries at once.
 */
struct change {
	struct vfio_xen_config *config;
	struct device_set set;
	vfio_xen_log_fn
		log_fn; /* the context's function, which is restored at the end */
	int lock;
};

static int change_begin(struct vfio_xen_ctx *ctx, struct change *change,
			const uint32_t *sbdfs, size_t nr_sbdfs,
			unsigned int flags)
{
	int err;

	problem_clear(ctx);
	*change = (struct change){ .lock = bind_record_lock(ctx) };
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
	change->log_fn = ctx->log_fn;
	if (flags & VFIO_XEN_NO_LOG)
		ctx->log_fn = NULL;
	return 0;
}

static void change_end(struct vfio_xen_ctx *ctx, struct change *change)
{
	ctx->dry_run = false;
	ctx->log_fn = change->log_fn;
	vfio_xen_config_free(change->config);
	free(change->set.devs);
	close(change->lock);
}

static int remember(struct vfio_xen_ctx *ctx, const uint32_t *sbdfs,
		    size_t nr_sbdfs, const struct wish *wish,
		    unsigned int flags)
{
	struct change change;
	int err = change_begin(ctx, &change, sbdfs, nr_sbdfs, flags);

	if (err)
		return err;
	err = remember_each(ctx, change.config, &change.set, wish);
	change_end(ctx, &change);
	return err;
}

int vfio_xen_remember(struct vfio_xen_ctx *ctx, const uint32_t *sbdfs,
		      size_t nr_sbdfs, const char *name, const char *driver,
		      unsigned int flags)
{
	struct wish wish = { .name = name, .driver = driver };

	problem_clear(ctx);
	if (!driver_is_vfio(driver))
		return problem_set(ctx, VFIO_XEN_PROBLEM_NOT_VFIO, -EINVAL, 0,
				   driver);
	return remember(ctx, sbdfs, nr_sbdfs, &wish, flags);
}

/* Removes an entry that has no other purpose. Returns the number of changes. */
static int remember_vfs(struct vfio_xen_ctx *ctx,
			const struct vfio_xen_config *config,
			const struct vfio_xen_device *dev, unsigned int nr)
{
	const struct vfio_xen_entry *old = vfio_xen_config_find(config, dev);
	int nr_vfs = nr ? (int)nr : -1;
	struct wish wish = { .nr_vfs = &nr_vfs };
	int err;

	if (!nr && !old)
		return 0;
	if (!nr && entry_is_of_host(old) && !old->name)
		err = remove_file(ctx, old->file);
	else
		err = remember_one(ctx, config, dev, &wish);
	return err ? err : 1;
}

int vfio_xen_remember_vfs(struct vfio_xen_ctx *ctx, uint32_t sbdf,
			  unsigned int nr, unsigned int flags)
{
	struct change change;
	int err, ret = change_begin(ctx, &change, &sbdf, 1, flags);

	if (ret)
		return ret;
	ret = remember_vfs(ctx, change.config, change.set.devs[0], nr);
	err = ret > 0 ? record_moves(ctx, change.config, &change.set) : 0;
	change_end(ctx, &change);
	return err ? err : ret;
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

/* An address means the device that has it now, if there is one. */
static const struct vfio_xen_entry *
find_lost(struct vfio_xen_ctx *ctx, const struct vfio_xen_config *config,
	  const char *text)
{
	const struct vfio_xen_entry *entry = NULL;
	uint32_t sbdf;

	if (vfio_xen_sbdf_parse(text, &sbdf)) {
		entry = find_by_name(config, text, strlen(text));
		return entry && !entry->dev ? entry : NULL;
	}
	if (vfio_xen_device_get_by_sbdf(ctx, sbdf))
		return NULL;
	for (size_t i = 0; i < vfio_xen_config_get_nr_entries(config); i++) {
		entry = vfio_xen_config_get_entry(config, i);
		if (entry->sbdf == sbdf && !entry->dev)
			return entry;
	}
	return NULL;
}

int vfio_xen_forget_lost(struct vfio_xen_ctx *ctx, const char *text,
			 unsigned int flags)
{
	const struct vfio_xen_entry *entry;
	struct change change;
	int ret = change_begin(ctx, &change, NULL, 0, flags);

	if (ret)
		return ret;
	entry = find_lost(ctx, change.config, text);
	if (entry)
		ret = remove_file(ctx, entry->file);
	if (entry && !ret)
		ret = 1;
	change_end(ctx, &change);
	return ret;
}
