// SPDX-License-Identifier: GPL-2.0-only
/*
 * Read vfio-xen-iommu's state from its files in debugfs:
 *
 *	stats    <name> <number>
 *	shells   domid=5 mapped_pages=131072 pool_pages=512 devices=A,B
 *	devices  A owner=dom0 | owner=quarantine | owner=shell domid=5
 *
 * A device of the host's toolstack (owner=toolstack) is in quarantine, unless
 * xenstore says that the toolstack has assigned it to a guest (scan.c).
 *
 * A device's line may also contain return_pending=1, bars_exposed=DOMID and
 * msi=N/M (vectors in use and vectors mapped).
 *
 * A line must contain what is read here, in this form. Anything else on it
 * comes from a newer vfio-xen-iommu and is skipped.
 */
#include <errno.h>
#include <string.h>

#include "internal.h"

#define STATE_DIR "/sys/kernel/debug/vfio-xen-iommu"

struct stat_line {
	char *name;
	uint64_t value;
};

struct vfio_xen_shell {
	int domid;
	char *name;
	uint64_t mapped_pages;
	uint64_t pool_pages;
	uint32_t *devices;
	size_t nr_devices;
};

struct owner_line {
	uint32_t sbdf;
	enum vfio_xen_owner owner;
	int domid;
	int bars_exposed_to;
	bool return_pending;
	int vectors_used;
	int vectors_mapped; /* 0: both unknown */
};

struct vfio_xen_debugfs {
	struct stat_line *stats;
	size_t nr_stats;
	struct vfio_xen_shell *shells;
	size_t nr_shells;
	struct owner_line *owners;
	size_t nr_owners;
};

/* Appends a zeroed element to an array. Returns NULL if memory is out. */
#define grow(array, nr)                                                  \
	({                                                               \
		typeof(array) grown_ =                                   \
			reallocarray(array, (nr) + 1, sizeof(*(array))); \
		if (grown_) {                                            \
			(array) = grown_;                                \
			memset(&grown_[nr], 0, sizeof(*grown_));         \
			grown_ = &grown_[(nr)++];                        \
		}                                                        \
		grown_;                                                  \
	})

static int parse_domid(const char *text, int *domid)
{
	uint64_t value;

	if (parse_u64(text, &value) || value > 0x7fff)
		return -EBADMSG;
	*domid = (int)value;
	return 0;
}

static int parse_stat(struct vfio_xen_debugfs *debugfs, char *line)
{
	struct stat_line *stat;
	char *value = strchr(line, ' ');
	uint64_t number;

	if (!value || value == line)
		return -EBADMSG;
	*value++ = '\0';
	if (parse_u64(value, &number))
		return -EBADMSG;
	stat = grow(debugfs->stats, debugfs->nr_stats);
	if (!stat)
		return -ENOMEM;
	stat->value = number;
	stat->name = strdup(line);
	return stat->name ? 0 : -ENOMEM;
}

static int parse_shell_devices(struct vfio_xen_shell *shell, char *list)
{
	char *save, *text = strtok_r(list, ",", &save);

	for (; text; text = strtok_r(NULL, ",", &save)) {
		uint32_t *sbdf = grow(shell->devices, shell->nr_devices);

		if (!sbdf)
			return -ENOMEM;
		if (vfio_xen_sbdf_parse(text, sbdf))
			return -EBADMSG;
	}
	return 0;
}

static int parse_shell_field(struct vfio_xen_shell *shell, const char *key,
			     char *value)
{
	if (!strcmp(key, "domid"))
		return parse_domid(value, &shell->domid);
	if (!strcmp(key, "mapped_pages"))
		return parse_u64(value, &shell->mapped_pages) ? -EBADMSG : 0;
	if (!strcmp(key, "pool_pages"))
		return parse_u64(value, &shell->pool_pages) ? -EBADMSG : 0;
	if (!strcmp(key, "devices"))
		return parse_shell_devices(shell, value);
	return 0;
}

/*
 * Finds the next "key=value" of a line. Returns 1, 0 at the end of the line, or
 * -EBADMSG.
 */
static int next_field(char **save, char **key, char **value)
{
	*key = strtok_r(NULL, " ", save);
	if (!*key)
		return 0;
	*value = strchr(*key, '=');
	if (!*value || *value == *key)
		return -EBADMSG;
	*(*value)++ = '\0';
	return 1;
}

