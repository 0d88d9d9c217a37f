// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory for DMA: an unnamed file in a hugetlbfs. In a PV dom0 this is the
 * hugetlbfs of xen-dma-memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "vfio-xen.h"

#define BLOCK ((size_t)2 << 20)

static size_t in_blocks(size_t size)
{
	return (size + BLOCK - 1) & ~(BLOCK - 1);
}

static int open_in(const struct mntent *mount)
{
	struct statfs fs;
	int fd;

	if (strcmp(mount->mnt_type, "hugetlbfs") != 0 ||
	    statfs(mount->mnt_dir, &fs) || (size_t)fs.f_bsize != BLOCK)
		return -ENODEV;
	fd = open(mount->mnt_dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return fd < 0 ? -errno : fd;
}

/* Creates a file in the first mount that permits it. */
static int open_file(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	int fd = -ENODEV;

	if (!mounts)
		return -errno;
	while (fd < 0) {
		const struct mntent *mount = getmntent(mounts);
		int ret;

		if (!mount)
			break;
		ret = open_in(mount);
		/* Keep a refusal: it says more than "no hugetlbfs". */
		if (ret != -ENODEV)
			fd = ret;
	}
	endmntent(mounts);
	return fd;
}

int vfio_xen_memory_alloc(size_t size, void **memory)
{
	void *va;
	int fd, ret = 0;

	size = in_blocks(size);
	if (!size)
		return -EINVAL;
	fd = open_file();
	if (fd < 0)
		return fd;
	va = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
		  fd, 0);
	if (va == MAP_FAILED)
		ret = -errno;
	else
		*memory = va;
	close(fd);
	return ret;
}

void vfio_xen_memory_free(void *memory, size_t size)
{
	if (memory)
		munmap(memory, in_blocks(size));
}
