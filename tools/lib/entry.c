// SPDX-License-Identifier: GPL-2.0-only
/*
 * One file of /etc/vfio-xen/devices.d: a persistent device, its driver and its
 * identity; see vfio-xen-devices(5). Administrators also write these files, so
 * each mistake is reported with file and line.
 */
#include <errno.h>
#include <libeconf.h>
#include <libeconf_ext.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

#define SECTION "Device"
#define NAME_MAX_LENGTH 64

void entry_release(struct vfio_xen_entry *entry)
{
	free(entry->file);
	free(entry->name);
	free(entry->driver);
	*entry = (struct vfio_xen_entry){ 0 };
}

bool entry_is_of_host(const struct vfio_xen_entry *entry)
{
	return !strcmp(entry->driver, VFIO_XEN_DRIVER_HOST);
}

bool vfio_xen_name_is_valid(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	static const char all[] = "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	uint32_t sbdf;

	return *name && strchr(letters, *name) && !name[strspn(name, all)] &&
	       strlen(name) <= NAME_MAX_LENGTH &&
	       vfio_xen_sbdf_parse(name, &sbdf);
}

/* ---- the keys ---- */

static int replace(char **where, const char *value)
{
	char *copy = strdup(value);

	if (!copy)
		return -ENOMEM;
	free(*where);
	*where = copy;
	return 0;
}

static int set_name(struct vfio_xen_entry *entry, const char *value)
{
	return vfio_xen_name_is_valid(value) ? replace(&entry->name, value) :
					       -EINVAL;
}

static int set_address(struct vfio_xen_entry *entry, const char *value)
{
	return vfio_xen_sbdf_parse(value, &entry->sbdf);
}

static int set_driver(struct vfio_xen_entry *entry, const char *value)
{
	if (strcmp(value, VFIO_XEN_DRIVER_HOST) &&
	    (!driver_is_vfio(value) || strchr(value, '/')))
		return -EINVAL;
	return replace(&entry->driver, value);
}

/* "8086:10d3" */
static int parse_ids(const char *value, uint16_t *first, uint16_t *second)
{
	unsigned int high, low;
	int end = 0;

	if (sscanf(value, "%4x:%4x%n", &high, &low, &end) != 2 || value[end])
		return -EINVAL;
	*first = (uint16_t)high;
	*second = (uint16_t)low;
	return 0;
}

static int set_id(struct vfio_xen_entry *entry, const char *value)
{
	return parse_ids(value, &entry->identity.vendor,
			 &entry->identity.device);
}

static int set_subsystem(struct vfio_xen_entry *entry, const char *value)
{
	return parse_ids(value, &entry->identity.subvendor,
			 &entry->identity.subdevice);
}

static int set_serial(struct vfio_xen_entry *entry, const char *value)
{
	return identity_set_serial(&entry->identity, value);
}

static int set_path(struct vfio_xen_entry *entry, const char *value)
{
	if (strncmp(value, "pci", 3) || strlen(value) >= IDENTITY_PATH_SIZE)
		return -EINVAL;
	strcpy(entry->identity.path, value);
	return 0;
}

static int set_unique(struct vfio_xen_entry *entry, const char *value)
{
	entry->unique = !strcmp(value, "yes");
	return entry->unique || !strcmp(value, "no") ? 0 : -EINVAL;
}

#define MAX_VFS 65535 /* the field of SR-IOV has 16 bits */

static int set_vfs(struct vfio_xen_entry *entry, const char *value)
{
	uint64_t nr;

	if (parse_u64(value, &nr) || nr > MAX_VFS)
		return -EINVAL;
	entry->nr_vfs = (int)nr;
	return 0;
}

static const struct key {
	const char *name;
	int (*set)(struct vfio_xen_entry *entry, const char *value);
	const char *expected;
	bool required;
} keys[] = {
	{ "Name", set_name,
	  "letters, digits, \"_\", \"-\" and \".\", not an address", false },
	{ "Address", set_address, "an address such as 0000:05:00.0", true },
	{ "Driver", set_driver,
	  "a VFIO driver's name, such as vfio-xen-pci, or host", true },
	{ "Id", set_id, "vendor and device, such as 8086:10d3", true },
	{ "Subsystem", set_subsystem, "vendor and device, such as 8086:a01f",
	  false },
	{ "Serial", set_serial,
	  "a serial number such as 52-54-00-ff-ff-12-34-56", false },
	{ "Path", set_path, "ports such as pci0000:00/1c.0/00.0", false },
	{ "Unique", set_unique, "yes or no", false },
	{ "VFs", set_vfs, "a number up to 65535", false },
};

/* ---- reading ---- */

/* The file that is being read */
struct reader {
	struct vfio_xen_entry *entry;
	econf_file *econf;
	char **error;
	unsigned int seen; /* one bit for each of keys[] */
};

