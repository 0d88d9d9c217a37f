/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * DOC: libvfio-xen - PCI devices, their IOMMU groups and their owners on a Xen host
 *
 * Contracts of all functions here; libvfio-xen(3) has them in full:
 *
 * Errors: nothing is printed. Functions that return int return 0 or a negative errno,
 * unless they say otherwise. vfio_xen_get_problem() returns why the last call on a
 * context failed, and vfio_xen_explain() puts it into words. The log function gets each
 * step. Do not rely on errno.
 *
 * Ownership: objects and strings belong to the library, unless the caller is told to
 * free them. A string lives as long as the object that returned it. Devices and groups
 * live until the next vfio_xen_scan(), vfio_xen_bind(), vfio_xen_unbind(),
 * vfio_xen_set_vfs() or vfio_xen_free() of their context. An object with its own release
 * function lives until that is called. Getters of strings return NULL if there is none.
 * Arguments stay the caller's.
 *
 * Threads: a context, and every object from it, belongs to one thread at a time.
 * Contexts are independent; each thread can have one. A lock in /run serialises
 * processes that bind devices.
 *
 * Processes: a context does not survive a fork. File descriptors are opened
 * close-on-exec. The library installs no signal handler and raises no signal, not even
 * SIGPIPE.
 *
 * Blocking: reading sysfs does not wait. vfio_xen_bind() and vfio_xen_unbind() wait for
 * drivers, vfio_xen_attach() and vfio_xen_detach() for a guest, up to their timeout.
 *
 * Hosts: all works without Xen and without root, except that facts which only Xen or
 * root can read are missing.
 */
#ifndef VFIO_XEN_H
#define VFIO_XEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vfio-xen-limits.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vfio_xen_attachment;
struct vfio_xen_config;
struct vfio_xen_ctx;
struct vfio_xen_device;
struct vfio_xen_entry;
struct vfio_xen_fault;
struct vfio_xen_faults;
struct vfio_xen_finding;
struct vfio_xen_group;
struct vfio_xen_guest;
struct vfio_xen_health;
struct vfio_xen_host;
struct vfio_xen_problem;
struct vfio_xen_shell;
struct vfio_xen_debugfs;
struct vfio_xen_status;

/* ---- context ---- */

/**
 * enum vfio_xen_log_kind - what a log message is about
 * @VFIO_XEN_LOG_STEP: a change to the host, as an imperative: "write ..."
 * @VFIO_XEN_LOG_NOTE: something worth knowing
 */
enum vfio_xen_log_kind {
	VFIO_XEN_LOG_STEP,
	VFIO_XEN_LOG_NOTE,
};

/**
 * typedef vfio_xen_log_fn - receives the log of the library
 * @data: the argument of vfio_xen_set_log_fn()
 * @kind: what the message is about
 * @message: one line without a newline, valid during the call
 */
typedef void (*vfio_xen_log_fn)(void *data, enum vfio_xen_log_kind kind,
				const char *message);

/**
 * struct vfio_xen_ops - the steps that change the host
 * @write: write @value to the file @path; 0 or -errno
 * @load_module: load a kernel module and wait for it; 0 or -errno
 * @run: run a program, with a NULL after its last argument, and wait for its end;
 *	returns its exit status or -errno
 *
 * The library only reads otherwise. Tests put a simulated kernel here.
 */
struct vfio_xen_ops {
	int (*write)(void *data, const char *path, const char *value);
	int (*load_module)(void *data, const char *name);
	int (*run)(void *data, char *const argv[]);
};

/**
 * vfio_xen_new - make a context for the running host
 * @ctx: where to put it; release with vfio_xen_free()
 */
int vfio_xen_new(struct vfio_xen_ctx **ctx);
void vfio_xen_free(struct vfio_xen_ctx *ctx);

/**
 * vfio_xen_set_root - use /sys, /proc, /run and /dev below another directory
 * @ctx: the context
 * @root: the directory, copied; "" is the running host
 */
int vfio_xen_set_root(struct vfio_xen_ctx *ctx, const char *root);
void vfio_xen_set_log_fn(struct vfio_xen_ctx *ctx, vfio_xen_log_fn fn,
			 void *data);
void vfio_xen_set_ops(struct vfio_xen_ctx *ctx, const struct vfio_xen_ops *ops,
		      void *data);

/* ---- problems ---- */

/**
 * enum vfio_xen_problem_kind - why a call failed
 * @VFIO_XEN_PROBLEM_NONE: nothing is known beyond the errno
 * @VFIO_XEN_PROBLEM_IO: an operation on the file "detail" failed
 * @VFIO_XEN_PROBLEM_SCAN: the PCI bus cannot be read; "detail" says why
 * @VFIO_XEN_PROBLEM_NO_DEVICE: no such PCI device
 * @VFIO_XEN_PROBLEM_NO_GROUP: the device has no IOMMU group
 * @VFIO_XEN_PROBLEM_BRIDGE: the device is a bridge
 * @VFIO_XEN_PROBLEM_SIBLING_BOUND: another device of the group, "other", is
 *	bound to the host driver "detail"
 * @VFIO_XEN_PROBLEM_BLOCK_IN_USE: the host uses a block device; "detail" says
 *	which and how
 * @VFIO_XEN_PROBLEM_NET_IN_USE: the network interface "detail" is up
 * @VFIO_XEN_PROBLEM_PCIBACK: xen-pciback holds the device
 * @VFIO_XEN_PROBLEM_GUEST: the guest with the domid "id" owns the device
 * @VFIO_XEN_PROBLEM_REACHABLE: the guest with the domid "id" had the device, and
 *	may still reach it
 * @VFIO_XEN_PROBLEM_HELD: the process "id", named "detail", has the device open
 * @VFIO_XEN_PROBLEM_NO_DRIVER: there is no PCI driver "detail"
 * @VFIO_XEN_PROBLEM_MODULE: the kernel module "detail" cannot be loaded
 * @VFIO_XEN_PROBLEM_NOT_TAKEN: the driver "detail" did not take the device
 * @VFIO_XEN_PROBLEM_NO_XEN: Xen cannot be asked for its domains
 * @VFIO_XEN_PROBLEM_NO_GUEST: there is no guest "detail"
 * @VFIO_XEN_PROBLEM_NO_GUEST_SHELL: the domain "id" is not a guest but a shell
 *	domain
 * @VFIO_XEN_PROBLEM_GUEST_IS_PVH: the guest "detail" is of a type that cannot
 *	have PCI devices
 * @VFIO_XEN_PROBLEM_DM_START: vfio-xen-dm does not start; "detail" is the
 *	command, "id" its exit status if it has run
 * @VFIO_XEN_PROBLEM_DM_SILENT: the vfio-xen-dm of the guest with the UUID "detail"
 *	gives no valid reply
 * @VFIO_XEN_PROBLEM_DM_REFUSED: vfio-xen-dm could not do what it was asked, because of
 *	"detail"; it says at which step, and may have a hint
 * @VFIO_XEN_PROBLEM_NAME: there is no persistent device "detail"
 * @VFIO_XEN_PROBLEM_NAME_ABSENT: the persistent device "detail" is not there
 * @VFIO_XEN_PROBLEM_ENTRY_EXISTS: the file "detail" has that name or that address
 * @VFIO_XEN_PROBLEM_NO_SRIOV: the device cannot have virtual functions
 * @VFIO_XEN_PROBLEM_TOO_MANY_VFS: it can have "id" virtual functions at most
 * @VFIO_XEN_PROBLEM_VF_DRIVER: its driver "detail", "" if it has none, makes no virtual
 *	functions
 * @VFIO_XEN_PROBLEM_NOT_VFIO: "detail" is no VFIO driver
 */
