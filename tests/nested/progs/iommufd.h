/* SPDX-License-Identifier: GPL-2.0 */
/*
 * iommufd and devices' own character devices as a program sees them: thin, one ioctl
 * a function, 0 or -errno. An iommufd is the fd of a struct container, too: it takes
 * the ioctls of a type1 container for one of its IOASes.
 */
#ifndef TEST_IOMMUFD_H
#define TEST_IOMMUFD_H

#include <stddef.h>
#include <stdint.h>

#include "vfio.h"

int iommufd_open(void);
int iommufd_destroy(int fd, uint32_t id);

int ioas_alloc(int fd, uint32_t *ioas);
/* The one that the ioctls of a container are for. */
int ioas_choose(int fd, uint32_t ioas);
int ioas_chosen(int fd, uint32_t *ioas);
int ioas_map(int fd, uint32_t ioas, void *va, uint64_t iova, uint64_t size, uint32_t flags);
/* The memory of a file; -ENOTTY where iommufd does not do that (before Linux 6.13). */
int ioas_map_file(int fd, uint32_t ioas, int file, uint64_t start, uint64_t iova, uint64_t size,
		  uint32_t flags);
int ioas_copy(int fd, uint32_t to, uint64_t to_iova, uint32_t from, uint64_t from_iova,
	      uint64_t size);
int ioas_unmap(int fd, uint32_t ioas, uint64_t iova, uint64_t size);
/* Up to max usable ranges in ascending order; their number or -errno. */
int ioas_ranges(int fd, uint32_t ioas, struct iova_range *r, int max);

/* From an IOAS, or another page table for what nests in it. */
int hwpt_alloc(int fd, uint32_t dev, uint32_t parent, uint32_t flags, uint32_t data_type,
	       const void *data, uint32_t size, uint32_t *hwpt);
int hw_info(int fd, uint32_t dev, uint32_t *type, void *data, uint32_t size);

/* The device's own character device. */
int cdev_path(const char *sbdf, char *path, size_t size);
/* Opens it, which is of no use before it is bound. */
int cdev_open(struct device *d, const char *sbdf);
/* dev names it in the iommufd. */
int cdev_bind(struct device *d, int fd, uint32_t *dev);
/* To an IOAS or a page table; from the one it has, if it has one. */
int cdev_attach(struct device *d, uint32_t to);
int cdev_detach(struct device *d);

#endif
