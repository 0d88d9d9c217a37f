// SPDX-License-Identifier: GPL-2.0-only
/*
 * The figures of metrics. Their names, types and labels are described in
 * vfio-xen-ctl(8), and monitoring depends on them: add figures, and change none.
 */
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

#define PAGE_BYTES 4096

/* ---- the program and Xen ---- */

void families_show_program(FILE *out, const struct vfio_xen_host *host)
{
	const struct label labels[] = {
		{ "version", VERSION },
		{ "xen", vfio_xen_host_get_version(host) },
		{ NULL, NULL },
	};
	struct family info = { out, "vfio_xen_info", METRIC_GAUGE,
			       "The releases of vfio-xen-ctl and of Xen.",
			       false };
	struct family free_bytes = { out, "vfio_xen_hypervisor_free_bytes",
				     METRIC_GAUGE,
				     "Memory that no Xen domain has.", false };
	uint64_t bytes;

	sample_print(&info, labels, 1);
	if (!vfio_xen_host_get_free_bytes(host, &bytes))
		sample_print(&free_bytes, NULL, bytes);
}

/* ---- devices and their users ---- */

struct used_device {
	const struct vfio_xen_device *dev;
	struct user user;
};

struct used_devices {
	struct used_device *list;
	size_t nr;
};

/* Dom0's devices without a driver are free. */
static void fill_user(struct ctl *ctl, const struct guests *guests,
		      struct used_device *used)
{
	user_find(ctl, guests, used->dev, &used->user);
	if (used->user.kind == USER_DOM0 && !used->user.name)
		used->user.kind = USER_NOBODY;
}

/* All devices except bridges. Returns none if memory is out. */
static void used_devices_find(struct ctl *ctl, const struct guests *guests,
			      struct used_devices *devices)
{
	struct vfio_xen_device *dev;
	size_t nr = 0;

	vfio_xen_device_foreach(ctl->lib, dev)
		nr++;
	*devices =
		(struct used_devices){ calloc(nr + 1, sizeof(*devices->list)),
				       0 };
	if (!devices->list)
		return;
	vfio_xen_device_foreach(ctl->lib, dev) {
		struct used_device *used = &devices->list[devices->nr];

		if (vfio_xen_device_is_bridge(dev))
			continue;
		used->dev = dev;
		fill_user(ctl, guests, used);
		devices->nr++;
	}
}

static void used_devices_release(struct used_devices *devices)
{
	for (size_t i = 0; i < devices->nr; i++)
		user_release(&devices->list[i].user);
	free(devices->list);
}

static void show_users(FILE *out, const struct used_devices *devices)
{
	static const enum user_kind kinds[] = { USER_DOM0, USER_NOBODY,
						USER_PROCESS, USER_GUEST,
						USER_UNKNOWN };
	struct family family = { out, "vfio_xen_devices", METRIC_GAUGE,
				 "PCI devices by their user, without bridges.",
				 false };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const char *name = user_kind_name(kinds[i]);
		const struct label labels[] = {
			{ "user", name ? name : "unknown" },
			{ NULL, NULL },
		};
		uint64_t nr = 0;

		for (size_t j = 0; j < devices->nr; j++)
			nr += devices->list[j].user.kind == kinds[i];
		sample_print(&family, labels, nr);
	}
}

static void show_device_infos(FILE *out, const struct used_devices *devices)
{
	struct family family = { out, "vfio_xen_device_info", METRIC_GAUGE,
				 "The driver and the user of a PCI device.",
				 false };

	for (size_t i = 0; i < devices->nr; i++) {
		const struct used_device *used = &devices->list[i];
		const char *kind = user_kind_name(used->user.kind);
		const struct label labels[] = {
			{ "device", vfio_xen_device_get_address(used->dev) },
			{ "driver", vfio_xen_device_get_driver(used->dev) },
			{ "user", kind ? kind : "unknown" },
			{ "user_name", used->user.name },
			{ NULL, NULL },
		};

		sample_print(&family, labels, 1);
	}
}

static void show_states(FILE *out, const struct used_devices *devices)
{
	struct family pending = {
		out, "vfio_xen_return_pending_devices", METRIC_GAUGE,
		"Devices that Xen refused to give back to dom0.", false
	};
	struct family exposed = {
		out, "vfio_xen_exposed_devices", METRIC_GAUGE,
		"Devices that a PV guest may still reach after their detachment.",
		false
	};
	uint64_t nr_pending = 0, nr_exposed = 0;

	for (size_t i = 0; i < devices->nr; i++) {
		const struct vfio_xen_device *dev = devices->list[i].dev;

		nr_pending += vfio_xen_device_is_return_pending(dev);
		nr_exposed += vfio_xen_device_get_bars_exposed_to(dev) >= 0 &&
			      vfio_xen_device_get_owner(dev) !=
				      VFIO_XEN_OWNER_GUEST;
	}
	sample_print(&pending, NULL, nr_pending);
	sample_print(&exposed, NULL, nr_exposed);
}