static int parse_shell(struct vfio_xen_debugfs *debugfs, char *line)
{
	struct vfio_xen_shell *shell;
	char *save = line, *key, *value;
	int more, err;

	shell = grow(debugfs->shells, debugfs->nr_shells);
	if (!shell)
		return -ENOMEM;
	shell->domid = -1;
	while ((more = next_field(&save, &key, &value)) > 0) {
		err = parse_shell_field(shell, key, value);
		if (err)
			return err;
	}
	return more ? more : shell->domid < 0 ? -EBADMSG : 0;
}

static enum vfio_xen_owner parse_owner_name(const char *name)
{
	if (!strcmp(name, "dom0"))
		return VFIO_XEN_OWNER_DOM0;
	if (!strcmp(name, "quarantine") || !strcmp(name, "toolstack"))
		return VFIO_XEN_OWNER_QUARANTINE;
	if (!strcmp(name, "shell"))
		return VFIO_XEN_OWNER_SHELL;
	if (!strcmp(name, "guest"))
		return VFIO_XEN_OWNER_GUEST;
	return VFIO_XEN_OWNER_UNKNOWN;
}

/* The largest MSI-X table that PCI allows */
#define MAX_VECTORS 2048

/* "N/M" */
static int parse_vectors(struct owner_line *owner, char *value)
{
	char *slash = strchr(value, '/');
	uint64_t used, mapped;

	if (!slash)
		return -EBADMSG;
	*slash = '\0';
	if (parse_u64(value, &used) || parse_u64(slash + 1, &mapped) ||
	    mapped > MAX_VECTORS || used > mapped)
		return -EBADMSG;
	owner->vectors_used = (int)used;
	owner->vectors_mapped = (int)mapped;
	return 0;
}

static int parse_owner_field(struct owner_line *owner, const char *key,
			     char *value)
{
	if (!strcmp(key, "owner"))
		owner->owner = parse_owner_name(value);
	else if (!strcmp(key, "domid"))
		return parse_domid(value, &owner->domid);
	else if (!strcmp(key, "bars_exposed"))
		return parse_domid(value, &owner->bars_exposed_to);
	else if (!strcmp(key, "return_pending"))
		owner->return_pending = !strcmp(value, "1");
	else if (!strcmp(key, "msi"))
		return parse_vectors(owner, value);
	return 0;
}

static int parse_owner(struct vfio_xen_debugfs *debugfs, char *line)
{
	char *save, *key, *value, *address = strtok_r(line, " ", &save);
	struct owner_line *owner;
	bool has_owner = false;
	int more, err;

	owner = grow(debugfs->owners, debugfs->nr_owners);
	if (!owner)
		return -ENOMEM;
	owner->domid = -ENOENT;
	owner->bars_exposed_to = -ENOENT;
	if (!address || vfio_xen_sbdf_parse(address, &owner->sbdf))
		return -EBADMSG;
	while ((more = next_field(&save, &key, &value)) > 0) {
		has_owner |= !strcmp(key, "owner");
		err = parse_owner_field(owner, key, value);
		if (err)
			return err;
	}
	return more ? more : has_owner ? 0 : -EBADMSG;
}

static int read_lines(struct vfio_xen_ctx *ctx,
		      struct vfio_xen_debugfs *debugfs, const char *name,
		      int (*parse)(struct vfio_xen_debugfs *, char *))
{
	autofree char *path = file_path(ctx, STATE_DIR "/%s", name);
	FILE *file = file_open(ctx, STATE_DIR "/%s", name);
	char *line = NULL;
	size_t size = 0;
	int err = 0;

	if (!file)
		return problem_set(ctx, VFIO_XEN_PROBLEM_IO, -errno, 0, path);
	while (!err && getline(&line, &size, file) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		err = parse(debugfs, line);
	}
	free(line);
	fclose(file);
	return err ? problem_set(ctx, VFIO_XEN_PROBLEM_IO, err, 0, path) : 0;
}

/*
 * Fill in what debugfs lacks: names, and the pool of an older vfio-xen-iommu.
 */
static void complete_shells(struct vfio_xen_ctx *ctx,
			    struct vfio_xen_debugfs *debugfs)
{
	for (size_t i = 0; i < debugfs->nr_shells; i++) {
		struct vfio_xen_shell *shell = &debugfs->shells[i];
		uint64_t bytes;

		shell->name = xen_get_domid_name(ctx, shell->domid);
		if (!shell->pool_pages &&
		    !xen_get_pool_bytes(ctx, shell->domid, &bytes))
			shell->pool_pages = bytes / PAGE_BYTES;
	}
}

int vfio_xen_debugfs_new(struct vfio_xen_ctx *ctx,
			 struct vfio_xen_debugfs **debugfs)
{
	struct vfio_xen_debugfs *new = calloc(1, sizeof(*new));
	int err;