enum vfio_xen_problem_kind {
	VFIO_XEN_PROBLEM_NONE,
	VFIO_XEN_PROBLEM_IO,
	VFIO_XEN_PROBLEM_SCAN,
	VFIO_XEN_PROBLEM_NO_DEVICE,
	VFIO_XEN_PROBLEM_NO_GROUP,
	VFIO_XEN_PROBLEM_BRIDGE,
	VFIO_XEN_PROBLEM_SIBLING_BOUND,
	VFIO_XEN_PROBLEM_BLOCK_IN_USE,
	VFIO_XEN_PROBLEM_NET_IN_USE,
	VFIO_XEN_PROBLEM_PCIBACK,
	VFIO_XEN_PROBLEM_GUEST,
	VFIO_XEN_PROBLEM_REACHABLE,
	VFIO_XEN_PROBLEM_HELD,
	VFIO_XEN_PROBLEM_NO_DRIVER,
	VFIO_XEN_PROBLEM_MODULE,
	VFIO_XEN_PROBLEM_NOT_TAKEN,
	VFIO_XEN_PROBLEM_NO_XEN,
	VFIO_XEN_PROBLEM_NO_GUEST,
	VFIO_XEN_PROBLEM_NO_GUEST_SHELL,
	VFIO_XEN_PROBLEM_GUEST_IS_PVH,
	VFIO_XEN_PROBLEM_DM_START,
	VFIO_XEN_PROBLEM_DM_SILENT,
	VFIO_XEN_PROBLEM_DM_REFUSED,
	VFIO_XEN_PROBLEM_NAME,
	VFIO_XEN_PROBLEM_NAME_ABSENT,
	VFIO_XEN_PROBLEM_ENTRY_EXISTS,
	VFIO_XEN_PROBLEM_NO_SRIOV,
	VFIO_XEN_PROBLEM_TOO_MANY_VFS,
	VFIO_XEN_PROBLEM_VF_DRIVER,
	VFIO_XEN_PROBLEM_NOT_VFIO,
};

/**
 * vfio_xen_get_problem - why the last call on this context failed
 * @ctx: the context
 *
 * Return: never NULL; its kind is VFIO_XEN_PROBLEM_NONE after a success.
 */
const struct vfio_xen_problem *
vfio_xen_get_problem(const struct vfio_xen_ctx *ctx);
enum vfio_xen_problem_kind
vfio_xen_problem_get_kind(const struct vfio_xen_problem *problem);
uint32_t vfio_xen_problem_get_sbdf(const struct vfio_xen_problem *problem);
uint32_t vfio_xen_problem_get_other(const struct vfio_xen_problem *problem);
int vfio_xen_problem_get_id(const struct vfio_xen_problem *problem);
const char *vfio_xen_problem_get_detail(const struct vfio_xen_problem *problem);
/* The refused step, as an imperative: "attach 0000:05:00.0", or NULL */
const char *vfio_xen_problem_get_step(const struct vfio_xen_problem *problem);
/* The way out, or NULL. */
const char *vfio_xen_problem_get_hint(const struct vfio_xen_problem *problem);

/**
 * vfio_xen_explain - put the problem of the last call into words, with the way out
 * @ctx: the context
 * @err: what the last call returned
 * @attach: whether the call was part of attaching a device to a guest
 *
 * Return: a sentence that the caller frees, or NULL without memory.
 */
char *vfio_xen_explain(struct vfio_xen_ctx *ctx, int err, bool attach);

/* ---- addresses ---- */

/* "ffff:ff:1f.7" and its NUL */
#define VFIO_XEN_SBDF_SIZE 13

/**
 * vfio_xen_sbdf_parse - read [SSSS:]BB:DD.F, each part with or without zeros
 * @text: an address and nothing else
 * @sbdf: where to put it: seg << 16 | bus << 8 | dev << 3 | fn
 */
int vfio_xen_sbdf_parse(const char *text, uint32_t *sbdf);
void vfio_xen_sbdf_format(uint32_t sbdf, char text[VFIO_XEN_SBDF_SIZE]);

/* ---- devices ---- */

/**
 * enum vfio_xen_owner - whose DMA context a device is in
 * @VFIO_XEN_OWNER_UNKNOWN: vfio-xen-iommu is not loaded or may not be asked
 * @VFIO_XEN_OWNER_DOM0: the host's own
 * @VFIO_XEN_OWNER_QUARANTINE: nobody's; its DMA reaches nothing
 * @VFIO_XEN_OWNER_SHELL: a shell domain's, that is a VFIO user in dom0
 * @VFIO_XEN_OWNER_GUEST: a guest's
 */
enum vfio_xen_owner {
	VFIO_XEN_OWNER_UNKNOWN,
	VFIO_XEN_OWNER_DOM0,
	VFIO_XEN_OWNER_QUARANTINE,
	VFIO_XEN_OWNER_SHELL,
	VFIO_XEN_OWNER_GUEST,
};

/**
 * vfio_xen_scan - read all PCI devices and groups, sorted by address
 * @ctx: the context
 *
 * Devices in segments above 0xffff are left out: Xen cannot name them.
 */
int vfio_xen_scan(struct vfio_xen_ctx *ctx);

struct vfio_xen_device *vfio_xen_device_get_first(struct vfio_xen_ctx *ctx);
struct vfio_xen_device *
vfio_xen_device_get_next(const struct vfio_xen_device *dev);
struct vfio_xen_device *vfio_xen_device_get_by_sbdf(struct vfio_xen_ctx *ctx,
						    uint32_t sbdf);

#define vfio_xen_device_foreach(ctx, dev)               \
	for (dev = vfio_xen_device_get_first(ctx); dev; \
	     dev = vfio_xen_device_get_next(dev))

uint32_t vfio_xen_device_get_sbdf(const struct vfio_xen_device *dev);
/* The address as text, such as "0000:05:00.0". */
const char *vfio_xen_device_get_address(const struct vfio_xen_device *dev);
/* The IOMMU group of the device, or NULL. */
const struct vfio_xen_group *
vfio_xen_device_get_group(const struct vfio_xen_device *dev);
bool vfio_xen_device_is_bridge(const struct vfio_xen_device *dev);
const char *vfio_xen_device_get_class_name(const struct vfio_xen_device *dev);
const char *vfio_xen_device_get_vendor_name(const struct vfio_xen_device *dev);
const char *vfio_xen_device_get_device_name(const struct vfio_xen_device *dev);
/* The driver that the device is bound to, or NULL. */
const char *vfio_xen_device_get_driver(const struct vfio_xen_device *dev);
/* The driver that unbind restores, or NULL. */
const char *
vfio_xen_device_get_former_driver(const struct vfio_xen_device *dev);
/*
 * The reset methods of Linux, in the order of their use, such as "flr bus" (reset_method
 * in sysfs). NULL: the device has no reset, and the next user finds its old state.
 */
