/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VFIO groups and type1 containers as a program sees them: thin, one ioctl a
 * function, 0 or -errno, so that a test can ask for wrong things as well.
 *
 * With RIG_VFIO=iommufd in the environment containers are iommufds, which take the
 * same ioctls. With RIG_VFIO=cdev, groups are not used either: devices are opened by
 * their own character devices.
 */
#ifndef TEST_VFIO_H
#define TEST_VFIO_H

#include <linux/vfio.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define RW (VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)

struct container {
	int fd;
};

struct group {
	int fd;				/* -1 with cdev */
	struct container *container;
	int id;
	char sbdf[16];
};

struct device {
	int fd;
	char sbdf[16];
	uint64_t config;		/* offset of configuration space in fd */
};

struct iova_range {
	uint64_t start, last;
};

struct bar_range {
	uint64_t offset, length;
};

/* Whether this is the interface that RIG_VFIO asks for: type1, iommufd or cdev. */
bool vfio_is(const char *interface);
/* Lets a user, and its group, open the device. */
int vfio_give(const char *sbdf, uid_t user);

int container_open(struct container *c);
int container_set_type(struct container *c, unsigned int type);
int container_map(struct container *c, void *va, uint64_t iova, uint64_t size, uint32_t flags);
/* unmapped may be NULL; it is what the kernel says was unmapped. */
int container_unmap(struct container *c, uint64_t iova, uint64_t size, uint32_t flags,
		    uint64_t *unmapped);
/* Up to max usable ranges in ascending order; their number or -errno. */
int container_iova_ranges(struct container *c, struct iova_range *r, int max);
void container_close(struct container *c);

int group_open(struct group *g, const char *sbdf);
bool group_viable(struct group *g);
int group_join(struct group *g, struct container *c);
int group_leave(struct group *g);
void group_close(struct group *g);

int device_open(struct device *d, struct group *g, const char *sbdf);
/* Once it is open: finds its configuration space. */
int device_find_config(struct device *d);
/* The same with a VF token (a UUID), or NULL. */
int device_open_token(struct device *d, struct group *g, const char *sbdf, const char *token);
/* Whoever opens a virtual function of it has to know the token. */
int device_set_token(struct device *d, const char *token);
/* Maps a BAR; NULL if it can't be mapped. */
void *device_map_bar(struct device *d, unsigned int bar, uint64_t *size);
int device_config_read(struct device *d, uint16_t offset, void *p, uint16_t n);
int device_config_write(struct device *d, uint16_t offset, const void *p, uint16_t n);
int device_bus_master(struct device *d, bool on);
int device_memory_decode(struct device *d, bool on);
int device_reset(struct device *d);
/* Where the MSI-X table starts; false if there is none. */
bool device_find_table(struct device *d, unsigned int *bar, uint64_t *offset);
/* A dma-buf of up to two ranges; -ENOTTY where VFIO makes none (before Linux 6.19). */
int device_export_bar(struct device *d, unsigned int bar, const struct bar_range *r, uint32_t nr);
/* Lets other devices reach a part of a BAR at an iova; through cdev, as a dma-buf. */
int device_share_bar(struct device *d, struct container *c, unsigned int bar, uint64_t offset,
		     uint64_t iova, uint64_t size);
void device_close(struct device *d);

#endif
