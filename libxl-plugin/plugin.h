/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the files of the libxl plugin.
 *
 * libxl-vfio-xen.so is preloaded into xl. It defines functions of libxl's
 * interface, which take precedence: calls about devices of vfio-xen-pci are
 * handled here, all others are passed on to libxl. Calls from libxl to its own
 * functions also arrive here, and are always passed on.
 *
 * Calls point down only: create -> attach -> assignable, guest -> device -> call
 * -> log, real.
 */
#ifndef LIBXL_PLUGIN_H
#define LIBXL_PLUGIN_H

#include <stdbool.h>
#include <stdint.h>

#include <libxl.h>
#include <xentoollog.h>

#include "vfio-xen.h"

#define DRIVER "vfio-xen-pci"

/* All other symbols are hidden. */
#define INTERPOSED __attribute__((visibility("default")))
#define check_format(fmt, args) __attribute__((format(printf, fmt, args)))

/* ---- real.c: libxl's own functions ---- */

#define REAL_FUNCTIONS(f)                      \
	f(libxl_ctx_alloc);                    \
	f(libxl_ctx_free);                     \
	f(libxl_device_pci_add);               \
	f(libxl_device_pci_assignable_add);    \
	f(libxl_device_pci_assignable_list);   \
	f(libxl_device_pci_assignable_remove); \
	f(libxl_device_pci_destroy);           \
	f(libxl_device_pci_init);              \
	f(libxl_device_pci_list);              \
	f(libxl_device_pci_remove);            \
	f(libxl_domain_create_new);            \
	f(libxl_domain_create_restore);        \
	f(libxl_domain_destroy);               \
	f(libxl_domain_soft_reset);            \
	f(libxl_domain_suspend);               \
	f(libxl_domain_suspend_only);          \
	f(libxl_retrieve_domain_configuration)

struct real {
#define REAL_MEMBER(name) __typeof__(name) *name
	REAL_FUNCTIONS(REAL_MEMBER);
#undef REAL_MEMBER
};

extern struct real real;

/*
 * Call it in the first function that a program calls: a program may load libxl
 * after its start, and only a loaded libxl can be found.
 */
bool real_is_there(void);

/*
 * Whether libxl is the version that the plugin was built for, and the plugin is
 * not switched off
 */
bool plugin_is_active(void);
/* Whether a return address is in libxl: such a call is passed on. */
bool is_in_libxl(const void *address);
#define IS_OURS_TO_ANSWER() \
	(plugin_is_active() && !is_in_libxl(__builtin_return_address(0)))

/* ---- log.c: the logger that the program has given to libxl ---- */

xentoollog_logger *log_of(const libxl_ctx *ctx);

/* ---- call.c: one call of a function of libxl's ---- */

#define NO_DOMID (-1)

struct call {
	libxl_ctx *ctx;
	int domid; /* for messages, or NO_DOMID */
	struct vfio_xen_ctx *lib;
};

/* 0 or an error of libxl */
int call_begin(struct call *call, libxl_ctx *ctx, int domid);
void call_end(struct call *call);
void call_log(const struct call *call, xentoollog_level level, const char *fmt,
	      ...) check_format(3, 4);
/* Logs an error, and returns ERROR_FAIL. */
int call_fail(const struct call *call, const char *fmt, ...) check_format(2, 3);
/* The same for the result of the last call of libvfio-xen */
int call_explain(const struct call *call, int err);
/* Why the last call of libvfio-xen failed */
enum vfio_xen_problem_kind call_problem(const struct call *call);
/*
 * The end of a function that can be asynchronous. The plugin completes all work
 * before it returns, as libxl's interface permits.
 */
int call_complete(const struct call *call, const libxl_asyncop_how *ao_how,
		  int rc);

/* ---- device.c: whose a device is, and what it is called ---- */

uint32_t pci_sbdf(const libxl_device_pci *pci);
void pci_set_sbdf(libxl_device_pci *pci, uint32_t sbdf);
bool sbdf_exists(uint32_t sbdf);
/* Whether firmware reserves memory for a device of its group */
bool sbdf_has_reserved_memory(uint32_t sbdf);
#define DRIVER_SIZE 256
/* "" if it has none, or if there is no such device */
void sbdf_read_driver(uint32_t sbdf, char driver[DRIVER_SIZE]);
/* Whether the device is bound to vfio-xen-pci */
bool sbdf_is_ours(uint32_t sbdf);
/*
 * Whether the plugin handles the device, now or once it is assignable. With
 * xen-pciback loaded, devices of neither driver go there, as with stock xl.
 */
bool sbdf_is_for_us(uint32_t sbdf);
bool pciback_is_loaded(void);
/*
 * Makes a shallow copy with the address of a device that is given by name,
 * which can be that of pci-assignable-add or of a persistent device. Returns
 * false if no device has the name.
 */
bool pci_resolve(const libxl_device_pci *pci, libxl_device_pci *copy);
/* NULL removes the name. */
void name_write(uint32_t sbdf, const char *name);
/* The caller frees it; NULL: no name */
char *name_read(uint32_t sbdf);

/* ---- guest.c: the devices of a guest, by its vfio-xen-dm ---- */

/*
 * The devices of the guest, released with vfio_xen_status_free(). Returns 0 and
 * NULL if the guest has no vfio-xen-dm; -errno and NULL if it does not answer.
 */
int guest_get_status(const struct call *call, const char *uuid,
		     struct vfio_xen_status **status);
/* The same for call->domid. */
int domain_get_status(const struct call *call, struct vfio_xen_status **status);
bool status_has(const struct vfio_xen_status *status, uint32_t sbdf);
/* Whether any guest has it. */
bool sbdf_is_attached(const struct call *call, uint32_t sbdf);
/* 0 or an error of libxl's. The timeout is filled in. */
int guest_attach(const struct call *call, struct vfio_xen_request *request);
int guest_detach(const struct call *call, const char *uuid, uint32_t sbdf,
		 bool force);

/* ---- assignable.c ---- */

/* All or none */
int make_assignable(const struct call *call, const uint32_t *sbdfs, size_t nr);
/* As it was, when it had that driver. */
void undo_assignable(const struct call *call, uint32_t sbdf,
		     const char *former);

/* ---- attach.c ---- */

#define MAX_FUNCTIONS 8

/* What a libxl_device_pci stands for, and what became of it */
struct attached {
	uint32_t sbdfs[MAX_FUNCTIONS];
	size_t nr;
	char former[MAX_FUNCTIONS][DRIVER_SIZE];
	size_t nr_attached;
	char uuid[LIBXL_UUID_FMTLEN + 1]; /* the guest's */
};

/*
 * All the functions of a device that @pci stands for, which is for us. @attached is
 * filled in; an error leaves nothing to undo.
 */
int attach(const struct call *call, const libxl_device_pci *pci, bool at_boot,
	   struct attached *attached);
/* Detach them by force, and give what was seized back to its driver. */
void undo_attach(const struct call *call, const struct attached *attached);
/* Append a guest's devices to an array of libxl's. */
int append_devices(const struct vfio_xen_status *status,
		   libxl_device_pci **pcis, int *num);

#endif
