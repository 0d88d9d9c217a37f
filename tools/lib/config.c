// SPDX-License-Identifier: GPL-2.0-only
/*
 * The files of /etc/vfio-xen/devices.d. A file with a mistake is ignored; the
 * others count.
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

/* Takes ownership of the text, which is NULL if memory is out. */
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
			const struct vfio_xen_entry *entry, unsigned int line,
			const struct vfio_xen_entry *other, const char *what)
{
	char *text;

	if (asprintf(&text,
		     "%s:%u: %s has the same %s; one of the files must go",
		     entry->file, line, other->file, what) < 0)
		text = NULL;
	return add_error(config, text);
}

/* Bus numbers change: two devices that have swapped places have an address in common. */
static bool is_same_place(const struct vfio_xen_entry *a,
			  const struct vfio_xen_entry *b)
{
	return a->sbdf == b->sbdf &&
	       (!*a->identity.path || !*b->identity.path ||
		!strcmp(a->identity.path, b->identity.path));
}

/*
 * Returns 1 if the entry conflicts with an earlier file; the error counts for
 * the later one.
 */
static int check_conflicts(struct vfio_xen_config *config,
			   const struct vfio_xen_entry *entry)
{
	int err;

	for (size_t i = 0; i < config->nr_entries; i++) {
		const struct vfio_xen_entry *other = &config->entries[i];

		if (is_same_place(other, entry))
			err = add_conflict(config, entry, entry->address_line,
					   other, "address");
		else if (other->name && entry->name &&
			 !strcmp(other->name, entry->name))
			err = add_conflict(config, entry, entry->name_line,
					   other, "name");
		else
			continue;
		return err ? err : 1;
	}
	return 0;
}

/* Takes ownership of an entry that it keeps. */
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

/* ---- the devices ---- */

/* VFIO cannot have a bridge, at whatever address. */
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
			     "%s:%u: %s is a bridge; bridges stay with the host",
			     entry->file, entry->address_line,
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
	if (!err)
		err = match_entries(ctx, new->entries, new->nr_entries);
	if (!err)
		err = drop_bridges(new);
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
