// SPDX-License-Identifier: GPL-2.0-only
/*
 * faults: show the DMA and the interrupts that the IOMMU has refused, with their users.
 *
 * Faults that differ only in the address share a row. So a device that only faults adds
 * one row for each time that the log is read.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"

/* The period of --follow */
#define PERIOD_MS 1000

/*
 * Xen disables bus mastering after this many faults without a pause of more than 10 ms.
 */
#define STOPS_AT 10

/* The input of all rows */
struct snapshot {
	struct vfio_xen_config *config;
	struct guests *guests;
};

struct row {
	const struct vfio_xen_fault *fault;
	char address[VFIO_XEN_SBDF_SIZE];
	char *name; /* of a persistent device, or NULL */
	struct user user;
	int bus_master; /* -errno: unknown */
	char *advice; /* may be NULL */
};

/* ---- a row ---- */

/* How to restart a device that Xen has stopped */
static char *advise(const struct row *row)
{
	static const char off[] =
		"bus mastering is off, as Xen does after a burst of faults";
	const char *way_out;
	char *text;

	if (row->bus_master || vfio_xen_fault_get_count(row->fault) < STOPS_AT)
		return NULL;
	switch (row->user.kind) {
	case USER_GUEST:
		way_out = "reload its driver in the guest, or detach and "
			  "attach it";
		break;
	case USER_PROCESS:
		way_out = "restart the program, or let it reset the device "
			  "and enable bus mastering";
		break;
	case USER_DOM0:
		way_out = "unbind its driver and bind it again";
		break;
	default:
		return NULL; /* a device that nobody uses has it off anyway */
	}
	return asprintf(&text, "%s; %s", off, way_out) < 0 ? NULL : text;
}

static void row_fill(struct ctl *ctl, const struct snapshot *snapshot,
		     const struct vfio_xen_fault *fault, struct row *row)
{
	uint32_t sbdf = vfio_xen_fault_get_sbdf(fault);
	const struct vfio_xen_device *dev =
		vfio_xen_device_get_by_sbdf(ctl->lib, sbdf);

	*row = (struct row){ .fault = fault, .bus_master = -ENODEV };
	vfio_xen_sbdf_format(sbdf, row->address);
	user_find(ctl, snapshot->guests, dev, &row->user);
	if (!dev)
		return;
	row->name = vfio_xen_config_name_device(snapshot->config, dev);
	row->bus_master = vfio_xen_device_is_bus_master(dev);
	row->advice = advise(row);
}

static void row_release(struct row *row)
{
	user_release(&row->user);
	free(row->name);
	free(row->advice);
}

/* ---- JSON ---- */

static void add_hex(struct json_object *object, const char *key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
	json_add_string(object, key, text);
}

static struct json_object *row_to_json(const struct row *row)
{
	const struct vfio_xen_fault *fault = row->fault;
	struct json_object *object = json_object_new_object();
	struct json_object *bus_master = NULL;

	if (row->bus_master >= 0)
		bus_master = json_object_new_boolean(row->bus_master);
	json_add_string(object, "device", row->address);
	json_add_string(object, "name", row->name);
	json_add_string(object, "kind", fault_kind_name(fault));
	json_add_string(object, "access", fault_access_name(fault));
	add_hex(object, "lowest", vfio_xen_fault_get_lowest(fault));
	add_hex(object, "highest", vfio_xen_fault_get_highest(fault));
	json_add_string(object, "reason", vfio_xen_fault_get_reason(fault));
	json_object_object_add(
		object, "count",
		json_object_new_uint64(vfio_xen_fault_get_count(fault)));
	json_object_object_add(object, "user", user_to_json(&row->user));
	json_object_object_add(object, "bus_master", bus_master);
	json_add_string(object, "advice", row->advice);
	return object;
}

static void add_time(struct json_object *object)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[32];

	if (!gmtime_r(&now, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return;
	json_add_string(object, "time", text);
}

static void show_json(struct ctl *ctl, const struct vfio_xen_faults *faults,
		      const struct snapshot *snapshot)
{
	struct json_object *root = json_object_new_object();
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < vfio_xen_faults_get_nr(faults); i++) {
		struct row row;

		row_fill(ctl, snapshot, vfio_xen_faults_get_fault(faults, i),
			 &row);
		json_object_array_add(array, row_to_json(&row));
		row_release(&row);
	}
	add_time(root);
	json_object_object_add(root, "faults", array);
	json_object_object_add(
		root, "lost_characters",
		json_object_new_uint64(vfio_xen_faults_get_lost(faults)));
	json_object_object_add(
		root, "suppressed_lines",
		json_object_new_uint64(vfio_xen_faults_get_suppressed(faults)));
	json_print(ctl, root);
}