static bool is_first_of_process(const struct used_devices *devices,
				size_t index)
{
	const struct user *user = &devices->list[index].user;

	if (user->kind != USER_PROCESS)
		return false;
	for (size_t i = 0; i < index; i++)
		if (devices->list[i].user.kind == USER_PROCESS &&
		    devices->list[i].user.id == user->id)
			return false;
	return true;
}

static void show_locked(struct ctl *ctl, FILE *out,
			const struct used_devices *devices)
{
	struct family family = {
		out, "vfio_xen_process_locked_bytes", METRIC_GAUGE,
		"Memory that a process with devices has locked or pinned.",
		false
	};

	for (size_t i = 0; i < devices->nr; i++) {
		const struct user *user = &devices->list[i].user;
		char pid[16];
		const struct label labels[] = {
			{ "pid", pid },
			{ "process", user->name },
			{ NULL, NULL },
		};
		uint64_t bytes;

		if (!is_first_of_process(devices, i) ||
		    vfio_xen_get_locked_bytes(ctl->lib, user->id, &bytes))
			continue;
		snprintf(pid, sizeof(pid), "%d", user->id);
		sample_print(&family, labels, bytes);
	}
}

void families_show_devices(struct ctl *ctl, FILE *out,
			   const struct guests *guests)
{
	struct used_devices devices;

	used_devices_find(ctl, guests, &devices);
	show_users(out, &devices);
	show_device_infos(out, &devices);
	show_states(out, &devices);
	show_locked(ctl, out, &devices);
	used_devices_release(&devices);
}

/* ---- interrupts ---- */

static void show_vectors(struct ctl *ctl, FILE *out, const char *name,
			 const char *help,
			 int (*get)(const struct vfio_xen_device *dev))
{
	struct family family = { out, name, METRIC_GAUGE, help, false };
	const struct vfio_xen_device *dev;

	for (dev = vfio_xen_device_get_first(ctl->lib); dev;
	     dev = vfio_xen_device_get_next(dev)) {
		const struct label labels[] = {
			{ "device", vfio_xen_device_get_address(dev) },
			{ NULL, NULL },
		};

		if (vfio_xen_device_is_in_use(dev) &&
		    vfio_xen_device_get_vectors_mapped(dev) >= 0)
			sample_print(&family, labels, (uint64_t)get(dev));
	}
}

static void show_interrupts_of(struct family *family,
			       const struct vfio_xen_device *dev)
{
	for (size_t i = 0; i < vfio_xen_device_get_nr_vectors(dev); i++) {
		char vector[16];
		const struct label labels[] = {
			{ "device", vfio_xen_device_get_address(dev) },
			{ "kind", irq_kind_name(dev) },
			{ "vector", vector },
			{ NULL, NULL },
		};

		snprintf(vector, sizeof(vector), "%u",
			 vfio_xen_device_get_vector_number(dev, i));
		sample_print(family, labels,
			     vfio_xen_device_get_vector_count(dev, i));
	}
}

void families_show_interrupts(struct ctl *ctl, FILE *out)
{
	struct family family = {
		out, "vfio_xen_interrupts_total", METRIC_COUNTER,
		"Interrupts that have reached a program in dom0, by vector.",
		false
	};
	struct vfio_xen_device *dev;

	vfio_xen_device_foreach(ctl->lib, dev)
		show_interrupts_of(&family, dev);
	show_vectors(ctl, out, "vfio_xen_vectors_used",
		     "MSI vectors that the user of a device has enabled.",
		     vfio_xen_device_get_vectors_used);
	show_vectors(ctl, out, "vfio_xen_vectors_mapped",
		     "MSI vectors that are mapped for a device.",
		     vfio_xen_device_get_vectors_mapped);
}

/* ---- vfio-xen-iommu ---- */

enum unit {
	UNIT_NUMBER,
	UNIT_PAGES,
	UNIT_NS,
};

