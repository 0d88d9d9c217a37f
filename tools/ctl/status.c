// SPDX-License-Identifier: GPL-2.0-only
/*
 * status: show Xen, vfio-xen-iommu, its shell domains, guests with devices, devices in
 * use by VFIO programs, and statistics.
 *
 * Every user sees what can be read without root. The rest becomes an error, which does
 * not suppress this output.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

/* If vfio-xen-iommu's state is unknown, @debugfs is NULL and @error says why. */
struct status {
	struct vfio_xen_host *host;
	struct vfio_xen_debugfs *debugfs;
	struct guests *guests;
	char *error;
};

static char *explain_no_debugfs(struct ctl *ctl, const struct status *status,
				int err)
{
	char *text = NULL;

	if (!vfio_xen_host_has_xen_iommu(status->host))
		return NULL;
	if (err == -EACCES || err == -EPERM)
		return strdup("shell domains and statistics need root");
	if (err != -ENOENT)
		return problem_explain(ctl, err);
	if (asprintf(&text, "shell domains and statistics need debugfs; is it "
			    "mounted on /sys/kernel/debug?") < 0)
		return NULL;
	return text;
}

static struct json_object *xen_to_json(const struct vfio_xen_host *host)
{
	struct json_object *object, *free_bytes = NULL;
	uint64_t bytes;

	if (!vfio_xen_host_get_version(host))
		return NULL;
	if (!vfio_xen_host_get_free_bytes(host, &bytes))
		free_bytes = json_object_new_uint64(bytes);
	object = json_object_new_object();
	json_add_string(object, "version", vfio_xen_host_get_version(host));
	json_object_object_add(
		object, "dom0",
		json_object_new_boolean(vfio_xen_host_is_dom0(host)));
	json_add_string(object, "guest_type",
			vfio_xen_host_get_guest_type(host));
	json_object_object_add(object, "free_bytes", free_bytes);
	return object;
}

static void json_add_sbdf(struct json_object *array, uint32_t sbdf)
{
	char text[VFIO_XEN_SBDF_SIZE];

	vfio_xen_sbdf_format(sbdf, text);
	json_object_array_add(array, json_object_new_string(text));
}

static struct json_object *shell_to_json(const struct vfio_xen_shell *shell)
{
	struct json_object *object = json_object_new_object();
	struct json_object *devices = json_object_new_array();

	for (size_t i = 0; i < vfio_xen_shell_get_nr_devices(shell); i++)
		json_add_sbdf(devices, vfio_xen_shell_get_device(shell, i));
	json_object_object_add(
		object, "domid",
		json_object_new_int(vfio_xen_shell_get_domid(shell)));
	json_add_string(object, "name", vfio_xen_shell_get_name(shell));
	json_object_object_add(
		object, "mapped_bytes",
		json_object_new_uint64(vfio_xen_shell_get_mapped_bytes(shell)));
	json_object_object_add(
		object, "pool_bytes",
		json_object_new_uint64(vfio_xen_shell_get_pool_bytes(shell)));
	json_object_object_add(object, "devices", devices);
	return object;
}

static bool is_quarantined(const struct vfio_xen_debugfs *debugfs, size_t index)
{
	int domid;

	return vfio_xen_debugfs_get_owner(
		       debugfs, vfio_xen_debugfs_get_device(debugfs, index),
		       &domid) == VFIO_XEN_OWNER_QUARANTINE;
}

static void debugfs_to_json(const struct vfio_xen_debugfs *debugfs,
			    struct json_object *object)
{
	struct json_object *quarantined = json_object_new_array();
	struct json_object *return_pending = json_object_new_array();
	struct json_object *stats = json_object_new_object();
	struct json_object *shells = json_object_new_array();

	for (size_t i = 0; i < vfio_xen_debugfs_get_nr_shells(debugfs); i++)
		json_object_array_add(
			shells,
			shell_to_json(vfio_xen_debugfs_get_shell(debugfs, i)));
	for (size_t i = 0; i < vfio_xen_debugfs_get_nr_devices(debugfs); i++) {
		uint32_t sbdf = vfio_xen_debugfs_get_device(debugfs, i);

		if (is_quarantined(debugfs, i))
			json_add_sbdf(quarantined, sbdf);
		if (vfio_xen_debugfs_is_return_pending(debugfs, sbdf))
			json_add_sbdf(return_pending, sbdf);
	}
	for (size_t i = 0; i < vfio_xen_debugfs_get_nr_stats(debugfs); i++)
		json_object_object_add(
			stats, vfio_xen_debugfs_get_stat_name(debugfs, i),
			json_object_new_uint64(
				vfio_xen_debugfs_get_stat_value(debugfs, i)));
	json_object_object_add(object, "shells", shells);
	json_object_object_add(object, "quarantined", quarantined);
	json_object_object_add(object, "return_pending", return_pending);
	json_object_object_add(object, "statistics", stats);
}