const char *vfio_xen_device_get_reset_method(const struct vfio_xen_device *dev);
enum vfio_xen_owner
vfio_xen_device_get_owner(const struct vfio_xen_device *dev);
/* The owner's domid, or -ENOENT unless it is a shell domain or a guest. */
int vfio_xen_device_get_owner_domid(const struct vfio_xen_device *dev);
/*
 * The guest that had the device and may have kept a mapping of its BARs, or -ENOENT.
 * While that guest runs, only it can get the device.
 */
int vfio_xen_device_get_bars_exposed_to(const struct vfio_xen_device *dev);
/* Whether dom0 should be the owner, and vfio-xen-iommu could not get it back. */
bool vfio_xen_device_is_return_pending(const struct vfio_xen_device *dev);
/*
 * Whether a VFIO program visibly uses the device: a shell domain or a guest owns it, or
 * VFIO has its interrupts. The answer is certain with vfio-xen-iommu and as root.
 */
bool vfio_xen_device_is_in_use(const struct vfio_xen_device *dev);

/* Whether it may do DMA: 1, 0, or -errno if its configuration space can't be read. */
int vfio_xen_device_is_bus_master(const struct vfio_xen_device *dev);

/* The name of a process, as in /proc/PID/comm, and its NUL */
#define VFIO_XEN_COMM_SIZE 16

/**
 * vfio_xen_device_find_process - the process that has a device open through VFIO
 * @dev: the device
 * @comm: where to put the name of the process, which can be any characters
 *
 * With several, one of them. Only root sees those of others.
 *
 * Return: its pid, or -ENOENT if there is none.
 */
int vfio_xen_device_find_process(const struct vfio_xen_device *dev,
				 char comm[VFIO_XEN_COMM_SIZE]);

/**
 * vfio_xen_get_locked_bytes - the memory of a process that is locked or pinned
 * @ctx: the context
 * @pid: the process
 * @bytes: where to put it
 *
 * VFIO locks (type1) or pins (iommufd) what a process maps for devices.
 *
 * Return: 0, or -errno; -ENOENT if the process has ended.
 */
int vfio_xen_get_locked_bytes(struct vfio_xen_ctx *ctx, int pid,
			      uint64_t *bytes);

/* ---- interrupts of devices in use ---- */

/**
 * enum vfio_xen_irq_kind - what a VFIO program has enabled
 * @VFIO_XEN_IRQ_NONE: nothing
 * @VFIO_XEN_IRQ_UNKNOWN: /proc/interrupts cannot be read; or with event
 *	channels, MSI or MSI-X, but which one only root can see
 * @VFIO_XEN_IRQ_INTX: the interrupt pin
 * @VFIO_XEN_IRQ_MSI: MSI
 * @VFIO_XEN_IRQ_MSIX: MSI-X
 */
enum vfio_xen_irq_kind {
	VFIO_XEN_IRQ_NONE,
	VFIO_XEN_IRQ_UNKNOWN,
	VFIO_XEN_IRQ_INTX,
	VFIO_XEN_IRQ_MSI,
	VFIO_XEN_IRQ_MSIX,
};

/**
 * enum vfio_xen_irq_notification - how interrupts reach the program
 * @VFIO_XEN_IRQ_NO_NOTIFICATION: not at all
 * @VFIO_XEN_IRQ_EVENTFD: by eventfds
 * @VFIO_XEN_IRQ_EVTCHN: by event channels; vfio-xen-pci has these
 * @VFIO_XEN_IRQ_GUEST: Xen delivers them to the guest that owns the device;
 *	nothing in dom0 counts them
 */
enum vfio_xen_irq_notification {
	VFIO_XEN_IRQ_NO_NOTIFICATION,
	VFIO_XEN_IRQ_EVENTFD,
	VFIO_XEN_IRQ_EVTCHN,
	VFIO_XEN_IRQ_GUEST,
};

enum vfio_xen_irq_kind
vfio_xen_device_get_irq_kind(const struct vfio_xen_device *dev);
enum vfio_xen_irq_notification
vfio_xen_device_get_irq_notification(const struct vfio_xen_device *dev);
/* Vectors that VFIO has allocated; if unknown, those that notify somebody. */
int vfio_xen_device_get_vectors_used(const struct vfio_xen_device *dev);
/* Vectors that vfio-xen-iommu has mapped ahead, the limit; -ENOENT: unknown. */
int vfio_xen_device_get_vectors_mapped(const struct vfio_xen_device *dev);
/* Interrupts that have arrived: MSI since the allocation, INTx since boot. */
uint64_t vfio_xen_device_get_irq_count(const struct vfio_xen_device *dev);
/*
 * The vectors that notify a program in dom0, one for INTx: their numbers, and the count of
 * each. There are none for a guest's device.
 */
size_t vfio_xen_device_get_nr_vectors(const struct vfio_xen_device *dev);
unsigned int
vfio_xen_device_get_vector_number(const struct vfio_xen_device *dev,
				  size_t index);
uint64_t vfio_xen_device_get_vector_count(const struct vfio_xen_device *dev,
					  size_t index);
/* Whether the count includes other devices on the same interrupt line. */
bool vfio_xen_device_is_irq_shared(const struct vfio_xen_device *dev);

/* ---- groups ---- */

/**
 * enum vfio_xen_group_state - what drives the devices of a group
 * @VFIO_XEN_GROUP_FREE: no device has a driver, except bridges and devices of drivers
 *	that do no DMA, such as pci-stub
 * @VFIO_XEN_GROUP_HOST: host drivers
 * @VFIO_XEN_GROUP_VFIO: VFIO drivers, so it can be opened
 * @VFIO_XEN_GROUP_MIXED: both, so VFIO refuses to open it
 */
enum vfio_xen_group_state {
	VFIO_XEN_GROUP_FREE,
	VFIO_XEN_GROUP_HOST,
	VFIO_XEN_GROUP_VFIO,
	VFIO_XEN_GROUP_MIXED,
};

struct vfio_xen_group *vfio_xen_group_get_first(struct vfio_xen_ctx *ctx);
struct vfio_xen_group *
vfio_xen_group_get_next(const struct vfio_xen_group *group);
struct vfio_xen_group *vfio_xen_group_get_by_number(struct vfio_xen_ctx *ctx,
						    int number);

#define vfio_xen_group_foreach(ctx, group)                 \
	for (group = vfio_xen_group_get_first(ctx); group; \
	     group = vfio_xen_group_get_next(group))

/* Its name in /dev/vfio and /sys/kernel/iommu_groups. */
int vfio_xen_group_get_number(const struct vfio_xen_group *group);
enum vfio_xen_group_state
vfio_xen_group_get_state(const struct vfio_xen_group *group);
struct vfio_xen_device *
vfio_xen_group_get_first_device(const struct vfio_xen_group *group);
struct vfio_xen_device *
vfio_xen_group_get_next_device(const struct vfio_xen_device *dev);

#define vfio_xen_group_device_foreach(group, dev)               \
	for (dev = vfio_xen_group_get_first_device(group); dev; \
	     dev = vfio_xen_group_get_next_device(dev))

