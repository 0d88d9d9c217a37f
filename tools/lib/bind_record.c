// SPDX-License-Identifier: GPL-2.0-only
/*
 * /run/vfio-xen: the state of each device before it was bound, and the lock
 * that keeps two processes from changing devices at once.
 *
 * A record is a file of "key=value" lines, named by the device's address. It
 * appears complete (by rename) before the device is touched and is removed
 * after the device is back, so any process that finds one can finish the job.
 * It contains the device's IDs: a record of another device at the same address
 * is ignored.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

#define RUN_DIR "/run/vfio-xen"
#define RECORD_DIR RUN_DIR "/devices"

static void copy_value(char value[NAME_SIZE], const char *from)
{
	snprintf(value, NAME_SIZE, "%s", from);
}

/*
 * A newer version wrote unknown keys. Returns false for another device's
 * record.
 */
static bool parse_line(struct vfio_xen_device *dev, struct bind_record *record,
		       char *line)
{
	char id[10], *value = strchr(line, '=');

	if (!value)
		return true;
	*value++ = '\0';
	value[strcspn(value, "\n")] = '\0';
	snprintf(id, sizeof(id), "%04x:%04x", dev->vendor_id, dev->device_id);
	if (!strcmp(line, "id"))
		return !strcmp(value, id);
	if (!strcmp(line, "driver"))
		copy_value(record->driver, value);
	else if (!strcmp(line, "driver_override"))
		copy_value(record->driver_override, value);
	else if (!strcmp(line, "bound"))
		copy_value(record->bound, value);
	return true;
}

int bind_record_read(struct vfio_xen_device *dev, struct bind_record *record)
{
	FILE *file = file_open(dev->ctx, RECORD_DIR "/%s", dev->address);
	bool same = true;
	char *line = NULL;
	size_t size = 0;

	*record = (struct bind_record){ 0 };
	if (!file)
		return -errno;
	while (same && getline(&line, &size, file) >= 0)
		same = parse_line(dev, record, line);
	free(line);
	fclose(file);
	if (same)
		return 0;
	*record = (struct bind_record){ 0 };
	return -ENOENT;
}

static int make_dir(struct vfio_xen_ctx *ctx, const char *tail)
{
	autofree char *path = file_path(ctx, "%s", tail);

	if (!path)
		return -ENOMEM;
	if (mkdir(path, 0755) && errno != EEXIST)
		return problem_set(ctx, VFIO_XEN_PROBLEM_IO, -errno, 0, path);
	return 0;
}

static int write_file(struct vfio_xen_device *dev,
		      const struct bind_record *record, const char *path)
{
	FILE *file = fopen(path, "we");
	bool bad;

	if (!file)
		return -errno;
	fprintf(file, "id=%04x:%04x\n", dev->vendor_id, dev->device_id);
	fprintf(file, "driver=%s\n", record->driver);
	fprintf(file, "driver_override=%s\n", record->driver_override);
	fprintf(file, "bound=%s\n", record->bound);
	bad = ferror(file);
	return fclose(file) || bad ? -EIO : 0;
}

int bind_record_write(struct vfio_xen_device *dev,
		      const struct bind_record *record)
{
	struct vfio_xen_ctx *ctx = dev->ctx;
	autofree char *path = file_path(ctx, RECORD_DIR "/%s", dev->address);
	autofree char *draft = file_path(ctx, RUN_DIR "/draft");
	int err;

	if (!path || !draft)
		return -ENOMEM;
	ctx_step(ctx, "record in %s that %s had driver %s", path, dev->address,
		 *record->driver ? record->driver : "none");
	if (ctx->dry_run)
		return 0;
	err = make_dir(ctx, RECORD_DIR);
	if (err)
		return err;
	err = write_file(dev, record, draft);
	if (!err && rename(draft, path))
		err = -errno;
	if (err)
		return problem_set(ctx, VFIO_XEN_PROBLEM_IO, err, dev->sbdf,
				   path);
	return 0;
}

void bind_record_remove(struct vfio_xen_device *dev)
{
	struct vfio_xen_ctx *ctx = dev->ctx;
	autofree char *path = file_path(ctx, RECORD_DIR "/%s", dev->address);

	if (!path || access(path, F_OK))
		return;
	ctx_step(ctx, "remove %s", path);
	if (!ctx->dry_run)
		unlink(path);
}

static int wait_for_lock(struct vfio_xen_ctx *ctx, int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return -errno;
	ctx_note(ctx, "waiting for another process that changes devices");
	return flock(fd, LOCK_EX) ? -errno : 0;
}

int bind_record_lock(struct vfio_xen_ctx *ctx)
{
	autofree char *path = file_path(ctx, RUN_DIR "/lock");
	int fd, err;

	if (!path)
		return -ENOMEM;
	err = make_dir(ctx, RUN_DIR);
	if (err)
		return err;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return problem_set(ctx, VFIO_XEN_PROBLEM_IO, -errno, 0, path);
	err = wait_for_lock(ctx, fd);
	if (err) {
		close(fd);
		return problem_set(ctx, VFIO_XEN_PROBLEM_IO, err, 0, path);
	}
	return fd;
}