static int complain(const struct reader *reader, uint64_t line, const char *fmt,
		    ...) check_format(3, 4);

static int complain(const struct reader *reader, uint64_t line, const char *fmt,
		    ...)
{
	autofree char *text = NULL;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len < 0) {
		text = NULL;
		return -ENOMEM;
	}
	if (asprintf(reader->error, "%s:%llu: %s", reader->entry->file,
		     (unsigned long long)line, text) < 0) {
		*reader->error = NULL;
		return -ENOMEM;
	}
	return -EINVAL;
}

static const struct key *key_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(keys[i].name, name))
			return &keys[i];
	return NULL;
}

static int take_value(struct reader *reader, const char *name,
		      const econf_ext_value *value)
{
	const struct key *key = key_find(name);
	const char *text =
		value->values && value->values[0] ? value->values[0] : "";
	int err;

	if (!key)
		return complain(reader, value->line_number,
				"unknown key \"%s\"; see vfio-xen-devices(5)",
				name);
	reader->seen |= 1U << (key - keys);
	/* An indented line continues the line before it. */
	err = value->values && value->values[0] && value->values[1] ?
		      -EINVAL :
		      key->set(reader->entry, text);
	if (key->set == set_address)
		reader->entry->address_line = (unsigned int)value->line_number;
	else if (key->set == set_name)
		reader->entry->name_line = (unsigned int)value->line_number;
	if (err != -EINVAL)
		return err;
	return complain(reader, value->line_number,
			"%s must be %s, and is \"%s\"", name, key->expected,
			text);
}

static int take_key(struct reader *reader, const char *name)
{
	econf_ext_value *value;
	int err;

	if (econf_getExtValue(reader->econf, SECTION, name, &value))
		return complain(reader, 1, "cannot read the key \"%s\"", name);
	err = take_value(reader, name, value);
	econf_freeExtValue(value);
	return err;
}

static int take_keys(struct reader *reader)
{
	char **names = NULL;
	size_t nr = 0;
	int err = 0;

	if (econf_getKeys(reader->econf, SECTION, &nr, &names))
		return complain(reader, 1,
				"the section [" SECTION "] is missing");
	for (size_t i = 0; !err && i < nr; i++)
		err = take_key(reader, names[i]);
	econf_freeArray(names);
	return err;
}

static int check_required(const struct reader *reader)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].required && !(reader->seen & 1U << i))
			return complain(reader, 1, "the key %s is missing",
					keys[i].name);
	return 0;
}

/* The line of a section's first key; NULL: the file's first section. */
static uint64_t find_line(const struct reader *reader, const char *section)
{
	econf_ext_value *value = NULL;
	char **names = NULL;
	uint64_t line = 1;
	size_t nr = 0;

	if (econf_getKeys(reader->econf, section, &nr, &names))
		return line;
	if (nr && !econf_getExtValue(reader->econf, section, names[0], &value))
		line = value->line_number;
	econf_freeExtValue(value);
	econf_freeArray(names);
	return line;
}

/* No other section is allowed. */
static int check_sections(struct reader *reader)
{
	char **names = NULL;
	size_t nr = 0;
	int err = 0;

	if (econf_getGroups(reader->econf, &nr, &names))
		nr = 0;
	for (size_t i = 0; !err && i < nr; i++)
		if (strcmp(names[i], SECTION))
			err = complain(reader, find_line(reader, names[i]),
				       "unknown section [%s]; there is only "
				       "[" SECTION "]",
				       names[i]);
	if (nr)
		econf_freeArray(names);
	if (!err && !econf_getKeys(reader->econf, NULL, &nr, &names)) {
		err = complain(reader, find_line(reader, NULL),
			       "the key \"%s\" is before the section [" SECTION
			       "]",
			       names[0]);
		econf_freeArray(names);
	}
	return err;
}

static int parse_failed(const struct reader *reader, econf_err code)
{
	char *file = NULL;
	uint64_t line = 0;

	econf_errLocation(&file, &line);
	free(file);
	return complain(reader, line, "%s", econf_errString(code));
}

int entry_read(struct vfio_xen_ctx *ctx, const char *file,
	       struct vfio_xen_entry *entry, char **error)
{
	struct reader reader = { .entry = entry, .error = error };
	autofree char *path = file_path(ctx, DEVICES_DIR "/%s", file);
	econf_err code;
	int err;

	*error = NULL;
	*entry = (struct vfio_xen_entry){ .nr_vfs = -1 };
	if (!path || asprintf(&entry->file, DEVICES_DIR "/%s", file) < 0) {
		entry->file = NULL;
		return -ENOMEM;
	}
	code = econf_readFile(&reader.econf, path, "=", "#;");
	if (code)
		return parse_failed(&reader, code);
	err = check_sections(&reader);
	if (!err)
		err = take_keys(&reader);
	if (!err)
		err = check_required(&reader);
	econf_freeFile(reader.econf);
	return err;
}