static struct json_object *devices_to_json(struct ctl *ctl,
					   const struct status *status)
{
	struct json_object *array = json_object_new_array();
	struct vfio_xen_device *dev;

	vfio_xen_device_foreach(ctl->lib, dev)
		if (vfio_xen_device_is_in_use(dev))
			json_object_array_add(
				array, device_to_json(dev, status->guests));
	return array;
}

static void show_json(struct ctl *ctl, const struct status *status)
{
	struct json_object *root = json_object_new_object();
	struct json_object *iommu = json_object_new_object();

	json_object_object_add(root, "xen", xen_to_json(status->host));
	json_object_object_add(
		iommu, "loaded",
		json_object_new_boolean(
			vfio_xen_host_has_xen_iommu(status->host)));
	if (status->debugfs)
		debugfs_to_json(status->debugfs, iommu);
	json_object_object_add(root, "vfio_xen_iommu", iommu);
	json_object_object_add(root, "guests", guests_to_json(status->guests));
	json_object_object_add(root, "devices_in_use",
			       devices_to_json(ctl, status));
	if (status->error)
		json_add_string(root, "error", status->error);
	json_print(ctl, root);
}

static void show_host(struct ctl *ctl, const struct vfio_xen_host *host)
{
	const char *version = vfio_xen_host_get_version(host);
	const char *type = vfio_xen_host_get_guest_type(host);
	char size[SIZE_TEXT_SIZE];
	uint64_t bytes;

	if (version)
		fprintf(ctl->out, "Xen:             %s, %s (%s)\n", version,
			vfio_xen_host_is_dom0(host) ? "dom0" : "not dom0",
			type ? type : "unknown type");
	else
		fprintf(ctl->out, "Xen:             no\n");
	if (!vfio_xen_host_get_free_bytes(host, &bytes)) {
		size_format(bytes, size);
		fprintf(ctl->out, "Xen free memory: %s\n", size);
	}
	fprintf(ctl->out, "vfio-xen-iommu:       %s\n",
		vfio_xen_host_has_xen_iommu(host) ? "loaded" : "not loaded");
}

/* "A B C"; the caller frees it. */
static char *shell_devices(const struct vfio_xen_shell *shell)
{
	size_t nr = vfio_xen_shell_get_nr_devices(shell);
	char *text = calloc(nr + 1, VFIO_XEN_SBDF_SIZE);

	for (size_t i = 0; text && i < nr; i++) {
		char *at = text + i * VFIO_XEN_SBDF_SIZE;

		vfio_xen_sbdf_format(vfio_xen_shell_get_device(shell, i), at);
		if (i)
			at[-1] = ' ';
	}
	return text;
}

static void add_shell_row(struct libscols_table *table,
			  const struct vfio_xen_shell *shell)
{
	char domid[16], mapped[SIZE_TEXT_SIZE], pool[SIZE_TEXT_SIZE];
	char *devices = shell_devices(shell);
	const char *cells[] = { domid, vfio_xen_shell_get_name(shell), mapped,
				pool, devices };

	snprintf(domid, sizeof(domid), "%d", vfio_xen_shell_get_domid(shell));
	size_format(vfio_xen_shell_get_mapped_bytes(shell), mapped);
	size_format(vfio_xen_shell_get_pool_bytes(shell), pool);
	table_add(table, cells, ARRAY_SIZE(cells));
	free(devices);
}

static void show_shells(struct ctl *ctl, const struct vfio_xen_debugfs *debugfs)
{
	static const char *const headers[] = { "DOMID", "NAME", "MAPPED",
					       "POOL", "DEVICES" };
	size_t nr = vfio_xen_debugfs_get_nr_shells(debugfs);
	struct libscols_table *table;

	fprintf(ctl->out, "\nShell domains:   %zu\n", nr);
	if (!nr)
		return;
	table = table_new(ctl, headers, ARRAY_SIZE(headers));
	if (!table)
		return;
	for (size_t i = 0; i < nr; i++)
		add_shell_row(table, vfio_xen_debugfs_get_shell(debugfs, i));
	table_print(table);
}

static void show_quarantined(struct ctl *ctl,
			     const struct vfio_xen_debugfs *debugfs)
{
	char text[VFIO_XEN_SBDF_SIZE];
	bool any = false;

	fprintf(ctl->out, "Quarantined:    ");
	for (size_t i = 0; i < vfio_xen_debugfs_get_nr_devices(debugfs); i++) {
		if (!is_quarantined(debugfs, i))
			continue;
		any = true;
		vfio_xen_sbdf_format(vfio_xen_debugfs_get_device(debugfs, i),
				     text);
		fprintf(ctl->out, " %s", text);
	}
	fprintf(ctl->out, "%s\n", any ? "" : " none");
}

