/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the files of libvfio-xen, and hidden from its users.
 *
 * Calls point down only: tests/unit/layers declares the order of the files.
 */
#ifndef VFIO_XEN_INTERNAL_H
#define VFIO_XEN_INTERNAL_H

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "vfio-xen.h"

/* The longest name of a file, and so of a driver, with its NUL */
#define NAME_SIZE (NAME_MAX + 1)
#define PAGE_BYTES 4096

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define check_format(fmt, args) __attribute__((format(printf, fmt, args)))

static inline void autofree_release(void *where)
{
	free(*(void **)where);
}

#define autofree __attribute__((cleanup(autofree_release)))

struct json_object;
struct libpci;
struct names;
struct xen;

struct vfio_xen_problem {
	enum vfio_xen_problem_kind kind;
	int err;
	uint32_t sbdf;
	uint32_t other;
	int id;
	char *detail;
	char *step; /* of a refused request */
	char *hint;
};

/*
 * Devices are sorted by address, groups by number. dry_run is set during one
 * bind or unbind; writing attributes and loading modules obey it.
 */
struct vfio_xen_ctx {
	char *root;
	vfio_xen_log_fn log_fn;
	void *log_data;
	const struct vfio_xen_ops *ops;
	void *ops_data;
	bool dry_run;
	struct vfio_xen_problem problem;
	struct vfio_xen_device **devices;
	size_t nr_devices;
	struct vfio_xen_group **groups;
	size_t nr_groups;
	struct xen *xen;
	struct libpci *names; /* NULL until the first query for names */
};

/* The interrupts of a device that VFIO has requested */
struct irq {
	uint32_t sbdf;
	enum vfio_xen_irq_kind kind;
	enum vfio_xen_irq_notification notification;
	int nr_vectors;
	uint64_t count;
	bool shared;
};

struct vfio_xen_group {
	struct vfio_xen_ctx *ctx;
	size_t index;
	int number;
};

/* A vector of a device, 0 for INTx, and how often it has fired */
struct irq_vector {
	uint32_t sbdf;
	unsigned int number;
	uint64_t count;
};

struct vfio_xen_device {
	struct vfio_xen_ctx *ctx;
	size_t index;
	uint32_t sbdf;
	char address[VFIO_XEN_SBDF_SIZE];
	uint16_t vendor_id;
	uint16_t device_id;
	uint16_t class;
	int group_number; /* -1: none */
	const struct vfio_xen_group *group;
	struct names *names;
	char *driver;
	bool has_vfio_dev; /* its driver registered it with VFIO */
	char *former_driver;
	char *reset_method;
	enum vfio_xen_owner owner;
	int owner_domid;
	int bars_exposed_to; /* -ENOENT: none */
	bool return_pending;
	int vectors_used; /* by vfio-xen-iommu; -ENOENT: unknown */
	int vectors_mapped;
	struct irq irq;
	struct irq_vector *vectors; /* that notify somebody in dom0 */
	size_t nr_vectors;
};

/* problem.c */
void ctx_step(struct vfio_xen_ctx *ctx, const char *fmt, ...)
	check_format(2, 3);
void ctx_note(struct vfio_xen_ctx *ctx, const char *fmt, ...)
	check_format(2, 3);
void problem_clear(struct vfio_xen_ctx *ctx);
/*
 * Record why a call fails. The first problem of a call is kept; a failure of
 * the clean-up after it is only logged. All return err, so that they can be the
 * last statement.
 */
int problem_set(struct vfio_xen_ctx *ctx, enum vfio_xen_problem_kind kind,
		int err, uint32_t sbdf, const char *detail);
int problem_set_other(struct vfio_xen_ctx *ctx, uint32_t sbdf, uint32_t other,
		      const char *driver);
int problem_set_id(struct vfio_xen_ctx *ctx, enum vfio_xen_problem_kind kind,
		   int err, uint32_t sbdf, int id, const char *detail);
/*
 * vfio-xen-dm refused a request: "cannot @step: @cause; @hint". @hint may be
 * NULL.
 */
int problem_set_refused(struct vfio_xen_ctx *ctx, int err, const char *step,
			const char *cause, const char *hint);

/* files.c: paths are below the context's root */
char *file_path(struct vfio_xen_ctx *ctx, const char *fmt, ...)
	check_format(2, 3);
bool file_exists(struct vfio_xen_ctx *ctx, const char *fmt, ...)
	check_format(2, 3);
/* Reads the first line without its newline. Returns 0 or -errno. */
int file_read_line(struct vfio_xen_ctx *ctx, char *line, size_t size,
		   const char *fmt, ...) check_format(4, 5);
/*
 * The number of lines that contain a text, newlines included; 0 if the file is
 * missing.
 */
size_t file_count_lines(struct vfio_xen_ctx *ctx, const char *text,
			const char *fmt, ...) check_format(3, 4);
/*
 * The target of a link, and the last part of it; NULL if the link is
 * unreadable.
 */
char *file_link(struct vfio_xen_ctx *ctx, const char *fmt, ...)
	check_format(2, 3);
char *file_link_name(struct vfio_xen_ctx *ctx, const char *fmt, ...)
	check_format(2, 3);