static const struct stat_family {
	const char *stat; /* its name in vfio-xen-iommu(4) */
	const char *name;
	const char *help;
	enum metric_type type;
	enum unit unit;
} stat_families[] = {
	{ "shell_domains", "vfio_xen_shell_domains",
	  "Shell domains: address spaces of programs in dom0.", METRIC_GAUGE,
	  UNIT_NUMBER },
	{ "quarantined_devices", "vfio_xen_quarantined_devices",
	  "Devices that nobody owns.", METRIC_GAUGE, UNIT_NUMBER },
	{ "mapped_pages", "vfio_xen_mapped_bytes",
	  "Memory that is mapped into shell domains.", METRIC_GAUGE,
	  UNIT_PAGES },
	{ "held_pages", "vfio_xen_held_bytes",
	  "Memory that is not reused because Xen may still map it.",
	  METRIC_GAUGE, UNIT_PAGES },
	{ "pool_pages", "vfio_xen_page_table_pool_bytes",
	  "Xen's memory for page tables of shell domains.", METRIC_GAUGE,
	  UNIT_PAGES },
	{ "table_pages", "vfio_xen_mapping_record_bytes",
	  "Dom0's memory for vfio-xen-iommu's record of mappings.",
	  METRIC_GAUGE, UNIT_PAGES },
	{ "hypercalls", "vfio_xen_hypercalls_total",
	  "Hypercalls of vfio-xen-iommu.", METRIC_COUNTER, UNIT_NUMBER },
	{ "hypercall_failures", "vfio_xen_hypercall_failures_total",
	  "Hypercalls of vfio-xen-iommu that failed.", METRIC_COUNTER,
	  UNIT_NUMBER },
	{ "hypercall_ns", "vfio_xen_hypercall_seconds_total",
	  "Time in hypercalls of vfio-xen-iommu.", METRIC_COUNTER, UNIT_NS },
	{ "map_calls", "vfio_xen_map_calls_total", "Hypercalls that map.",
	  METRIC_COUNTER, UNIT_NUMBER },
	{ "map_pages", "vfio_xen_map_bytes_total",
	  "Memory that has been mapped.", METRIC_COUNTER, UNIT_PAGES },
	{ "unmap_calls", "vfio_xen_unmap_calls_total", "Hypercalls that unmap.",
	  METRIC_COUNTER, UNIT_NUMBER },
	{ "unmap_pages", "vfio_xen_unmap_bytes_total",
	  "Memory that has been unmapped.", METRIC_COUNTER, UNIT_PAGES },
};

static void show_stat(FILE *out, const struct stat_family *stat, uint64_t value)
{
	struct family family = { out, stat->name, stat->type, stat->help,
				 false };

	if (stat->unit == UNIT_NS)
		sample_print_ns(&family, NULL, value);
	else
		sample_print(&family, NULL,
			     stat->unit == UNIT_PAGES ? value * PAGE_BYTES :
							value);
}

/* A newer vfio-xen-iommu may have others, and an older one may lack some. */
static void show_stats(FILE *out, const struct vfio_xen_debugfs *debugfs)
{
	for (size_t i = 0; i < ARRAY_SIZE(stat_families); i++) {
		const struct stat_family *stat = &stat_families[i];
		size_t nr = vfio_xen_debugfs_get_nr_stats(debugfs);

		for (size_t j = 0; j < nr; j++)
			if (!strcmp(vfio_xen_debugfs_get_stat_name(debugfs, j),
				    stat->stat))
				show_stat(out, stat,
					  vfio_xen_debugfs_get_stat_value(
						  debugfs, j));
	}
}

static void show_shells(FILE *out, const struct vfio_xen_debugfs *debugfs,
			const char *name, const char *help,
			uint64_t (*get)(const struct vfio_xen_shell *shell))
{
	struct family family = { out, name, METRIC_GAUGE, help, false };

	for (size_t i = 0; i < vfio_xen_debugfs_get_nr_shells(debugfs); i++) {
		const struct vfio_xen_shell *shell =
			vfio_xen_debugfs_get_shell(debugfs, i);
		char domid[16];
		const struct label labels[] = {
			{ "domid", domid },
			{ "name", vfio_xen_shell_get_name(shell) },
			{ NULL, NULL },
		};

		snprintf(domid, sizeof(domid), "%d",
			 vfio_xen_shell_get_domid(shell));
		sample_print(&family, labels, get(shell));
	}
}

void families_show_iommu(FILE *out, const struct vfio_xen_debugfs *debugfs)
{
	show_stats(out, debugfs);
	show_shells(out, debugfs, "vfio_xen_shell_mapped_bytes",
		    "Memory that is mapped into a shell domain.",
		    vfio_xen_shell_get_mapped_bytes);
	show_shells(out, debugfs, "vfio_xen_shell_pool_bytes",
		    "Xen's memory for page tables of a shell domain.",
		    vfio_xen_shell_get_pool_bytes);
}