/* ---- text ---- */

static void format_what(const struct vfio_xen_fault *fault, char text[16])
{
	const char *access = fault_access_name(fault);

	switch (vfio_xen_fault_get_kind(fault)) {
	case VFIO_XEN_FAULT_DMA:
		snprintf(text, 16, "DMA%s%s", access ? " " : "",
			 access ? access : "");
		break;
	case VFIO_XEN_FAULT_INTERRUPT:
	case VFIO_XEN_FAULT_OTHER:
		snprintf(text, 16, "%s", fault_kind_name(fault));
		break;
	}
}

static void format_range(const struct vfio_xen_fault *fault, char text[48])
{
	unsigned long long lowest = vfio_xen_fault_get_lowest(fault);
	unsigned long long highest = vfio_xen_fault_get_highest(fault);

	if (lowest == highest)
		snprintf(text, 48, "0x%llx", lowest);
	else
		snprintf(text, 48, "0x%llx-0x%llx", lowest, highest);
}

static void add_row(struct libscols_table *table, const struct row *row)
{
	char count[24], what[16], range[48];
	char *user = user_format(&row->user);
	const char *cells[] = {
		row->address,
		row->name,
		count,
		what,
		range,
		user,
		vfio_xen_fault_get_reason(row->fault),
	};

	snprintf(count, sizeof(count), "%llu",
		 (unsigned long long)vfio_xen_fault_get_count(row->fault));
	format_what(row->fault, what);
	format_range(row->fault, range);
	table_add(table, cells, ARRAY_SIZE(cells));
	free(user);
}

/* All rows of a device share its advice. */
static void show_advice(struct ctl *ctl, const struct vfio_xen_faults *faults,
			const struct row *rows)
{
	size_t nr = vfio_xen_faults_get_nr(faults);

	for (size_t i = 0; i < nr; i++) {
		bool said = false;

		for (size_t j = 0; j < i; j++)
			said |= rows[j].advice &&
				!strcmp(rows[j].address, rows[i].address);
		if (rows[i].advice && !said)
			fprintf(ctl->out, "%s: %s\n", rows[i].address,
				rows[i].advice);
	}
}

static void show_table(struct ctl *ctl, const struct vfio_xen_faults *faults,
		       const struct snapshot *snapshot)
{
	/* Old faults in the log can belong to an earlier user. */
	const char *const headers[] = {
		"DEVICE",  "NAME",
		"COUNT",   "FAULT",
		"ADDRESS", has_option(ctl, OPT_FOLLOW) ? "USER" : "USER NOW",
		"REASON",
	};
	size_t nr = vfio_xen_faults_get_nr(faults);
	struct libscols_table *table;
	struct row *rows = calloc(nr, sizeof(*rows));

	table = table_new(ctl, headers, ARRAY_SIZE(headers));
	if (!table || !rows) {
		ctl_warn(ctl, "out of memory");
		scols_unref_table(table);
		free(rows);
		return;
	}
	for (size_t i = 0; i < nr; i++) {
		row_fill(ctl, snapshot, vfio_xen_faults_get_fault(faults, i),
			 &rows[i]);
		add_row(table, &rows[i]);
	}
	table_print(table);
	show_advice(ctl, faults, rows);
	for (size_t i = 0; i < nr; i++)
		row_release(&rows[i]);
	free(rows);
}

/* Reports lost and suppressed lines; with --json, members do. */
static void warn_of_gaps(struct ctl *ctl, const struct vfio_xen_faults *faults,
			 bool first)
{
	uint64_t lost = vfio_xen_faults_get_lost(faults);
	uint64_t suppressed = vfio_xen_faults_get_suppressed(faults);

	if (lost)
		ctl_warn(ctl,
			 "%s %llu characters of Xen's log are lost, and faults "
			 "may be among them; give Xen a larger conring_size=",
			 first ? "the first" : "another",
			 (unsigned long long)lost);
	if (suppressed)
		ctl_warn(ctl,
			 "Xen has suppressed %llu lines of its log, and faults "
			 "may be among them; with guest_loglvl=warning Xen "
			 "suppresses none of these",
			 (unsigned long long)suppressed);
}

static void show_plain(struct ctl *ctl, const struct vfio_xen_faults *faults,
		       const struct snapshot *snapshot, bool first)
{
	if (vfio_xen_faults_get_nr(faults))
		show_table(ctl, faults, snapshot);
	else if (!has_option(ctl, OPT_FOLLOW))
		fprintf(ctl->out, "no faults in Xen's log\n");
	fflush(ctl->out);
	warn_of_gaps(ctl, faults, first);
}

/* ---- the journal ---- */