/* Changes an attribute through the ops of the context. */
int file_write(struct vfio_xen_ctx *ctx, const char *value, const char *fmt,
	       ...) check_format(3, 4);
FILE *file_open(struct vfio_xen_ctx *ctx, const char *fmt, ...)
	check_format(2, 3);
int parse_u64(const char *text, uint64_t *value);

/* program.c: the exit status, or -errno */
int program_run(struct vfio_xen_ctx *ctx, char *const argv[]);

/* initramfs.c: how to rebuild the initramfs: "run update-initramfs -u -k all" */
const char *initramfs_advice(struct vfio_xen_ctx *ctx);

/*
 * dm.c: connects to the vfio-xen-dm of a guest. Returns a descriptor, -ENOENT
 * if none is running and @start is false, or -errno.
 */
int dm_connect(struct vfio_xen_ctx *ctx, const char *uuid, bool start);

/* ask.c: one question to the vfio-xen-dm of a guest */
struct dm_question {
	const char *uuid;
	bool start; /* start a process if none is running */
	struct json_object *object; /* the forms are in vfio-xen-dm(8) */
	int timeout_ms;
	int cancel_fd; /* readable: cancel the request; -1: never */
};

/*
 * Sends the question, and once more if the process ends before it replies. The
 * caller releases the reply, which can be a refusal; it is NULL after a
 * failure. Returns 0, -ENOENT if no process is running, or -errno.
 */
int dm_ask(struct vfio_xen_ctx *ctx, const struct dm_question *question,
	   struct json_object **reply);
/* A member as text; NULL if it is missing or null */
const char *reply_text(struct json_object *object, const char *key);
/* A member as a number */
int reply_number(struct json_object *object, const char *key, int missing);

/* request.c: the result in a reply: 0, or -errno with the problem set */
int reply_check(struct vfio_xen_ctx *ctx, struct json_object *reply);

/* module.c: 0 or -errno; -ENOENT if there is no such module */
int module_load(struct vfio_xen_ctx *ctx, const char *name);
/* Whether a bool parameter of a loaded module is set */
bool module_parameter_is_set(struct vfio_xen_ctx *ctx, const char *module,
			     const char *parameter);
/*
 * Whether modprobe.d sets it for the next load; @module is spelled with
 * underscores
 */
bool module_option_is_set(struct vfio_xen_ctx *ctx, const char *module,
			  const char *option);

/* device.c */
void device_free(struct vfio_xen_device *dev);
void devices_free(struct vfio_xen_ctx *ctx);
void device_refresh_driver(struct vfio_xen_device *dev);
/* Whether the device is bound to a VFIO driver, of whatever name */
bool device_has_vfio_driver(const struct vfio_xen_device *dev);
/* Whether its driver does no DMA itself, so that VFIO can open the group */
bool device_shares_group(const struct vfio_xen_device *dev);

/* identity.c: the identity of a device, independent of its address */
#define IDENTITY_SERIAL_SIZE 24
#define IDENTITY_PATH_SIZE 256

struct identity {
	uint16_t vendor;
	uint16_t device;
	uint16_t subvendor; /* 0: none or unknown */
	uint16_t subdevice;
	char serial[IDENTITY_SERIAL_SIZE]; /* "": none or unknown */
	char path[IDENTITY_PATH_SIZE]; /* "": unknown */
};

/* Read all but the serial number; read the serial number */
void identity_read(const struct vfio_xen_device *dev,
		   struct identity *identity);
void identity_read_serial(const struct vfio_xen_device *dev,
			  struct identity *identity);
/* -EINVAL: malformed. A number of zeros or of ones only is stored as none. */
int identity_set_serial(struct identity *identity, const char *serial);
/*
 * Whether another device alike has the same serial number. The functions of a card share
 * theirs: only devices with the same function number count.
 */
bool identity_has_twin(const struct vfio_xen_device *dev,
		       const struct identity *identity);
/* Whether both are of the same model */
bool identity_is_alike(const struct identity *a, const struct identity *b);
/* Whether both are of the same model, and no serial number tells them apart */
bool identity_is_same(const struct identity *a, const struct identity *b);

/* entry.c: one file of /etc/vfio-xen/devices.d */
#define DEVICES_DIR "/etc/vfio-xen/devices.d"

struct vfio_xen_entry {
	char *file; /* without the context's root */
	char *name; /* NULL: none */
	uint32_t sbdf; /* where it was remembered */
	unsigned int name_line; /* of the file */
	unsigned int address_line;
	char *driver;
	struct identity identity;
	bool unique; /* it was the only device of its model */
	int nr_vfs; /* -1: leave the number */
	enum vfio_xen_entry_state state;
	const struct vfio_xen_device *dev; /* NULL: absent, changed, ambiguous */
};

/*
 * Reads @file, a name in devices.d, into @entry. Returns 0, -ENOMEM, or -EINVAL
 * with "FILE:LINE: TEXT" in *error, which the caller frees.
 */
int entry_read(struct vfio_xen_ctx *ctx, const char *file,
	       struct vfio_xen_entry *entry, char **error);
