/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A host for tests: a directory with /sys, /proc and /run in it, and a
 * simulation of what the kernel does when a program writes to sysfs.
 */
#ifndef FAKE_HOST_H
#define FAKE_HOST_H

#include <stdbool.h>

#include "vfio-xen.h"

#define FAKE_PATH_SIZE 512

struct fake_host {
	char root[64];
	struct vfio_xen_ctx *ctx;
	int nr_writes;
	int fail_at; /* the write that fails, counted from 1; 0: none */
	const char *refuses; /* the driver whose probe fails */
	const char *
		module; /* the only module that can be loaded, maybe an alias */
	const char
		*probes; /* the device that a loaded driver looks at, or NULL */
	const char *brings; /* the driver in it; NULL: of the same name */
	/* Called where a file sriov_... of a device would be written. */
	int (*set_vfs)(struct fake_host *host, const char *sbdf,
		       const char *file, const char *value);
	/* Called where a program would be run, with its command line. */
	int (*run)(struct fake_host *host, const char *line);
};

/* A domain for fake-xen.c. */
struct fake_guest {
	int domid;
	enum vfio_xen_guest_kind kind;
	bool ended;
	const char *uuid;
	const char *name;
};

/* The last one has no UUID; NULL: this is not Xen. */
extern const struct fake_guest *fake_guests;
/* Whether Xen has one, or -errno. */
extern int fake_xen_iommu;
/* NULL: they cannot be read. */
extern const char *fake_xen_log;
/* How many characters were logged before these */
extern uint32_t fake_xen_log_first;
/* Called before each read of it, or NULL */
extern void (*fake_xen_log_read)(void);
extern const char *fake_xen_command_line;

struct fake_device {
	const char *sbdf;
	unsigned int class;
	int group; /* -1: none */
	const char *native; /* the driver that matches it, NULL: none */
	const char *driver; /* the driver it is bound to, NULL: none */
};

/* An empty host with the driver vfio-pci, and a context for it. */
void fake_host_init(struct fake_host *host);
void fake_host_release(struct fake_host *host);

void fake_file(struct fake_host *host, const char *text, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void fake_bytes(struct fake_host *host, const void *bytes, size_t size,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void fake_link(struct fake_host *host, const char *target, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void fake_dir(struct fake_host *host, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
bool fake_exists(struct fake_host *host, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The host is the PV dom0 of Xen 4.@minor@extra. */
void fake_xen(struct fake_host *host, unsigned int minor, const char *extra);
void fake_driver(struct fake_host *host, const char *driver);
void fake_device(struct fake_host *host, const struct fake_device *dev);

/* Fail the test unless the device has this driver (NULL: none). */
void assert_driver(struct fake_host *host, const char *sbdf,
		   const char *driver);
void assert_override(struct fake_host *host, const char *sbdf,
		     const char *override);
uint32_t make_sbdf(const char *text);

#endif
