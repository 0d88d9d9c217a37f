/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the files of vfio-xen-ctl.
 *
 * cli.c contains the table of commands; each command has a file. A command reads its
 * struct args, calls the library and prints through output.c.
 */
#ifndef VFIO_XEN_CTL_H
#define VFIO_XEN_CTL_H

#include <stdio.h>

#include <json.h>
#include <libsmartcols.h>

#include "vfio-xen.h"

#define PROGRAM "vfio-xen-ctl"
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

enum exit_code {
	EXIT_OK,
	EXIT_FAILED,
	EXIT_USAGE,
};

/* The options of all commands; each command accepts a subset. */
enum option_bit {
	OPT_HELP = 1 << 0,
	OPT_VERSION = 1 << 1,
	OPT_VERBOSE = 1 << 2,
	OPT_QUIET = 1 << 3,
	OPT_JSON = 1 << 4,
	OPT_BRIDGES = 1 << 5,
	OPT_GROUP = 1 << 6,
	OPT_DRIVER = 1 << 7,
	OPT_FORCE = 1 << 8,
	OPT_DRY_RUN = 1 << 9,
	OPT_WAIT = 1 << 10,
	OPT_SLOT = 1 << 11,
	OPT_PERMISSIVE = 1 << 12,
	OPT_TIMEOUT = 1 << 13,
	OPT_NO_BIND = 1 << 14,
	OPT_IOMMU = 1 << 15,
	OPT_PERSISTENT = 1 << 16,
	OPT_NAME = 1 << 17,
	OPT_NO_INITRAMFS = 1 << 18,
	OPT_FIX = 1 << 19,
	OPT_KEEP = 1 << 20,
	OPT_FOLLOW = 1 << 21,
	OPT_CURSOR = 1 << 22,
	OPT_JOURNAL = 1 << 23,
};

#define OPT_GLOBAL (OPT_HELP | OPT_VERSION | OPT_VERBOSE | OPT_QUIET)

struct args {
	unsigned int options;
	const char *driver;
	const char *slot;
	const char *timeout;
	const char *iommu;
	const char *name;
	const char *cursor;
	int nr_operands;
	char **operands;
};

/* One run of the program; out and err are stdout and stderr, except in tests. */
struct ctl {
	struct vfio_xen_ctx *lib;
	FILE *out;
	FILE *err;
	const struct command *command; /* NULL: not read yet */
	struct args args;
};

struct command {
	const char *name;
	const char *operands; /* as shown in the usage line */
	const char *summary;
	unsigned int options;
	int (*run)(struct ctl *ctl);
};

/* cli.c */
extern const struct command commands[];
extern const size_t nr_commands;
const struct command *command_find(const char *name);
/* The whole program, except creating the context. Returns the exit status. */
int ctl_main(struct vfio_xen_ctx *lib, FILE *out, FILE *err, int argc,
	     char **argv);

/* options.c */
struct option_info {
	const char *name;
	char letter; /* '\0': none */
	enum option_bit bit;
	const char *argument; /* NULL: takes no operands */
	const char *summary;
};

extern const struct option_info options[];
extern const size_t nr_options;
/*
 * Parses options and operands of @argv into ctl->args. With stop_at_operand, everything
 * after the first operand is an operand. Reports a bad option, and returns EXIT_USAGE for
 * it.
 */
int options_parse(struct ctl *ctl, unsigned int allowed, bool stop_at_operand,
		  int argc, char **argv);

/* help.c */
void help_program(struct ctl *ctl);
void help_command(struct ctl *ctl, const struct command *command);
/* Prints one line per command, with its options: for scripts that check the documents. */
void help_list_commands(struct ctl *ctl);
/* The command with the most similar name, or NULL. */
const char *help_nearest_command(const char *name);