/* Whether files can be written and removed where they belong */
int entry_check_dir(struct vfio_xen_ctx *ctx);
/* Writes the entry to its file, which appears complete. */
int entry_write(struct vfio_xen_ctx *ctx, const struct vfio_xen_entry *entry);
void entry_release(struct vfio_xen_entry *entry);
/* Whether the device stays with its host driver */
bool entry_is_of_host(const struct vfio_xen_entry *entry);

/*
 * match.c: finds the devices of the entries, and the entries' states; returns 0
 * or -errno
 */
int match_entries(struct vfio_xen_ctx *ctx, struct vfio_xen_entry *entries,
		  size_t nr_entries);

/* names.c */
struct names *names_new(void);
void names_free(struct names *names);

/* group.c */
int groups_build(struct vfio_xen_ctx *ctx);
void groups_free(struct vfio_xen_ctx *ctx);

/* bind_record.c */
struct bind_record {
	char driver[NAME_SIZE]; /* "": had none */
	char driver_override[NAME_SIZE]; /* "": not set */
	char bound[NAME_SIZE]; /* the VFIO driver */
};

int bind_record_read(struct vfio_xen_device *dev, struct bind_record *record);
int bind_record_write(struct vfio_xen_device *dev,
		      const struct bind_record *record);
void bind_record_remove(struct vfio_xen_device *dev);
/* Returns a descriptor that holds the lock until it is closed, or -errno. */
int bind_record_lock(struct vfio_xen_ctx *ctx);

/* driver_kind.c */
bool driver_is_vfio(const char *driver);
bool driver_leaves_dma(const char *driver);

/* driver.c */
int driver_require(struct vfio_xen_ctx *ctx, const char *driver);
int driver_get_override(struct vfio_xen_device *dev, char override[NAME_SIZE]);
int driver_set_override(struct vfio_xen_device *dev, const char *driver);
int driver_attach(struct vfio_xen_device *dev, const char *driver);
int driver_detach(struct vfio_xen_device *dev);
int driver_probe(struct vfio_xen_device *dev);

/* inuse.c */
int inuse_check(struct vfio_xen_device *dev);

/* holder.c */
int holder_check(struct vfio_xen_device *dev);

/* check.c: the devices that a call works on */
struct device_set {
	struct vfio_xen_device **devs;
	size_t nr;
};

int set_build(struct vfio_xen_ctx *ctx, struct device_set *set,
	      const uint32_t *sbdfs, size_t nr_sbdfs, unsigned int flags);
int set_check_bind(const struct device_set *set, const char *driver,
		   unsigned int flags);
int set_check_unbind(const struct device_set *set, unsigned int flags);

/* irq.c: VFIO's interrupts in /proc/interrupts; returns 0 or -errno */
struct irqs;

int irqs_new(struct vfio_xen_ctx *ctx, struct irqs **irqs);
void irqs_free(struct irqs *irqs);
/* Fills in the interrupts of a device. @irqs may be NULL if unknown. */
int irqs_get(const struct irqs *irqs, struct vfio_xen_device *dev);

/* guest.c */
struct vfio_xen_guest {
	int domid;
	enum vfio_xen_guest_kind kind;
	bool ended; /* only its remains exist */
	char uuid[37];
	char *name;
};

/*
 * Whether a domain is a guest that has not ended; true if Xen cannot be asked
 */
bool guest_may_run(struct vfio_xen_ctx *ctx, int domid);

/* host.c */
bool host_is_xen(struct vfio_xen_ctx *ctx);
bool host_is_dom0(struct vfio_xen_ctx *ctx);
/* "4.20.1", which the caller frees; NULL on a host without Xen */
char *host_read_xen_version(struct vfio_xen_ctx *ctx);

/*
 * xen.c, or no-xen.c in a build without libxenctrl: all can fail with -ENODEV
 */
void xen_close(struct xen *xen);
int xen_get_free_bytes(struct vfio_xen_ctx *ctx, uint64_t *bytes);
int xen_get_pool_bytes(struct vfio_xen_ctx *ctx, int domid, uint64_t *bytes);
/* NULL if there is none; the caller frees it. */
char *xen_get_domid_name(struct vfio_xen_ctx *ctx, int domid);
/*
 * All domains except dom0, shell domains included. The caller frees the array
 * and the names in it.
 */
int xen_get_guests(struct vfio_xen_ctx *ctx, struct vfio_xen_guest **guests,
		   size_t *nr_guests);
/* Whether Xen uses an IOMMU: 1 or 0. */
int xen_has_iommu(struct vfio_xen_ctx *ctx);
/*
 * What Xen has logged since *index, or all that is left if that is gone; *size and
 * *index become what has been read and where that ends.
 */
int xen_read_ring(struct vfio_xen_ctx *ctx, char *buffer, unsigned int *size,
		  uint32_t *index);
/* Xen's command line; the caller frees it. */
int xen_read_command_line(struct vfio_xen_ctx *ctx, char **text);
/* The guest that libxl assigned a device to, or -errno */
int xen_get_pci_domid(struct vfio_xen_ctx *ctx, uint32_t sbdf);

#endif
