// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log of dom0's kernel, from /dev/kmsg. Each read there returns one record:
 *
 *	6,1234,5678901,-;text of the message
 *	 SUBSYSTEM=pci
 *
 * with the time in microseconds as the third number.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* The size of the kernel's longest record */
#define RECORD_SIZE 8192

/*
 * Prints a line of a record. A line that begins with a blank belongs to the message
 * before.
 */
static void print_line(FILE *out, char *line)
{
	char *text = strchr(line, ';');
	unsigned long long us;

	if (*line == ' ' || !text || sscanf(line, "%*u,%*u,%llu", &us) != 1)
		return;
	fprintf(out, "[%5llu.%06llu] %s\n", us / 1000000, us % 1000000,
		text + 1);
}

static void print_lines(FILE *out, char *records)
{
	char *save;

	for (char *line = strtok_r(records, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		print_line(out, line);
}

/* EPIPE: records were overwritten, and the next read continues with the oldest. */
static int read_records(int fd, FILE *records)
{
	char record[RECORD_SIZE];

	for (;;) {
		ssize_t len = read(fd, record, sizeof(record));

		if (len > 0)
			fwrite(record, 1, (size_t)len, records);
		else if (!len || errno == EAGAIN)
			return 0;
		else if (errno != EPIPE && errno != EINTR)
			return -errno;
	}
}

static int read_all(int fd, char **text)
{
	size_t size, text_size;
	autofree char *records = NULL;
	FILE *file = open_memstream(&records, &size);
	int err;

	if (!file)
		return -ENOMEM;
	err = read_records(fd, file);
	if (fclose(file))
		return -ENOMEM;
	if (err)
		return err;
	file = open_memstream(text, &text_size);
	if (!file)
		return -ENOMEM;
	print_lines(file, records);
	return fclose(file) ? -ENOMEM : 0;
}

int vfio_xen_read_kernel_log(struct vfio_xen_ctx *ctx, char **text)
{
	autofree char *path = file_path(ctx, "/dev/kmsg");
	int fd, err;

	problem_clear(ctx);
	if (!path)
		return -ENOMEM;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = read_all(fd, text);
	close(fd);
	return err;
}