/* output.c */
bool has_option(const struct ctl *ctl, enum option_bit bit);
/* Prints an error; with --json as an object with the member "error". */
int ctl_fail(struct ctl *ctl, enum exit_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same, with further members of that object, or NULL. Releases @more. */
int ctl_fail_with(struct ctl *ctl, enum exit_code code,
		  struct json_object *more, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Prints a warning, unless --quiet is given. */
void ctl_warn(struct ctl *ctl, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Prints advice, only with --verbose. */
void ctl_hint(struct ctl *ctl, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Print and release. */
void json_print(struct ctl *ctl, struct json_object *root);
/* A string, or null. */
void json_add_string(struct json_object *object, const char *key,
		     const char *value);
/*
 * Creates a table with these column headers for ctl->out. Returns NULL if memory is out.
 */
struct libscols_table *table_new(struct ctl *ctl, const char *const *headers,
				 size_t nr_headers);
/* Adds a row; a NULL cell is shown as "-". */
void table_add(struct libscols_table *table, const char *const *cells,
	       size_t nr_cells);
/* Print and release. */
void table_print(struct libscols_table *table);
/* Prints a line below a heading: a name, and the value in a column. */
void field_print(struct ctl *ctl, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Formats "1.5 GiB" into @text, which must have room. */
#define SIZE_TEXT_SIZE 32
void size_format(uint64_t bytes, char text[SIZE_TEXT_SIZE]);

/*
 * redact.c: a line without MACs, serial numbers and files of /dev, which the caller
 * frees; NULL: no memory.
 */
char *redact_line(const char *line);

/* problem.c */
/* Reports why the library's last call returned @err, with the way out. */
int problem_report(struct ctl *ctl, int err);
/* The same as text, which the caller frees. */
char *problem_explain(struct ctl *ctl, int err);
/* Why the library's last call failed */
enum vfio_xen_problem_kind problem_kind(const struct ctl *ctl);

/* request.c: requests to the vfio-xen-dm of a guest */
/* Fills in a request by the options. Returns an exit status. */
int request_fill(struct ctl *ctl, uint32_t sbdf,
		 struct vfio_xen_request *request);
/*
 * From here on SIGINT and SIGTERM cancel the request instead of ending the program.
 * Returns a descriptor for vfio_xen_request's cancel_fd, or -errno.
 */
int request_block_signals(void);
/* Whether one of these signals has arrived */
bool request_is_interrupted(int signals);

/* guests.c: the devices of all guests, as their vfio-xen-dms report them */
struct guest;
struct guests;

/* Release with guests_free(). Returns NULL, which means no guests, if memory is out. */
struct guests *guests_query(struct ctl *ctl);
void guests_free(struct guests *guests);
/* The attachment of a device, and its guest; NULL: no guest has it. */
const struct vfio_xen_attachment *guests_find(const struct guests *guests,
					      uint32_t sbdf,
					      const struct guest **guest);
/* The name of a guest by domid or UUID, which the caller frees, or NULL */
char *guest_find_name(struct ctl *ctl, const char *text);
size_t guests_get_nr(const struct guests *guests);
const struct guest *guests_get(const struct guests *guests, size_t index);
const struct vfio_xen_status *guest_get_status(const struct guest *guest);
int guest_get_domid(const struct guest *guest);
const char *guest_get_uuid(const struct guest *guest);
/* Its name, or its UUID if it has none. */
const char *guest_get_name(const struct guest *guest);
/* The slot as text, or NULL */
#define SLOT_TEXT_SIZE 16
const char *attachment_format_slot(const struct vfio_xen_attachment *attachment,
				   char text[SLOT_TEXT_SIZE]);
/* The member "guest" of a device in list; NULL: no guest has it. */
struct json_object *guests_device_to_json(const struct guests *guests,
					  uint32_t sbdf);
struct json_object *guests_to_json(const struct guests *guests);
/* The part of status about guests */
void guests_show(struct ctl *ctl, const struct guests *guests);

/* user.c: who has a device */
enum user_kind {
	USER_UNKNOWN,
	USER_NOBODY,
	USER_DOM0,
	USER_PROCESS,
	USER_GUEST,
};

struct user {
	enum user_kind kind;
	int id; /* pid or domid; -1: none */
	char *name; /* of a driver, a process or a guest; NULL: not known */
};

/* @dev: NULL: it is not there; release with user_release() */
void user_find(struct ctl *ctl, const struct guests *guests,
	       const struct vfio_xen_device *dev, struct user *user);
void user_release(struct user *user);
/* "guest 3 (web)", which the caller frees; NULL if unknown. */
char *user_format(const struct user *user);
/* "guest", or NULL if unknown */
const char *user_kind_name(enum user_kind kind);
struct json_object *user_to_json(const struct user *user);

/* list.c */
int run_list(struct ctl *ctl);
/*
 * The owner of a device in words: "dom0", "shell 5", "quarantine (return pending)"; NULL
 * if unknown.
 */
#define OWNER_TEXT_SIZE 40
const char *owner_format(const struct vfio_xen_device *dev,
			 char text[OWNER_TEXT_SIZE]);
/* Class, vendor and device as lspci prints them; the caller frees the text. */
char *device_describe(const struct vfio_xen_device *dev);
struct json_object *device_to_json(const struct vfio_xen_device *dev,
				   const struct guests *guests);
/*
 * Converts an operand, an address or a name, to an address. Reports an operand that is
 * neither.
 */
int operand_to_sbdf(struct ctl *ctl, const char *operand, uint32_t *sbdf);
/* Converts all operands to addresses. The caller frees *sbdfs, also after a failure. */
int operands_to_sbdfs(struct ctl *ctl, uint32_t **sbdfs);

/* entries.c: persistent devices; NULL for a device that is none */
/* The name of a persistent device, or "yes"; the caller frees it. */
char *entry_format(const struct vfio_xen_config *config,
		   const struct vfio_xen_device *dev);
/* The entry that means a device; NULL: none. */
struct json_object *entry_to_json(const struct vfio_xen_entry *entry);
/* The mistakes of entries, and why devices are absent or unbound, one text each */
struct json_object *
entry_problems_to_json(const struct vfio_xen_config *config);
/* The same, as warnings */
void entry_problems_show(struct ctl *ctl, const struct vfio_xen_config *config);

/* exposition.c: figures in the text format that Prometheus reads */
enum metric_type {
	METRIC_GAUGE,
	METRIC_COUNTER,
};

/* The samples of a family are printed together, and its head before the first. */
struct family {
	FILE *out;
	const char *name;
	enum metric_type type;
	const char *help;
	bool begun;
};

struct label {
	const char *name; /* NULL ends an array of labels */
	const char *value; /* any bytes; NULL is "" */
};

/* @labels: NULL: none */
void sample_print(struct family *family, const struct label *labels,
		  uint64_t value);
/* A number of nanoseconds, which is printed in seconds */
void sample_print_ns(struct family *family, const struct label *labels,
		     uint64_t ns);

struct user;

/* events.c: messages of the kernel that are events */
struct kernel_event {
	const char *text; /* in the message */
	const char *name;
};

extern const struct kernel_event kernel_events[];
extern const size_t nr_kernel_events;

/* fault_names.c */
const char *fault_kind_name(const struct vfio_xen_fault *fault);
/* NULL: unknown, or no access */
const char *fault_access_name(const struct vfio_xen_fault *fault);

/* fault_events.c: faults in the journal */
struct fault_event {
	const struct vfio_xen_fault *fault;
	const char *address;
	const struct user *user;
	bool is_last; /* of those that were read together */
	uint32_t position; /* in Xen's log, after these */
};

void fault_event_send(const struct fault_event *event);
void fault_event_send_gap(uint64_t lost, uint64_t suppressed);
/* The position after the faults that are in the journal, or 0. Returns 0 or -errno. */
int fault_event_find_position(uint32_t *position);

/* families.c: the figures, each set from one source */
void families_show_program(FILE *out, const struct vfio_xen_host *host);
/* Needs the owners of devices, which only debugfs tells. */
void families_show_devices(struct ctl *ctl, FILE *out,
			   const struct guests *guests);
void families_show_interrupts(struct ctl *ctl, FILE *out);
void families_show_iommu(FILE *out, const struct vfio_xen_debugfs *debugfs);
void families_show_guests(FILE *out, const struct guests *guests);
void families_show_faults(FILE *out, const struct vfio_xen_faults *faults);

/* interrupts.c: all NULL unless a VFIO program uses the device */
#define IRQ_TEXT_SIZE 40
const char *irq_kind_name(const struct vfio_xen_device *dev);
/* Kind, vectors, and the notification if it is not eventfds: "msi-x 3/5". */
const char *irq_format(const struct vfio_xen_device *dev,
		       char text[IRQ_TEXT_SIZE]);
const char *irq_count_format(const struct vfio_xen_device *dev,
			     char text[IRQ_TEXT_SIZE]);
struct json_object *interrupts_to_json(const struct vfio_xen_device *dev);
/* The lines of status about a device in use */
void interrupts_show(struct ctl *ctl, const struct vfio_xen_device *dev);

/*
 * initramfs.c: rebuild the initramfs after a change of persistent devices, unless the user
 * does not want it. @done tells what a failure leaves in place.
 */
int initramfs_update(struct ctl *ctl, const char *done);

/* the other commands */
int run_attach(struct ctl *ctl);
int run_bind(struct ctl *ctl);
int run_check(struct ctl *ctl);
int run_detach(struct ctl *ctl);
int run_events(struct ctl *ctl);
int run_faults(struct ctl *ctl);
int run_groups(struct ctl *ctl);
int run_help(struct ctl *ctl);
int run_metrics(struct ctl *ctl);
int run_report(struct ctl *ctl);
int run_status(struct ctl *ctl);
int run_unbind(struct ctl *ctl);
int run_vfs(struct ctl *ctl);

#endif