/* ---- interfaces to the IOMMU ---- */

/**
 * enum vfio_xen_iommu - which of VFIO's interfaces opens a device for a guest
 * @VFIO_XEN_IOMMU_AUTO: iommufd where the kernel has it, or else type1
 * @VFIO_XEN_IOMMU_IOMMUFD: the device's own character device, and /dev/iommu
 * @VFIO_XEN_IOMMU_TYPE1: its group, and a type1 container
 */
enum vfio_xen_iommu {
	VFIO_XEN_IOMMU_AUTO,
	VFIO_XEN_IOMMU_IOMMUFD,
	VFIO_XEN_IOMMU_TYPE1,
};

/* From "auto", "iommufd" or "type1"; -EINVAL if it is none of them. */
int vfio_xen_iommu_parse(const char *name, enum vfio_xen_iommu *iommu);
const char *vfio_xen_iommu_get_name(enum vfio_xen_iommu iommu);

/* ---- bind and unbind ---- */

/**
 * enum vfio_xen_bind_flags - how to bind and unbind
 * @VFIO_XEN_WHOLE_GROUP: take all devices of their groups, except bridges
 * @VFIO_XEN_FORCE: take a device although the host visibly uses it
 * @VFIO_XEN_DRY_RUN: check everything, change nothing, log each step
 * @VFIO_XEN_WAIT: unbind although a process has the device open; the kernel
 *	then waits until that process closes it
 * @VFIO_XEN_NO_DRIVER: unbind, and leave the devices without a driver
 * @VFIO_XEN_NO_RECORD: bind before host drivers are loaded: unbind then lets the kernel
 *	choose a driver
 * @VFIO_XEN_NO_LOG: log nothing: for a dry run that checks only
 */
enum vfio_xen_bind_flags {
	VFIO_XEN_WHOLE_GROUP = 1 << 0,
	VFIO_XEN_FORCE = 1 << 1,
	VFIO_XEN_DRY_RUN = 1 << 2,
	VFIO_XEN_WAIT = 1 << 3,
	VFIO_XEN_NO_DRIVER = 1 << 4,
	VFIO_XEN_NO_RECORD = 1 << 5,
	VFIO_XEN_NO_LOG = 1 << 6,
};

/**
 * vfio_xen_bind - give devices to a VFIO driver
 * @ctx: the context; it is scanned anew
 * @sbdfs: the devices; naming one twice is fine
 * @nr_sbdfs: how many
 * @driver: a PCI driver's name, such as "vfio-pci" or "vfio-xen-pci"; its
 *	module is loaded
 * @flags: of enum vfio_xen_bind_flags
 *
 * All or nothing: after a failure every device is back with its former driver. That
 * driver is recorded before the device is touched, so that vfio_xen_unbind() can restore
 * it even if this process dies half way.
 */
int vfio_xen_bind(struct vfio_xen_ctx *ctx, const uint32_t *sbdfs,
		  size_t nr_sbdfs, const char *driver, unsigned int flags);

/**
 * vfio_xen_unbind - give devices back to their former drivers
 * @ctx: the context; it is scanned anew
 * @sbdfs: the devices; naming one twice is fine
 * @nr_sbdfs: how many
 * @flags: of enum vfio_xen_bind_flags
 *
 * The kernel chooses a driver if the former one is unknown. A device that is not bound
 * to VFIO is left alone. A failure does not keep the other devices from being given
 * back; the first failure is returned.
 */
int vfio_xen_unbind(struct vfio_xen_ctx *ctx, const uint32_t *sbdfs,
		    size_t nr_sbdfs, unsigned int flags);

/* ---- guests ---- */

/**
 * enum vfio_xen_guest_kind - the type of a guest
 * @VFIO_XEN_GUEST_PV: PV
 * @VFIO_XEN_GUEST_HVM: HVM
 * @VFIO_XEN_GUEST_PVH: HVM without a device model; it can have no PCI devices
 */
enum vfio_xen_guest_kind {
	VFIO_XEN_GUEST_PV,
	VFIO_XEN_GUEST_HVM,
	VFIO_XEN_GUEST_PVH,
};

/**
 * vfio_xen_guest_find - find a running guest
 * @ctx: the context; must outlive the object
 * @text: its domid, UUID or name; what is all digits is a domid, as for xl
 * @guest: where to put it; release with vfio_xen_guest_free()
 */
int vfio_xen_guest_find(struct vfio_xen_ctx *ctx, const char *text,
			struct vfio_xen_guest **guest);
/* The same, but only a guest that can have PCI devices. */
int vfio_xen_guest_find_for_device(struct vfio_xen_ctx *ctx, const char *text,
				   struct vfio_xen_guest **guest);
void vfio_xen_guest_free(struct vfio_xen_guest *guest);
int vfio_xen_guest_get_domid(const struct vfio_xen_guest *guest);
const char *vfio_xen_guest_get_uuid(const struct vfio_xen_guest *guest);
/* Its name in xenstore, or NULL. */
const char *vfio_xen_guest_get_name(const struct vfio_xen_guest *guest);
enum vfio_xen_guest_kind
vfio_xen_guest_get_kind(const struct vfio_xen_guest *guest);

/* ---- vfio-xen-dm, the process that serves a guest's devices ---- */

/* Any slot, or none yet */
#define VFIO_XEN_ANY_SLOT (-1)

/**
 * enum vfio_xen_request_flags - how to attach and detach
 * @VFIO_XEN_PERMISSIVE: attach: the guest may write registers that no standard defines
 * @VFIO_XEN_AT_BOOT: attach: the guest has not started, and sees the device when it
 *	does; do not wait for that
 * @VFIO_XEN_FORCE_DETACH: detach the device although the guest does not release it
 * @VFIO_XEN_RDM_STRICT: attach: refuse the device if the guest cannot have all the memory
 *	that firmware reserves for it, as rdm_policy=strict does in xl.cfg(5)
 */
enum vfio_xen_request_flags {
	VFIO_XEN_PERMISSIVE = 1 << 0,
	VFIO_XEN_AT_BOOT = 1 << 1,
	VFIO_XEN_FORCE_DETACH = 1 << 2,
	VFIO_XEN_RDM_STRICT = 1 << 3,
};

/**
 * struct vfio_xen_request - a device to attach to a guest, or to detach
 * @size: sizeof(struct vfio_xen_request); the structure may grow
 * @uuid: the guest's
 * @sbdf: the device
 * @flags: of enum vfio_xen_request_flags
 * @timeout_s: how long the guest may take, at most VFIO_XEN_TIMEOUT_MAX_S; 0:
 *	VFIO_XEN_TIMEOUT_DEFAULT_S
 * @cancel_fd: when readable, the request is cancelled and undone; -1: never
 * @slot: attach: on the guest's bus, below VFIO_XEN_MAX_SLOTS, or VFIO_XEN_ANY_SLOT
 * @iommu: attach: how the device is opened
 *
 * Start from VFIO_XEN_REQUEST_INIT.
 */
struct vfio_xen_request {
	size_t size;
	const char *uuid;
	uint32_t sbdf;
	unsigned int flags;
	unsigned int timeout_s;
	int cancel_fd;
	int slot;
	enum vfio_xen_iommu iommu;
};

