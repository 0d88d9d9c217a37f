// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of sysfs, procfs, debugfs, /run and /dev, below the context's root.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

static char *vfile_path(struct vfio_xen_ctx *ctx, const char *fmt, va_list args)
	check_format(2, 0);

static char *vfile_path(struct vfio_xen_ctx *ctx, const char *fmt, va_list args)
{
	autofree char *tail = NULL;
	char *path;

	if (vasprintf(&tail, fmt, args) < 0) {
		tail = NULL;
		return NULL;
	}
	return asprintf(&path, "%s%s", ctx->root, tail) < 0 ? NULL : path;
}

/* Formats a path. Returns NULL if memory is out. */
#define format_path(ctx, fmt)                        \
	({                                           \
		va_list args_;                       \
		char *path_;                         \
		va_start(args_, fmt);                \
		path_ = vfile_path(ctx, fmt, args_); \
		va_end(args_);                       \
		path_;                               \
	})

char *file_path(struct vfio_xen_ctx *ctx, const char *fmt, ...)
{
	return format_path(ctx, fmt);
}

bool file_exists(struct vfio_xen_ctx *ctx, const char *fmt, ...)
{
	autofree char *path = format_path(ctx, fmt);

	return path && access(path, F_OK) == 0;
}

FILE *file_open(struct vfio_xen_ctx *ctx, const char *fmt, ...)
{
	autofree char *path = format_path(ctx, fmt);

	if (!path) {
		errno = ENOMEM;
		return NULL;
	}
	return fopen(path, "re");
}

size_t file_count_lines(struct vfio_xen_ctx *ctx, const char *text,
			const char *fmt, ...)
{
	autofree char *path = format_path(ctx, fmt);
	FILE *file = path ? fopen(path, "re") : NULL;
	char *line = NULL;
	size_t size = 0, nr = 0;

	if (!file)
		return 0;
	while (getline(&line, &size, file) >= 0)
		nr += strstr(line, text) != NULL;
	free(line);
	fclose(file);
	return nr;
}

int file_read_line(struct vfio_xen_ctx *ctx, char *line, size_t size,
		   const char *fmt, ...)
{
	autofree char *path = format_path(ctx, fmt);
	FILE *file;
	int err = 0;

	if (!path)
		return -ENOMEM;
	file = fopen(path, "re");
	if (!file)
		return -errno;
	if (!fgets(line, (int)size, file)) {
		err = ferror(file) ? -EIO : 0;
		line[0] = '\0';
	}
	line[strcspn(line, "\n")] = '\0';
	fclose(file);
	return err;
}

/* The target of the link @path; NULL if it is no link, or if memory is out. */
static char *read_link(const char *path)
{
	char target[PATH_MAX];
	ssize_t len = path ? readlink(path, target, sizeof(target) - 1) : -1;

	if (len < 0)
		return NULL;
	target[len] = '\0';
	return strdup(target);
}

char *file_link(struct vfio_xen_ctx *ctx, const char *fmt, ...)
{
	autofree char *path = format_path(ctx, fmt);

	return read_link(path);
}

char *file_link_name(struct vfio_xen_ctx *ctx, const char *fmt, ...)
{
	autofree char *path = format_path(ctx, fmt);
	autofree char *target = read_link(path);

	return target ? strdup(basename(target)) : NULL;
}

/* Writes with one call: sysfs needs the value of an attribute in one piece. */
static int write_once(const char *path, const char *value)
{
	size_t len = strlen(value);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t done;
	int err = 0;

	if (fd < 0)
		return -errno;
	done = write(fd, value, len);
	if (done < 0)
		err = -errno;
	else if ((size_t)done != len)
		err = -EIO;
	close(fd);
	return err;
}

int file_write(struct vfio_xen_ctx *ctx, const char *value, const char *fmt,
	       ...)
{
	autofree char *path = format_path(ctx, fmt);

	if (!path)
		return -ENOMEM;
	ctx_step(ctx, "write %s to %s", *value == '\n' ? "nothing" : value,
		 path);
	if (ctx->dry_run)
		return 0;
	return ctx->ops ? ctx->ops->write(ctx->ops_data, path, value) :
			  write_once(path, value);
}

int parse_u64(const char *text, uint64_t *value)
{
	unsigned long long number;
	char *end;

	/* strtoull() also accepts blanks, signs and an empty string. */
	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno)
		return -errno;
	if (*end)
		return -EINVAL;
	*value = number;
	return 0;
}