/* ---- writing ---- */

static void write_keys(FILE *out, const struct vfio_xen_entry *entry)
{
	const struct identity *identity = &entry->identity;
	char address[VFIO_XEN_SBDF_SIZE];

	vfio_xen_sbdf_format(entry->sbdf, address);
	fprintf(out, "# See vfio-xen-devices(5).\n[" SECTION "]\n");
	if (entry->name)
		fprintf(out, "Name=%s\n", entry->name);
	fprintf(out, "Address=%s\nDriver=%s\nId=%04x:%04x\n", address,
		entry->driver, identity->vendor, identity->device);
	if (identity->subvendor)
		fprintf(out, "Subsystem=%04x:%04x\n", identity->subvendor,
			identity->subdevice);
	if (*identity->serial)
		fprintf(out, "Serial=%s\n", identity->serial);
	if (*identity->path)
		fprintf(out, "Path=%s\n", identity->path);
	fprintf(out, "Unique=%s\n", entry->unique ? "yes" : "no");
	if (entry->nr_vfs >= 0)
		fprintf(out, "VFs=%d\n", entry->nr_vfs);
}

static int write_draft(const char *draft, const struct vfio_xen_entry *entry)
{
	FILE *out = fopen(draft, "we");
	int err;

	if (!out)
		return -errno;
	write_keys(out, entry);
	err = fflush(out) || fsync(fileno(out)) ? -EIO : 0;
	return fclose(out) && !err ? -EIO : err;
}

int entry_check_dir(struct vfio_xen_ctx *ctx)
{
	static const char *const dirs[] = { DEVICES_DIR, "/etc/vfio-xen",
					    "/etc" };

	/* The others are created in the first that exists. */
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		autofree char *dir = file_path(ctx, "%s/.", dirs[i]);

		if (!dir)
			return -ENOMEM;
		if (!access(dir, W_OK))
			return 0;
		if (errno != ENOENT)
			return problem_set(ctx, VFIO_XEN_PROBLEM_IO, -errno, 0,
					   dir);
	}
	return 0;
}

int entry_write(struct vfio_xen_ctx *ctx, const struct vfio_xen_entry *entry)
{
	autofree char *path = file_path(ctx, "%s", entry->file);
	autofree char *draft = file_path(ctx, "%s.new", entry->file);
	autofree char *parent = file_path(ctx, "/etc/vfio-xen");
	autofree char *dir = file_path(ctx, DEVICES_DIR);
	int err = 0;

	if (!path || !draft || !parent || !dir)
		return -ENOMEM;
	ctx_step(ctx, "write %s", path);
	if (ctx->dry_run)
		return entry_check_dir(ctx);
	if ((mkdir(parent, 0755) && errno != EEXIST) ||
	    (mkdir(dir, 0755) && errno != EEXIST))
		err = -errno;
	if (!err)
		err = write_draft(draft, entry);
	if (!err && rename(draft, path))
		err = -errno;
	if (!err)
		return 0;
	unlink(draft);
	return problem_set(ctx, VFIO_XEN_PROBLEM_IO, err, entry->sbdf, path);
}

/* ---- what there is to know of one ---- */

const char *vfio_xen_entry_get_file(const struct vfio_xen_entry *entry)
{
	return entry->file;
}

const char *vfio_xen_entry_get_name(const struct vfio_xen_entry *entry)
{
	return entry->name;
}

uint32_t vfio_xen_entry_get_sbdf(const struct vfio_xen_entry *entry)
{
	return entry->sbdf;
}

const char *vfio_xen_entry_get_driver(const struct vfio_xen_entry *entry)
{
	return entry->driver;
}

int vfio_xen_entry_get_nr_vfs(const struct vfio_xen_entry *entry)
{
	return entry->nr_vfs < 0 ? -ENOENT : entry->nr_vfs;
}

unsigned int vfio_xen_entry_get_line(const struct vfio_xen_entry *entry)
{
	return entry->address_line;
}

enum vfio_xen_entry_state
vfio_xen_entry_get_state(const struct vfio_xen_entry *entry)
{
	return entry->state;
}

const char *vfio_xen_entry_get_loss(const struct vfio_xen_entry *entry)
{
	switch (entry->state) {
	case VFIO_XEN_ENTRY_ABSENT:
		return "is not there";
	case VFIO_XEN_ENTRY_CHANGED:
		return "is not there; another device is at its address, and is "
		       "left to the host";
	case VFIO_XEN_ENTRY_AMBIGUOUS:
		return "is not in its place, and another device of its model "
		       "could be it; it is left to the host";
	default:
		return NULL;
	}
}

const struct vfio_xen_device *
vfio_xen_entry_get_device(const struct vfio_xen_entry *entry)
{
	return entry->dev;
}