#define VFIO_XEN_REQUEST_INIT                            \
	{                                                \
		.size = sizeof(struct vfio_xen_request), \
		.cancel_fd = -1,                         \
		.slot = VFIO_XEN_ANY_SLOT,               \
	}

/**
 * vfio_xen_attach - attach a device to a guest, and wait until the guest has it
 * @ctx: the context
 * @request: the request; the device must be bound to vfio-xen-pci
 * @slot: where to put the slot that the guest sees; may be NULL
 *
 * Starts the vfio-xen-dm of the guest, with systemd as a service, else as a daemon. If
 * that process ends before it replies, its successor is asked. After a failure the
 * guest does not have the device.
 *
 * Return: 0; -EINVAL without a size, without a UUID or beyond the longest timeout;
 * -errno with VFIO_XEN_PROBLEM_DM_REFUSED if vfio-xen-dm could not do it, with
 * VFIO_XEN_PROBLEM_DM_START if it does not start, or with VFIO_XEN_PROBLEM_DM_SILENT
 * if it gives no valid reply.
 */
int vfio_xen_attach(struct vfio_xen_ctx *ctx,
		    const struct vfio_xen_request *request, int *slot);

/**
 * vfio_xen_detach - detach a device from its guest, and wait until it is back
 * @ctx: the context
 * @request: the request
 *
 * The device stays bound to its VFIO driver.
 *
 * Return: as vfio_xen_attach(), but nothing is started: -ENOENT without a problem if
 * the guest has no vfio-xen-dm, and so no devices.
 */
int vfio_xen_detach(struct vfio_xen_ctx *ctx,
		    const struct vfio_xen_request *request);

/**
 * vfio_xen_status - read the devices of a guest from its vfio-xen-dm
 * @ctx: the context, which the object does not need
 * @uuid: the guest's
 * @status: where to put it; release with vfio_xen_status_free()
 *
 * Return: 0; -ENOENT without a problem if the guest has no vfio-xen-dm; or -errno as
 * vfio_xen_detach().
 */
int vfio_xen_status(struct vfio_xen_ctx *ctx, const char *uuid,
		    struct vfio_xen_status **status);
void vfio_xen_status_free(struct vfio_xen_status *status);
int vfio_xen_status_get_domid(const struct vfio_xen_status *status);
const char *vfio_xen_status_get_uuid(const struct vfio_xen_status *status);
/* "pv" or "hvm" */
const char *vfio_xen_status_get_type(const struct vfio_xen_status *status);
/* The PID of the process that serves the guest; 0: none now */
int vfio_xen_status_get_worker_pid(const struct vfio_xen_status *status);
/* How often that process has been replaced */
unsigned int vfio_xen_status_get_restarts(const struct vfio_xen_status *status);
/* How many requests wait for the one in progress */
unsigned int vfio_xen_status_get_queued(const struct vfio_xen_status *status);

/**
 * enum vfio_xen_attachment_state - whether a guest has a device
 * @VFIO_XEN_ATTACHMENT_UNKNOWN: this library does not know the state
 * @VFIO_XEN_ATTACHMENT_WANTED: the guest should have the device, and does not; the
 *	reason may be known
 * @VFIO_XEN_ATTACHMENT_ATTACHING: being attached
 * @VFIO_XEN_ATTACHMENT_ATTACHED: the guest has it
 * @VFIO_XEN_ATTACHMENT_DETACHING: being detached
 * @VFIO_XEN_ATTACHMENT_HUNG: the guest no longer has it, and nobody gets it until the
 *	kernel has finished its reset
 */
enum vfio_xen_attachment_state {
	VFIO_XEN_ATTACHMENT_UNKNOWN,
	VFIO_XEN_ATTACHMENT_WANTED,
	VFIO_XEN_ATTACHMENT_ATTACHING,
	VFIO_XEN_ATTACHMENT_ATTACHED,
	VFIO_XEN_ATTACHMENT_DETACHING,
	VFIO_XEN_ATTACHMENT_HUNG,
};

/* "unknown", "wanted", ... */
const char *
vfio_xen_attachment_state_get_name(enum vfio_xen_attachment_state state);

/* The devices of a guest; they live as long as the status. */
size_t vfio_xen_status_get_nr_attachments(const struct vfio_xen_status *status);
const struct vfio_xen_attachment *
vfio_xen_status_get_attachment(const struct vfio_xen_status *status,
			       size_t index);
/* The attachment of a device, or NULL. */
const struct vfio_xen_attachment *
vfio_xen_status_find(const struct vfio_xen_status *status, uint32_t sbdf);
uint32_t
vfio_xen_attachment_get_sbdf(const struct vfio_xen_attachment *attachment);
/* The slot on the guest's bus; VFIO_XEN_ANY_SLOT: not chosen yet */
int vfio_xen_attachment_get_slot(const struct vfio_xen_attachment *attachment);
enum vfio_xen_attachment_state
vfio_xen_attachment_get_state(const struct vfio_xen_attachment *attachment);
bool vfio_xen_attachment_is_permissive(
	const struct vfio_xen_attachment *attachment);
/* Whether it was attached with VFIO_XEN_RDM_STRICT */
bool vfio_xen_attachment_is_rdm_strict(
	const struct vfio_xen_attachment *attachment);
/* How vfio-xen-dm has opened it: "iommufd", "type1", or NULL: not yet */
const char *
vfio_xen_attachment_get_iommu(const struct vfio_xen_attachment *attachment);
/* Why the guest lacks a wanted device, or NULL */
const char *
vfio_xen_attachment_get_reason(const struct vfio_xen_attachment *attachment);

/* Calls @fn with the UUID of each guest that has a vfio-xen-dm. Returns 0 or -errno. */
int vfio_xen_dm_foreach(struct vfio_xen_ctx *ctx,
			void (*fn)(void *data, const char *uuid), void *data);

/* ---- the host ---- */

/**
 * vfio_xen_host_new - read the release of Xen and the type of this kernel's domain
 * @ctx: the context; must outlive the object
 * @host: where to put it; release with vfio_xen_host_free()
 */
int vfio_xen_host_new(struct vfio_xen_ctx *ctx, struct vfio_xen_host **host);
void vfio_xen_host_free(struct vfio_xen_host *host);
/* Xen's version, such as "4.20.0", or NULL on a kernel without Xen. */
const char *vfio_xen_host_get_version(const struct vfio_xen_host *host);
/* "PV", "PVH" or "HVM" as the kernel says, or NULL. */
const char *vfio_xen_host_get_guest_type(const struct vfio_xen_host *host);
bool vfio_xen_host_is_dom0(const struct vfio_xen_host *host);
bool vfio_xen_host_has_xen_iommu(const struct vfio_xen_host *host);
/* Whether type1 takes devices without isolated interrupts. */
bool vfio_xen_host_allows_unsafe_interrupts(const struct vfio_xen_host *host);
/* Memory that Xen has not allocated to a domain. */
int vfio_xen_host_get_free_bytes(const struct vfio_xen_host *host,
				 uint64_t *bytes);

/* ---- vfio-xen-iommu's state ---- */

