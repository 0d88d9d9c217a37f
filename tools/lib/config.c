// SPDX-License-Identifier: GPL-2.0-only
/*
 * All of /etc/vfio-xen/devices.d, and which devices of the host its entries are.
 *
 * An entry is the device at its address if that is the same one. Otherwise the device
 * may have moved: then it is the only one that is the same, and no other entry's. A
 * serial number settles that, or the ports to it; without these it must have been, and
 * be, the only one of its model. What is in doubt is left alone.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "internal.h"

struct vfio_xen_config {
	struct vfio_xen_entry *entries;
	size_t nr_entries;
	char **errors;
	size_t nr_errors;
};

/* ---- reading ---- */

/* Takes the text, which is NULL without memory. */
static int add_error(struct vfio_xen_config *config, char *text)
{
	char **grown;

	if (!text)
		return -ENOMEM;
	grown = reallocarray(config->errors, config->nr_errors + 1,
			     sizeof(*grown));
	if (!grown) {
		free(text);
		return -ENOMEM;
	}
	config->errors = grown;
	grown[config->nr_errors++] = text;
	return 0;
}

static int add_conflict(struct vfio_xen_config *config,
			const struct vfio_xen_entry *entry,
			const struct vfio_xen_entry *other, const char *what)
{
	char *text;

	if (asprintf(&text,
		     "%s:1: %s has the same %s; one of the files must go",
		     entry->file, other->file, what) < 0)
		text = NULL;
	return add_error(config, text);
}

/* 1: there is a conflict with an earlier file, which is an error of this one. */
static int check_conflicts(struct vfio_xen_config *config,
			   const struct vfio_xen_entry *entry)
{
	int err;

	for (size_t i = 0; i < config->nr_entries; i++) {
		const struct vfio_xen_entry *other = &config->entries[i];
		const char *what = NULL;

		if (other->sbdf == entry->sbdf)
			what = "address";
		else if (other->name && entry->name &&
			 !strcmp(other->name, entry->name))
			what = "name";
		if (!what)
			continue;
		err = add_conflict(config, entry, other, what);
		return err ? err : 1;
	}
	return 0;
}

/* Takes the entry if it is kept. */
static int add_entry(struct vfio_xen_config *config,
		     struct vfio_xen_entry *entry)
{
	struct vfio_xen_entry *grown;
	int ret = check_conflicts(config, entry);

	if (ret)
		return ret;
	grown = reallocarray(config->entries, config->nr_entries + 1,
			     sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	config->entries = grown;
	grown[config->nr_entries++] = *entry;
	return 0;
}

static int read_file(struct vfio_xen_ctx *ctx, struct vfio_xen_config *config,
		     const char *file)
{
	struct vfio_xen_entry entry;
	char *error;
	int ret = entry_read(ctx, file, &entry, &error);

	if (!ret)
		ret = add_entry(config, &entry);
	else if (ret == -EINVAL)
		ret = add_error(config, error) ? -ENOMEM : 1;
	if (ret)
		entry_release(&entry);
	return ret < 0 ? ret : 0;
}

static int is_config(const struct dirent *entry)
{
	const char *end = strrchr(entry->d_name, '.');

	return *entry->d_name != '.' && end && !strcmp(end, ".conf");
}

static int read_all(struct vfio_xen_ctx *ctx, struct vfio_xen_config *config)
{
	autofree char *dir = file_path(ctx, DEVICES_DIR);
	struct dirent **files;
	int nr, err = 0;

	if (!dir)
		return -ENOMEM;
	nr = scandir(dir, &files, is_config, alphasort);
	if (nr < 0)
		return errno == ENOENT ? 0 : -errno;
	for (int i = 0; i < nr; i++) {
		if (!err)
			err = read_file(ctx, config, files[i]->d_name);
		free(files[i]);
	}
	free(files);
	return err;
}

/* ---- finding the devices ---- */

static bool is_claimed(const struct vfio_xen_config *config,
		       const struct vfio_xen_device *dev)
{
	return vfio_xen_config_find(config, dev) != NULL;
}

/* Whether nothing but a move explains a device that is the same. */
static bool is_moved(const struct vfio_xen_entry *entry,
		     const struct identity *identity, size_t nr_alike)
{
	if (!identity_is_same(&entry->identity, identity))
		return false;
	if (*entry->identity.serial && *identity->serial)
		return true;
	if (*entry->identity.path &&
	    !strcmp(entry->identity.path, identity->path))
		return true;
	return entry->unique && nr_alike == 1;
}

static size_t count_alike(struct vfio_xen_ctx *ctx,
			  const struct identity *identity)
{
	struct vfio_xen_device *dev;
	struct identity other;
	size_t nr = 0;

	vfio_xen_device_foreach(ctx, dev) {
		if (dev->vendor_id != identity->vendor ||
		    dev->device_id != identity->device)
			continue;
		identity_read(dev, &other);
		nr += identity_is_alike(identity, &other);
	}
	return nr;
}

static void find_moved(struct vfio_xen_ctx *ctx,
		       const struct vfio_xen_config *config,
		       struct vfio_xen_entry *entry)
{
	size_t nr_alike = count_alike(ctx, &entry->identity);
	struct vfio_xen_device *dev, *found = NULL;
	struct identity identity;
	size_t nr = 0;