static void show_reach(struct ctl *ctl, const struct vfio_xen_debugfs *debugfs,
		       uint32_t sbdf)
{
	int domid = vfio_xen_debugfs_get_bars_exposed_to(debugfs, sbdf);

	if (domid >= 0)
		fprintf(ctl->out,
			"                 and the guest with domid %d has ended, "
			"which may still reach it\n",
			domid);
}

/* One line for each, with its future. */
static void show_return_pending(struct ctl *ctl,
				const struct vfio_xen_debugfs *debugfs)
{
	for (size_t i = 0; i < vfio_xen_debugfs_get_nr_devices(debugfs); i++) {
		uint32_t sbdf = vfio_xen_debugfs_get_device(debugfs, i);
		char text[VFIO_XEN_SBDF_SIZE];

		if (!vfio_xen_debugfs_is_return_pending(debugfs, sbdf))
			continue;
		vfio_xen_sbdf_format(sbdf, text);
		fprintf(ctl->out,
			"Return pending:  %s: dom0 could not get it back; that "
			"is tried again when VFIO next\n"
			"                 closes its group or a driver binds to "
			"it\n",
			text);
		show_reach(ctl, debugfs, sbdf);
	}
}

static void show_guest(struct ctl *ctl, const struct status *status,
		       const struct vfio_xen_device *dev)
{
	const struct vfio_xen_attachment *attachment;
	const struct guest *guest;
	char slot[SLOT_TEXT_SIZE];
	const char *text;

	attachment = guests_find(status->guests, vfio_xen_device_get_sbdf(dev),
				 &guest);
	if (!attachment)
		return;
	text = attachment_format_slot(attachment, slot);
	field_print(ctl, "guest", "%s", guest_get_name(guest));
	field_print(ctl, "slot", "%s", text ? text : "none yet");
	text = vfio_xen_attachment_get_iommu(attachment);
	if (text)
		field_print(ctl, "opened with", "%s", text);
}

static void show_device(struct ctl *ctl, const struct status *status,
			const struct vfio_xen_device *dev)
{
	const char *driver = vfio_xen_device_get_driver(dev);
	char text[OWNER_TEXT_SIZE];
	const char *owner = owner_format(dev, text);

	fprintf(ctl->out, "%s\n", vfio_xen_device_get_address(dev));
	field_print(ctl, "driver", "%s", driver ? driver : "none");
	field_print(ctl, "owner", "%s", owner ? owner : "unknown");
	show_guest(ctl, status, dev);
	interrupts_show(ctl, dev);
}

static void show_devices(struct ctl *ctl, const struct status *status)
{
	struct vfio_xen_device *dev;
	size_t nr = 0;

	vfio_xen_device_foreach(ctl->lib, dev)
		nr += vfio_xen_device_is_in_use(dev);
	fprintf(ctl->out, "\nDevices in use:  %zu\n", nr);
	vfio_xen_device_foreach(ctl->lib, dev)
		if (vfio_xen_device_is_in_use(dev))
			show_device(ctl, status, dev);
}

static void show_stats(struct ctl *ctl, const struct vfio_xen_debugfs *debugfs)
{
	fprintf(ctl->out, "\nStatistics:\n");
	for (size_t i = 0; i < vfio_xen_debugfs_get_nr_stats(debugfs); i++)
		field_print(ctl, vfio_xen_debugfs_get_stat_name(debugfs, i),
			    "%llu",
			    (unsigned long long)vfio_xen_debugfs_get_stat_value(
				    debugfs, i));
}

static int show(struct ctl *ctl, const struct status *status)
{
	if (has_option(ctl, OPT_JSON)) {
		show_json(ctl, status);
		return status->error ? EXIT_FAILED : EXIT_OK;
	}
	show_host(ctl, status->host);
	if (status->debugfs) {
		show_quarantined(ctl, status->debugfs);
		show_return_pending(ctl, status->debugfs);
		show_shells(ctl, status->debugfs);
	}
	guests_show(ctl, status->guests);
	show_devices(ctl, status);
	if (status->debugfs)
		show_stats(ctl, status->debugfs);
	if (status->error)
		return ctl_fail(ctl, EXIT_FAILED, "%s", status->error);
	return EXIT_OK;
}

int run_status(struct ctl *ctl)
{
	struct status status = { 0 };
	int err, code;

	err = vfio_xen_host_new(ctl->lib, &status.host);
	if (err)
		return problem_report(ctl, err);
	err = vfio_xen_scan(ctl->lib);
	if (err)
		status.error = problem_explain(ctl, err);
	err = vfio_xen_debugfs_new(ctl->lib, &status.debugfs);
	if (err && !status.error)
		status.error = explain_no_debugfs(ctl, &status, err);
	status.guests = guests_query(ctl);
	code = show(ctl, &status);
	guests_free(status.guests);
	vfio_xen_debugfs_free(status.debugfs);
	vfio_xen_host_free(status.host);
	free(status.error);
	return code;
}