/**
 * vfio_xen_debugfs_new - read vfio-xen-iommu's statistics, shell domains and owners
 * @ctx: the context; must outlive the object
 * @debugfs: where to put it; release with vfio_xen_debugfs_free()
 *
 * Return: 0, -EACCES without root, -ENOENT where vfio-xen-iommu is not loaded or
 * debugfs not mounted, -EBADMSG if the files are malformed, or -errno.
 */
int vfio_xen_debugfs_new(struct vfio_xen_ctx *ctx,
			 struct vfio_xen_debugfs **debugfs);
void vfio_xen_debugfs_free(struct vfio_xen_debugfs *debugfs);

/* Statistics in vfio-xen-iommu's order; the list is open-ended. */
size_t vfio_xen_debugfs_get_nr_stats(const struct vfio_xen_debugfs *debugfs);
const char *
vfio_xen_debugfs_get_stat_name(const struct vfio_xen_debugfs *debugfs,
			       size_t index);
uint64_t vfio_xen_debugfs_get_stat_value(const struct vfio_xen_debugfs *debugfs,
					 size_t index);

/* The owner of a device; @domid is set for a shell domain or a guest. */
enum vfio_xen_owner
vfio_xen_debugfs_get_owner(const struct vfio_xen_debugfs *debugfs,
			   uint32_t sbdf, int *domid);
size_t vfio_xen_debugfs_get_nr_devices(const struct vfio_xen_debugfs *debugfs);
uint32_t vfio_xen_debugfs_get_device(const struct vfio_xen_debugfs *debugfs,
				     size_t index);
/* The guest that may have kept a mapping of its BARs, or -ENOENT. */
int vfio_xen_debugfs_get_bars_exposed_to(const struct vfio_xen_debugfs *debugfs,
					 uint32_t sbdf);
/* Whether dom0 should own it, and vfio-xen-iommu could not get it back. */
bool vfio_xen_debugfs_is_return_pending(const struct vfio_xen_debugfs *debugfs,
					uint32_t sbdf);
/*
 * The MSI vectors of a device, in use and mapped; -ENOENT if VFIO does not have the
 * device, or if it has none.
 */
int vfio_xen_debugfs_get_vectors(const struct vfio_xen_debugfs *debugfs,
				 uint32_t sbdf, int *used, int *mapped);

size_t vfio_xen_debugfs_get_nr_shells(const struct vfio_xen_debugfs *debugfs);
const struct vfio_xen_shell *
vfio_xen_debugfs_get_shell(const struct vfio_xen_debugfs *debugfs,
			   size_t index);
int vfio_xen_shell_get_domid(const struct vfio_xen_shell *shell);
/* Its name in xenstore, or NULL. */
const char *vfio_xen_shell_get_name(const struct vfio_xen_shell *shell);
uint64_t vfio_xen_shell_get_mapped_bytes(const struct vfio_xen_shell *shell);
uint64_t vfio_xen_shell_get_pool_bytes(const struct vfio_xen_shell *shell);
size_t vfio_xen_shell_get_nr_devices(const struct vfio_xen_shell *shell);
uint32_t vfio_xen_shell_get_device(const struct vfio_xen_shell *shell,
				   size_t index);

/* ---- virtual functions ---- */

/**
 * vfio_xen_device_get_nr_vfs - the number of virtual functions of a device
 * @dev: the device
 * @nr: the number now
 * @most: the largest number
 *
 * Return: 0, or -ENOENT if it cannot have any.
 */
int vfio_xen_device_get_nr_vfs(const struct vfio_xen_device *dev,
			       unsigned int *nr, unsigned int *most);
/* A virtual function by its number, from 0; NULL: there is none. */
struct vfio_xen_device *
vfio_xen_device_get_vf(const struct vfio_xen_device *dev, unsigned int index);

/**
 * vfio_xen_set_vfs - create virtual functions and bind them to a VFIO driver
 * @ctx: the context; it is scanned anew
 * @sbdf: the physical function, which has a host driver
 * @nr: how many, 0 to remove them
 * @driver: the VFIO driver of the virtual functions
 * @flags: of enum vfio_xen_bind_flags: VFIO_XEN_DRY_RUN
 *
 * No host driver binds to a function in between. Refused while a guest or a program has
 * one, unless the number stays. After a failure the device has as many functions as
 * before, but unbound.
 */
int vfio_xen_set_vfs(struct vfio_xen_ctx *ctx, uint32_t sbdf, unsigned int nr,
		     const char *driver, unsigned int flags);

/**
 * vfio_xen_abandon - restore what must not outlive an interrupted call
 *
 * For the handler of a signal that ends the process: vfio_xen_set_vfs() keeps the kernel
 * from probing drivers for new functions, and blocks only SIGINT, SIGTERM and SIGHUP. It
 * is async-signal-safe.
 */
void vfio_xen_abandon(void);

/* ---- persistent devices ---- */

/*
 * /etc/vfio-xen/devices.d has a file for each device that VFIO gets at boot; see
 * vfio-xen-devices(5). The file contains the place and the identity of the device:
 * another device at that address is not taken for it, and a device that has moved is
 * found again if there is no doubt.
 */

/**
 * enum vfio_xen_entry_state - the state of a persistent device
 * @VFIO_XEN_ENTRY_BOUND: it is there, and has the driver that it should have
 * @VFIO_XEN_ENTRY_UNBOUND: it is there, and has another driver or none
 * @VFIO_XEN_ENTRY_ABSENT: it is not there
 * @VFIO_XEN_ENTRY_CHANGED: another device is at its address
 * @VFIO_XEN_ENTRY_AMBIGUOUS: it is not in its place, and others of its model could
 *	be it
 * @VFIO_XEN_ENTRY_IN_USE: it is there, and stays unbound since the host uses it
 */
enum vfio_xen_entry_state {
	VFIO_XEN_ENTRY_BOUND,
	VFIO_XEN_ENTRY_UNBOUND,
	VFIO_XEN_ENTRY_ABSENT,
	VFIO_XEN_ENTRY_CHANGED,
	VFIO_XEN_ENTRY_AMBIGUOUS,
	VFIO_XEN_ENTRY_IN_USE,
};

/**
 * vfio_xen_config_new - read /etc/vfio-xen/devices.d and find the devices
 * @ctx: the context, scanned; entries refer to its devices
 * @config: where to put it; release with vfio_xen_config_free() before the next scan
 *
 * A file with a mistake is left out, and the mistake is one of the errors.
 */
int vfio_xen_config_new(struct vfio_xen_ctx *ctx,
			struct vfio_xen_config **config);
void vfio_xen_config_free(struct vfio_xen_config *config);

size_t vfio_xen_config_get_nr_errors(const struct vfio_xen_config *config);
/* "/etc/vfio-xen/devices.d/nic0.conf:3: ..." */
const char *vfio_xen_config_get_error(const struct vfio_xen_config *config,
				      size_t index);
size_t vfio_xen_config_get_nr_entries(const struct vfio_xen_config *config);
const struct vfio_xen_entry *
vfio_xen_config_get_entry(const struct vfio_xen_config *config, size_t index);
/* The entry that means a device, or NULL. */
const struct vfio_xen_entry *
vfio_xen_config_find(const struct vfio_xen_config *config,
		     const struct vfio_xen_device *dev);