	vfio_xen_device_foreach(ctx, dev) {
		if (dev->vendor_id != entry->identity.vendor ||
		    dev->device_id != entry->identity.device ||
		    is_claimed(config, dev))
			continue;
		identity_read(dev, &identity);
		if (!is_moved(entry, &identity, nr_alike))
			continue;
		found = dev;
		nr++;
	}
	if (nr == 1)
		entry->dev = found;
	else if (nr > 1)
		entry->state = VFIO_XEN_ENTRY_AMBIGUOUS;
}

static void find_in_place(struct vfio_xen_ctx *ctx,
			  struct vfio_xen_entry *entry)
{
	struct vfio_xen_device *dev =
		vfio_xen_device_get_by_sbdf(ctx, entry->sbdf);
	struct identity identity;

	entry->state = dev ? VFIO_XEN_ENTRY_CHANGED : VFIO_XEN_ENTRY_ABSENT;
	if (!dev)
		return;
	identity_read(dev, &identity);
	if (identity_is_same(&entry->identity, &identity))
		entry->dev = dev;
}

static void set_state(struct vfio_xen_entry *entry)
{
	const char *driver;

	if (!entry->dev)
		return;
	driver = vfio_xen_device_get_driver(entry->dev);
	entry->state = driver && (!strcmp(driver, entry->driver) ||
				  (entry_is_of_host(entry) &&
				   !device_has_vfio_driver(entry->dev))) ?
			       VFIO_XEN_ENTRY_BOUND :
			       VFIO_XEN_ENTRY_UNBOUND;
}

/* What is in its place is nobody else's, so that comes first. */
static void find_devices(struct vfio_xen_ctx *ctx,
			 struct vfio_xen_config *config)
{
	for (size_t i = 0; i < config->nr_entries; i++)
		find_in_place(ctx, &config->entries[i]);
	for (size_t i = 0; i < config->nr_entries; i++)
		if (!config->entries[i].dev)
			find_moved(ctx, config, &config->entries[i]);
	for (size_t i = 0; i < config->nr_entries; i++)
		set_state(&config->entries[i]);
}

/* A bridge cannot be VFIO's, wherever it is. */
static int drop_bridges(struct vfio_xen_config *config)
{
	size_t kept = 0;
	int err = 0;

	for (size_t i = 0; i < config->nr_entries; i++) {
		struct vfio_xen_entry *entry = &config->entries[i];
		char *text;

		if (err || !entry->dev ||
		    !vfio_xen_device_is_bridge(entry->dev)) {
			config->entries[kept++] = *entry;
			continue;
		}
		if (asprintf(&text,
			     "%s:1: %s is a bridge; bridges stay with the host",
			     entry->file,
			     vfio_xen_device_get_address(entry->dev)) < 0)
			text = NULL;
		err = add_error(config, text);
		entry_release(entry);
	}
	config->nr_entries = kept;
	return err;
}

/* ---- the whole ---- */

int vfio_xen_config_new(struct vfio_xen_ctx *ctx,
			struct vfio_xen_config **config)
{
	struct vfio_xen_config *new = calloc(1, sizeof(*new));
	int err;

	problem_clear(ctx);
	if (!new)
		return -ENOMEM;
	err = read_all(ctx, new);
	if (!err) {
		find_devices(ctx, new);
		err = drop_bridges(new);
	}
	if (err) {
		vfio_xen_config_free(new);
		return problem_set(ctx, VFIO_XEN_PROBLEM_IO, err, 0,
				   DEVICES_DIR);
	}
	*config = new;
	return 0;
}

void vfio_xen_config_free(struct vfio_xen_config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->nr_entries; i++)
		entry_release(&config->entries[i]);
	free(config->entries);
	for (size_t i = 0; i < config->nr_errors; i++)
		free(config->errors[i]);
	free(config->errors);
	free(config);
}

size_t vfio_xen_config_get_nr_errors(const struct vfio_xen_config *config)
{
	return config->nr_errors;
}

const char *vfio_xen_config_get_error(const struct vfio_xen_config *config,
				      size_t index)
{
	return config->errors[index];
}

size_t vfio_xen_config_get_nr_entries(const struct vfio_xen_config *config)
{
	return config->nr_entries;
}

const struct vfio_xen_entry *
vfio_xen_config_get_entry(const struct vfio_xen_config *config, size_t index)
{
	return &config->entries[index];
}

const struct vfio_xen_entry *
vfio_xen_config_find(const struct vfio_xen_config *config,
		     const struct vfio_xen_device *dev)
{
	for (size_t i = 0; i < config->nr_entries; i++)
		if (config->entries[i].dev == dev)
			return &config->entries[i];
	return NULL;
}