	problem_clear(ctx);
	if (!new)
		return -ENOMEM;
	err = read_lines(ctx, new, "stats", parse_stat);
	if (!err)
		err = read_lines(ctx, new, "shells", parse_shell);
	if (!err)
		err = read_lines(ctx, new, "devices", parse_owner);
	if (err) {
		vfio_xen_debugfs_free(new);
		return err;
	}
	complete_shells(ctx, new);
	*debugfs = new;
	return 0;
}

void vfio_xen_debugfs_free(struct vfio_xen_debugfs *debugfs)
{
	if (!debugfs)
		return;
	for (size_t i = 0; i < debugfs->nr_stats; i++)
		free(debugfs->stats[i].name);
	for (size_t i = 0; i < debugfs->nr_shells; i++) {
		free(debugfs->shells[i].name);
		free(debugfs->shells[i].devices);
	}
	free(debugfs->stats);
	free(debugfs->shells);
	free(debugfs->owners);
	free(debugfs);
}

size_t vfio_xen_debugfs_get_nr_stats(const struct vfio_xen_debugfs *debugfs)
{
	return debugfs->nr_stats;
}

const char *
vfio_xen_debugfs_get_stat_name(const struct vfio_xen_debugfs *debugfs,
			       size_t index)
{
	return debugfs->stats[index].name;
}

uint64_t vfio_xen_debugfs_get_stat_value(const struct vfio_xen_debugfs *debugfs,
					 size_t index)
{
	return debugfs->stats[index].value;
}

static const struct owner_line *
find_owner(const struct vfio_xen_debugfs *debugfs, uint32_t sbdf)
{
	for (size_t i = 0; i < debugfs->nr_owners; i++)
		if (debugfs->owners[i].sbdf == sbdf)
			return &debugfs->owners[i];
	return NULL;
}

enum vfio_xen_owner
vfio_xen_debugfs_get_owner(const struct vfio_xen_debugfs *debugfs,
			   uint32_t sbdf, int *domid)
{
	const struct owner_line *owner = find_owner(debugfs, sbdf);

	*domid = owner ? owner->domid : -ENOENT;
	return owner ? owner->owner : VFIO_XEN_OWNER_UNKNOWN;
}

int vfio_xen_debugfs_get_bars_exposed_to(const struct vfio_xen_debugfs *debugfs,
					 uint32_t sbdf)
{
	const struct owner_line *owner = find_owner(debugfs, sbdf);

	return owner ? owner->bars_exposed_to : -ENOENT;
}

bool vfio_xen_debugfs_is_return_pending(const struct vfio_xen_debugfs *debugfs,
					uint32_t sbdf)
{
	const struct owner_line *owner = find_owner(debugfs, sbdf);

	return owner && owner->return_pending;
}

int vfio_xen_debugfs_get_vectors(const struct vfio_xen_debugfs *debugfs,
				 uint32_t sbdf, int *used, int *mapped)
{
	const struct owner_line *owner = find_owner(debugfs, sbdf);

	if (!owner || !owner->vectors_mapped)
		return -ENOENT;
	*used = owner->vectors_used;
	*mapped = owner->vectors_mapped;
	return 0;
}

size_t vfio_xen_debugfs_get_nr_devices(const struct vfio_xen_debugfs *debugfs)
{
	return debugfs->nr_owners;
}

uint32_t vfio_xen_debugfs_get_device(const struct vfio_xen_debugfs *debugfs,
				     size_t index)
{
	return debugfs->owners[index].sbdf;
}

size_t vfio_xen_debugfs_get_nr_shells(const struct vfio_xen_debugfs *debugfs)
{
	return debugfs->nr_shells;
}

const struct vfio_xen_shell *
vfio_xen_debugfs_get_shell(const struct vfio_xen_debugfs *debugfs, size_t index)
{
	return &debugfs->shells[index];
}

int vfio_xen_shell_get_domid(const struct vfio_xen_shell *shell)
{
	return shell->domid;
}

const char *vfio_xen_shell_get_name(const struct vfio_xen_shell *shell)
{
	return shell->name;
}

uint64_t vfio_xen_shell_get_mapped_bytes(const struct vfio_xen_shell *shell)
{
	return shell->mapped_pages * PAGE_BYTES;
}

uint64_t vfio_xen_shell_get_pool_bytes(const struct vfio_xen_shell *shell)
{
	return shell->pool_pages * PAGE_BYTES;
}

size_t vfio_xen_shell_get_nr_devices(const struct vfio_xen_shell *shell)
{
	return shell->nr_devices;
}

uint32_t vfio_xen_shell_get_device(const struct vfio_xen_shell *shell,
				   size_t index)
{
	return shell->devices[index];
}