const char *vfio_xen_entry_get_file(const struct vfio_xen_entry *entry);
/* NULL: no name */
const char *vfio_xen_entry_get_name(const struct vfio_xen_entry *entry);
/* The address when the file was written */
uint32_t vfio_xen_entry_get_sbdf(const struct vfio_xen_entry *entry);
/* VFIO_XEN_DRIVER_HOST: whichever host driver matches */
const char *vfio_xen_entry_get_driver(const struct vfio_xen_entry *entry);
/* The line of the address in the file */
unsigned int vfio_xen_entry_get_line(const struct vfio_xen_entry *entry);
/* The number of virtual functions to create, or -ENOENT. */
int vfio_xen_entry_get_nr_vfs(const struct vfio_xen_entry *entry);
enum vfio_xen_entry_state
vfio_xen_entry_get_state(const struct vfio_xen_entry *entry);
/*
 * Why it has not been found, to follow the name of the device: "is not there; ...". NULL
 * if it has.
 */
const char *vfio_xen_entry_get_loss(const struct vfio_xen_entry *entry);
/* NULL: not found */
const struct vfio_xen_device *
vfio_xen_entry_get_device(const struct vfio_xen_entry *entry);

/* The driver of an entry that only gives its device a name or virtual functions. */
#define VFIO_XEN_DRIVER_HOST "host"

/*
 * The name of a device: its entry's, or NAMEvN for a virtual function of one that has a
 * name; NULL if it has none. The caller frees it.
 */
char *vfio_xen_config_name_device(const struct vfio_xen_config *config,
				  const struct vfio_xen_device *dev);

/**
 * vfio_xen_resolve - find the address that a text means
 * @ctx: the context; scanned if @text is a name
 * @text: an address, the name of a persistent device, or that of its virtual function:
 *	"nic0v3"
 * @sbdf: where to put it
 *
 * Return: 0; -EINVAL if it is neither; -ENODEV if the device of that name is not there.
 */
int vfio_xen_resolve(struct vfio_xen_ctx *ctx, const char *text,
		     uint32_t *sbdf);

/**
 * vfio_xen_name_is_valid - check a name for a persistent device
 * @name: letters, digits, "_", "-" and ".", at most 64, the first a letter or a digit; it
 *	must not read as an address
 */
bool vfio_xen_name_is_valid(const char *name);

/**
 * vfio_xen_remember - make devices persistent
 * @ctx: the context, scanned
 * @sbdfs: the devices
 * @nr_sbdfs: how many
 * @name: the first one's; NULL leaves the names as they are
 * @driver: the VFIO driver to bind them to
 * @flags: of enum vfio_xen_bind_flags: VFIO_XEN_WHOLE_GROUP, VFIO_XEN_DRY_RUN,
 *	VFIO_XEN_NO_LOG
 *
 * All or none. The entry of a device that has one is written anew, at its address of
 * now.
 *
 * Return: 0 or -errno; -EEXIST if another entry has the name or is for the address.
 */
int vfio_xen_remember(struct vfio_xen_ctx *ctx, const uint32_t *sbdfs,
		      size_t nr_sbdfs, const char *name, const char *driver,
		      unsigned int flags);

/**
 * vfio_xen_remember_vfs - create virtual functions at each boot
 * @ctx: the context, scanned
 * @sbdf: the physical function; without an entry it gets one, and stays with the host
 * @nr: how many; 0 to get none
 * @flags: of enum vfio_xen_bind_flags: VFIO_XEN_DRY_RUN, VFIO_XEN_NO_LOG
 *
 * Return: the number of entries that are written or removed, or -errno.
 */
int vfio_xen_remember_vfs(struct vfio_xen_ctx *ctx, uint32_t sbdf,
			  unsigned int nr, unsigned int flags);

/**
 * vfio_xen_forget - make devices no longer persistent
 * @ctx: the context, scanned
 * @sbdfs: the devices
 * @nr_sbdfs: how many
 * @flags: as for vfio_xen_remember()
 *
 * Return: how many had been, or -errno.
 */
int vfio_xen_forget(struct vfio_xen_ctx *ctx, const uint32_t *sbdfs,
		    size_t nr_sbdfs, unsigned int flags);

/**
 * vfio_xen_forget_lost - make a device that is not there no longer persistent
 * @ctx: the context, scanned
 * @text: the name of the device, or its last address if no device has that now
 * @flags: of enum vfio_xen_bind_flags: VFIO_XEN_DRY_RUN, VFIO_XEN_NO_LOG
 *
 * Return: 1, 0 if @text means no such device, or -errno.
 */
int vfio_xen_forget_lost(struct vfio_xen_ctx *ctx, const char *text,
			 unsigned int flags);

/**
 * vfio_xen_update_initramfs - rebuild the initramfs of each kernel after a change
 * @ctx: the context
 * @flags: of enum vfio_xen_bind_flags: VFIO_XEN_DRY_RUN
 *
 * Runs update-initramfs or dracut, whichever the host has. This takes a while.
 *
 * Return: 0, -ENOENT if the host has neither, or -EIO if it failed.
 */
int vfio_xen_update_initramfs(struct vfio_xen_ctx *ctx, unsigned int flags);

/**
 * vfio_xen_initramfs_command - the command line of vfio_xen_update_initramfs()
 * @ctx: the context
 *
 * Return: a constant, or NULL if the host has neither program.
 */
const char *vfio_xen_initramfs_command(struct vfio_xen_ctx *ctx);

/**
 * vfio_xen_boot - load vfio-xen-iommu, bind persistent devices, make their VFs
 * @ctx: the context; it is scanned anew
 * @address: the device that has appeared; the first call since the host was booted binds
 *	all that are there
 * @say: told what is wrong, in one line without a newline, and each line once for as
 *	long as the host is up
 * @data: for @say
 *
 * For udev's rule, in the initramfs and after it. It does nothing but on a Xen dom0.
 */
void vfio_xen_boot(struct vfio_xen_ctx *ctx, const char *address,
		   void (*say)(void *data, const char *line), void *data);

/**
 * vfio_xen_boot_vfs - make the virtual functions of a device that got its host driver
 * @ctx: the context; it is scanned anew
 * @address: the device; it keeps its driver
 * @say: as for vfio_xen_boot()
 * @data: for @say
 *
 * For udev's rule. It does nothing but on a Xen dom0.
 */
void vfio_xen_boot_vfs(struct vfio_xen_ctx *ctx, const char *address,
		       void (*say)(void *data, const char *line), void *data);

/**
 * vfio_xen_bind_persistent - bind persistent devices that are not, and make their VFs
 * @ctx: the context; it is scanned anew
 * @say: told what is wrong, in one line without a newline
 * @data: for @say
 *
 * Return: 0, although devices were left as they are: @say has been told of these.
 */
int vfio_xen_bind_persistent(struct vfio_xen_ctx *ctx,
			     void (*say)(void *data, const char *line),
			     void *data);

/* ---- the host's health ---- */

/**
 * enum vfio_xen_health_level - the result of a check
 * @VFIO_XEN_OK: right
 * @VFIO_XEN_WARN: something does not work, may not work, or is unknown
 * @VFIO_XEN_FAIL: nothing works, or the host is not safe
 */
enum vfio_xen_health_level {
	VFIO_XEN_OK,
	VFIO_XEN_WARN,
	VFIO_XEN_FAIL,
};