/* ---- guests ---- */

static void show_guests(FILE *out, const struct guests *guests,
			struct family family,
			unsigned int (*get)(const struct vfio_xen_status *))
{
	family.out = out;
	for (size_t i = 0; i < guests_get_nr(guests); i++) {
		const struct guest *guest = guests_get(guests, i);
		const struct label labels[] = {
			{ "guest", guest_get_name(guest) },
			{ "uuid", guest_get_uuid(guest) },
			{ NULL, NULL },
		};

		sample_print(&family, labels, get(guest_get_status(guest)));
	}
}

static unsigned int has_worker(const struct vfio_xen_status *status)
{
	return vfio_xen_status_get_worker_pid(status) > 0;
}

static uint64_t count_attachments(const struct vfio_xen_status *status,
				  enum vfio_xen_attachment_state state)
{
	uint64_t nr = 0;

	for (size_t i = 0; i < vfio_xen_status_get_nr_attachments(status); i++)
		nr += vfio_xen_attachment_get_state(
			      vfio_xen_status_get_attachment(status, i)) ==
		      state;
	return nr;
}

static void show_attachments(FILE *out, const struct guests *guests)
{
	static const enum vfio_xen_attachment_state states[] = {
		VFIO_XEN_ATTACHMENT_WANTED,
		VFIO_XEN_ATTACHMENT_ATTACHING,
		VFIO_XEN_ATTACHMENT_ATTACHED,
		VFIO_XEN_ATTACHMENT_DETACHING,
	};
	struct family family = { out, "vfio_xen_guest_devices", METRIC_GAUGE,
				 "Devices of a guest by their state.", false };

	for (size_t i = 0; i < guests_get_nr(guests) * ARRAY_SIZE(states);
	     i++) {
		const struct guest *guest =
			guests_get(guests, i / ARRAY_SIZE(states));
		enum vfio_xen_attachment_state state =
			states[i % ARRAY_SIZE(states)];
		const struct label labels[] = {
			{ "guest", guest_get_name(guest) },
			{ "uuid", guest_get_uuid(guest) },
			{ "state", vfio_xen_attachment_state_get_name(state) },
			{ NULL, NULL },
		};

		sample_print(&family, labels,
			     count_attachments(guest_get_status(guest), state));
	}
}

void families_show_guests(FILE *out, const struct guests *guests)
{
	const struct family worker = {
		NULL, "vfio_xen_worker_up", METRIC_GAUGE,
		"Whether a process serves the devices of a guest.", false
	};
	const struct family restarts = {
		NULL, "vfio_xen_worker_restarts_total", METRIC_COUNTER,
		"How often the process that serves a guest was replaced.", false
	};
	const struct family queued = {
		NULL, "vfio_xen_queued_requests", METRIC_GAUGE,
		"Requests for a guest that wait for the one in progress.", false
	};

	show_attachments(out, guests);
	show_guests(out, guests, worker, has_worker);
	show_guests(out, guests, restarts, vfio_xen_status_get_restarts);
	show_guests(out, guests, queued, vfio_xen_status_get_queued);
}

/* ---- faults ---- */

void families_show_faults(FILE *out, const struct vfio_xen_faults *faults)
{
	struct family logged = {
		out, "vfio_xen_logged_faults", METRIC_GAUGE,
		"Refused accesses in what is left of Xen's log.", false
	};
	struct family lost = {
		out, "vfio_xen_log_lost_bytes_total", METRIC_COUNTER,
		"Characters of Xen's log that are overwritten or cleared.",
		false
	};
	struct family suppressed = {
		out, "vfio_xen_log_suppressed_lines", METRIC_GAUGE,
		"Lines that Xen left out, according to what is left of its log.",
		false
	};

	for (size_t i = 0; i < vfio_xen_faults_get_nr(faults); i++) {
		const struct vfio_xen_fault *fault =
			vfio_xen_faults_get_fault(faults, i);
		char device[VFIO_XEN_SBDF_SIZE];
		const struct label labels[] = {
			{ "device", device },
			{ "kind", fault_kind_name(fault) },
			{ "access", fault_access_name(fault) },
			{ "reason", vfio_xen_fault_get_reason(fault) },
			{ NULL, NULL },
		};

		vfio_xen_sbdf_format(vfio_xen_fault_get_sbdf(fault), device);
		sample_print(&logged, labels, vfio_xen_fault_get_count(fault));
	}
	sample_print(&lost, NULL, vfio_xen_faults_get_lost(faults));
	sample_print(&suppressed, NULL, vfio_xen_faults_get_suppressed(faults));
}