static void send_to_journal(struct ctl *ctl,
			    const struct vfio_xen_faults *faults,
			    const struct snapshot *snapshot)
{
	uint64_t lost = vfio_xen_faults_get_lost(faults);
	uint64_t suppressed = vfio_xen_faults_get_suppressed(faults);
	size_t nr = vfio_xen_faults_get_nr(faults);

	if (lost || suppressed)
		fault_event_send_gap(lost, suppressed);
	for (size_t i = 0; i < nr; i++) {
		struct row row;

		row_fill(ctl, snapshot, vfio_xen_faults_get_fault(faults, i),
			 &row);
		fault_event_send(&(struct fault_event){
			.fault = row.fault,
			.address = row.address,
			.user = &row.user,
			.is_last = i + 1 == nr,
			.position = vfio_xen_faults_get_position(faults),
		});
		row_release(&row);
	}
}

/* ---- reading ---- */

static int report_no_log(struct ctl *ctl, int err)
{
	const char *why = strerror(-err);

	if (err == -ENODEV)
		why = "this is not the dom0 of a Xen host";
	else if (err == -EACCES || err == -EPERM)
		why = "permission denied; run it as root";
	return ctl_fail(ctl, EXIT_FAILED, "cannot read Xen's log: %s", why);
}

/* Devices change their users, so read everything again for each set of faults. */
static int show(struct ctl *ctl, const struct vfio_xen_faults *faults,
		bool first)
{
	struct snapshot snapshot = { 0 };
	int err = vfio_xen_scan(ctl->lib);

	if (!err)
		err = vfio_xen_config_new(ctl->lib, &snapshot.config);
	if (err)
		return problem_report(ctl, err);
	snapshot.guests = guests_query(ctl);
	if (has_option(ctl, OPT_JOURNAL))
		send_to_journal(ctl, faults, &snapshot);
	else if (has_option(ctl, OPT_JSON))
		show_json(ctl, faults, &snapshot);
	else
		show_plain(ctl, faults, &snapshot, first);
	guests_free(snapshot.guests);
	vfio_xen_config_free(snapshot.config);
	return EXIT_OK;
}

static bool has_news(const struct vfio_xen_faults *faults)
{
	return vfio_xen_faults_get_nr(faults) ||
	       vfio_xen_faults_get_lost(faults) ||
	       vfio_xen_faults_get_suppressed(faults);
}

/* Runs until a signal arrives, or the reader has closed the pipe. */
static int follow(struct ctl *ctl, struct vfio_xen_faults *faults)
{
	struct pollfd signals = { .events = POLLIN };
	bool first = true;
	int code = EXIT_OK;

	signals.fd = request_block_signals();
	if (signals.fd < 0)
		return ctl_fail(ctl, EXIT_FAILED, "cannot wait for signals: %s",
				strerror(-signals.fd));
	do {
		int err = vfio_xen_faults_read(faults, false);

		if (err)
			code = report_no_log(ctl, err);
		else if (has_news(faults))
			code = show(ctl, faults, first);
		first = false;
		if (!code && (fflush(ctl->out) || ferror(ctl->out)))
			code = EXIT_FAILED;
	} while (!code && poll(&signals, 1, PERIOD_MS) <= 0);
	close(signals.fd);
	return code;
}

/* Goes on after the faults that are in the journal. */
static int resume(struct ctl *ctl, struct vfio_xen_faults *faults)
{
	uint32_t position;
	int err = fault_event_find_position(&position);

	if (err)
		return ctl_fail(ctl, EXIT_FAILED,
				"cannot read the journal: %s; --journal needs "
				"systemd-journald",
				strerror(-err));
	vfio_xen_faults_set_position(faults, position);
	return EXIT_OK;
}

int run_faults(struct ctl *ctl)
{
	struct vfio_xen_faults *faults;
	int code = EXIT_OK, err;

	if (has_option(ctl, OPT_JOURNAL) && has_option(ctl, OPT_JSON))
		return ctl_fail(ctl, EXIT_USAGE,
				"--journal prints nothing, so it excludes "
				"--json");
	err = vfio_xen_faults_new(ctl->lib, &faults);
	if (err)
		return problem_report(ctl, err);
	if (has_option(ctl, OPT_JOURNAL))
		code = resume(ctl, faults);
	if (code) {
		vfio_xen_faults_free(faults);
		return code;
	}
	if (has_option(ctl, OPT_FOLLOW)) {
		code = follow(ctl, faults);
	} else {
		err = vfio_xen_faults_read(faults, true);
		code = err ? report_no_log(ctl, err) : show(ctl, faults, true);
	}
	vfio_xen_faults_free(faults);
	return code;
}