/**
 * vfio_xen_health_new - check the host
 * @ctx: the context, scanned
 * @config: its persistent devices
 * @health: where to put it; release with vfio_xen_health_free() before @config
 */
int vfio_xen_health_new(struct vfio_xen_ctx *ctx,
			const struct vfio_xen_config *config,
			struct vfio_xen_health **health);
void vfio_xen_health_free(struct vfio_xen_health *health);

size_t vfio_xen_health_get_nr_findings(const struct vfio_xen_health *health);
const struct vfio_xen_finding *
vfio_xen_health_get_finding(const struct vfio_xen_health *health, size_t index);
/* The check: a word that never changes, such as "remapping" */
const char *vfio_xen_finding_get_check(const struct vfio_xen_finding *finding);
enum vfio_xen_health_level
vfio_xen_finding_get_level(const struct vfio_xen_finding *finding);
const char *vfio_xen_finding_get_text(const struct vfio_xen_finding *finding);
/* The way out, or NULL. */
const char *vfio_xen_finding_get_advice(const struct vfio_xen_finding *finding);

/*
 * Whether Xen certainly remaps interrupts, and isolated_msi is neither set now nor for
 * the next load of vfio-xen-iommu.
 */
bool vfio_xen_health_lacks_isolated_msi(const struct vfio_xen_health *health);

/**
 * vfio_xen_set_isolated_msi - set isolated_msi from the next boot on
 * @ctx: the context
 *
 * Writes /etc/modprobe.d/vfio-xen-isolated-msi.conf.
 */
int vfio_xen_set_isolated_msi(struct vfio_xen_ctx *ctx);

/**
 * vfio_xen_load - load vfio-xen-iommu
 * @ctx: the context
 */
int vfio_xen_load(struct vfio_xen_ctx *ctx);

/* ---- faults ---- */

/**
 * enum vfio_xen_fault_kind - what the IOMMU refused
 * @VFIO_XEN_FAULT_DMA: an access to memory
 * @VFIO_XEN_FAULT_INTERRUPT: an interrupt
 * @VFIO_XEN_FAULT_OTHER: a request that is neither, or an entry of its tables
 */
enum vfio_xen_fault_kind {
	VFIO_XEN_FAULT_DMA,
	VFIO_XEN_FAULT_INTERRUPT,
	VFIO_XEN_FAULT_OTHER,
};

/**
 * enum vfio_xen_fault_access - what a device wanted of memory
 * @VFIO_XEN_FAULT_UNKNOWN: the IOMMU does not say, or it was no access
 * @VFIO_XEN_FAULT_READ: to read it
 * @VFIO_XEN_FAULT_WRITE: to write to it
 */
enum vfio_xen_fault_access {
	VFIO_XEN_FAULT_UNKNOWN,
	VFIO_XEN_FAULT_READ,
	VFIO_XEN_FAULT_WRITE,
};

/**
 * vfio_xen_faults_new - prepare to read the faults of devices from Xen's log
 * @ctx: the context; must outlive the object
 * @faults: where to put it; release with vfio_xen_faults_free()
 */
int vfio_xen_faults_new(struct vfio_xen_ctx *ctx,
			struct vfio_xen_faults **faults);
void vfio_xen_faults_free(struct vfio_xen_faults *faults);

/**
 * vfio_xen_faults_read - read what Xen has logged since the last call
 * @faults: the object; the first call reads all that is in the log
 * @last: whether no other call follows. If not, a fault whose second line is missing is
 *	left to the next call
 *
 * Faults of a device that differ only in the address are one, with a count. They live
 * until the next call.
 *
 * Return: 0; -ENODEV where it is not Xen, -EACCES or -EPERM without root, or -errno.
 */
int vfio_xen_faults_read(struct vfio_xen_faults *faults, bool last);
/*
 * Where a later object goes on without losing a fault, or counting one twice: a position
 * in the log, which is good until the next boot.
 */
uint32_t vfio_xen_faults_get_position(const struct vfio_xen_faults *faults);
/* To be called before the first read */
void vfio_xen_faults_set_position(struct vfio_xen_faults *faults,
				  uint32_t position);
size_t vfio_xen_faults_get_nr(const struct vfio_xen_faults *faults);
const struct vfio_xen_fault *
vfio_xen_faults_get_fault(const struct vfio_xen_faults *faults, size_t index);
/*
 * Characters of the log that were overwritten or cleared before the last call could read
 * them; of the first call, since Xen has started.
 */
uint64_t vfio_xen_faults_get_lost(const struct vfio_xen_faults *faults);
/* Lines that Xen did not log since there were too many, faults or others. */
uint64_t vfio_xen_faults_get_suppressed(const struct vfio_xen_faults *faults);

uint32_t vfio_xen_fault_get_sbdf(const struct vfio_xen_fault *fault);
enum vfio_xen_fault_kind
vfio_xen_fault_get_kind(const struct vfio_xen_fault *fault);
enum vfio_xen_fault_access
vfio_xen_fault_get_access(const struct vfio_xen_fault *fault);
/* Of the addresses; for interrupts and VT-d, of the indexes in the remapping table. */
uint64_t vfio_xen_fault_get_lowest(const struct vfio_xen_fault *fault);
uint64_t vfio_xen_fault_get_highest(const struct vfio_xen_fault *fault);
/* As the IOMMU gives it; NULL: not known */
const char *vfio_xen_fault_get_reason(const struct vfio_xen_fault *fault);
uint64_t vfio_xen_fault_get_count(const struct vfio_xen_fault *fault);

/* ---- logs ---- */

/**
 * vfio_xen_read_xen_log - what Xen has logged, and guests and dom0 on its console
 * @ctx: the context
 * @text: where to put it; the caller frees it
 *
 * Return: as vfio_xen_faults_read()
 */
int vfio_xen_read_xen_log(struct vfio_xen_ctx *ctx, char **text);

/**
 * vfio_xen_read_kernel_log - what this kernel has logged, each line with its time
 * @ctx: the context
 * @text: where to put it; the caller frees it
 */
int vfio_xen_read_kernel_log(struct vfio_xen_ctx *ctx, char **text);

/* ---- memory for DMA ---- */

/**
 * vfio_xen_memory_alloc() - allocate memory that the IOMMU can map in 2 MiB pages
 * @size: in bytes; rounded up to 2 MiB
 * @memory: set to its start, which is aligned to 2 MiB; the memory is zeroed
 *
 * Map it at an iova with the same alignment. The memory is shared with children after a
 * fork. It needs a mounted hugetlbfs, in a PV dom0 that of the module xen-dma-memory.
 * There is no context, and so no problem to query.
 *
 * Return: 0; -ENODEV if no hugetlbfs with 2 MiB pages is mounted; -EACCES;
 * -ENOMEM beyond what there is, or what nr_hugepages or the cgroup allows.
 */
int vfio_xen_memory_alloc(size_t size, void **memory);

/**
 * vfio_xen_memory_free() - free memory, except pages that are still pinned
 * @memory: from vfio_xen_memory_alloc(), or NULL
 * @size: as passed to vfio_xen_memory_alloc()
 */
void vfio_xen_memory_free(void *memory, size_t size);

#ifdef __cplusplus
}
#endif

#endif
