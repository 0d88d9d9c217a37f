// SPDX-License-Identifier: GPL-2.0-only
/*
 * A locked file ensures one vfio-xen-dm per guest.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lock.h"

#define TIMEOUT_S 3

static int wait_for_lock(int fd)
{
	for (unsigned int i = 0; i < TIMEOUT_S * 20; i++) {
		if (!flock(fd, LOCK_EX | LOCK_NB))
			return 0;
		usleep(50000);
	}
	return -EBUSY;
}

static void lock_path(const char *run_dir, const char *guest,
		      char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s.lock", run_dir, guest);
}

/* The last holder may have removed the file meanwhile. */
static bool is_still_at(int fd, const char *path)
{
	struct stat held, there;

	return !fstat(fd, &held) && !stat(path, &there) &&
	       held.st_dev == there.st_dev && held.st_ino == there.st_ino;
}

int lock_take(const char *run_dir, const char *guest)
{
	char path[PATH_MAX];
	int fd;

	if (mkdir(run_dir, 0755) && errno != EEXIST)
		return -errno;
	lock_path(run_dir, guest, path);
	for (;;) {
		/* The descriptor is never closed: the lock ends with the process. */
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0)
			return -errno;
		if (wait_for_lock(fd)) {
			close(fd);
			return -EBUSY;
		}
		if (is_still_at(fd, path))
			return 0;
		close(fd);
	}
}

void lock_remove(const char *run_dir, const char *guest)
{
	char path[PATH_MAX];

	lock_path(run_dir, guest, path);
	unlink(path);
}
