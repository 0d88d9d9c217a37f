// SPDX-License-Identifier: GPL-2.0-only
/*
 * check: check the host, and say what to do.
 */
#include <errno.h>
#include <stdlib.h>

#include "ctl.h"

static const char *const level_names[] = {
	[VFIO_XEN_OK] = "OK",
	[VFIO_XEN_WARN] = "WARN",
	[VFIO_XEN_FAIL] = "FAIL",
};

static void show_json(struct ctl *ctl, const struct vfio_xen_health *health)
{
	struct json_object *root = json_object_new_object();
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < vfio_xen_health_get_nr_findings(health); i++) {
		const struct vfio_xen_finding *finding =
			vfio_xen_health_get_finding(health, i);
		struct json_object *object = json_object_new_object();

		json_add_string(object, "check",
				vfio_xen_finding_get_check(finding));
		json_add_string(
			object, "result",
			level_names[vfio_xen_finding_get_level(finding)]);
		json_add_string(object, "text",
				vfio_xen_finding_get_text(finding));
		json_add_string(object, "advice",
				vfio_xen_finding_get_advice(finding));
		json_object_array_add(array, object);
	}
	json_object_object_add(root, "checks", array);
	json_print(ctl, root);
}

/* The sentences are too long for a table with columns. */
static void show_plain(struct ctl *ctl, const struct vfio_xen_health *health)
{
	for (size_t i = 0; i < vfio_xen_health_get_nr_findings(health); i++) {
		const struct vfio_xen_finding *finding =
			vfio_xen_health_get_finding(health, i);
		const char *advice = vfio_xen_finding_get_advice(finding);

		fprintf(ctl->out, "%-4s  %-10s  %s%s%s\n",
			level_names[vfio_xen_finding_get_level(finding)],
			vfio_xen_finding_get_check(finding),
			vfio_xen_finding_get_text(finding), advice ? "; " : "",
			advice ? advice : "");
	}
}

static bool has_failed(const struct vfio_xen_health *health)
{
	for (size_t i = 0; i < vfio_xen_health_get_nr_findings(health); i++)
		if (vfio_xen_finding_get_level(vfio_xen_health_get_finding(
			    health, i)) == VFIO_XEN_FAIL)
			return true;
	return false;
}

/* Scans again, to show the current state. */
static int examine(struct ctl *ctl, struct vfio_xen_config **config,
		   struct vfio_xen_health **health)
{
	int err = vfio_xen_scan(ctl->lib);

	if (!err)
		err = vfio_xen_config_new(ctl->lib, config);
	if (err)
		return err;
	err = vfio_xen_health_new(ctl->lib, *config, health);
	if (err)
		vfio_xen_config_free(*config);
	return err;
}

/* ---- --fix ---- */

static void say_fixed(struct ctl *ctl, const char *what)
{
	fprintf(has_option(ctl, OPT_JSON) ? ctl->err : ctl->out, "fixed: %s\n",
		what);
}

static void warn_unbound(void *data, const char *line)
{
	ctl_warn(data, "%s", line);
}

static void fix_module(struct ctl *ctl)
{
	struct vfio_xen_host *host;
	bool loaded;

	if (vfio_xen_host_new(ctl->lib, &host))
		return;
	loaded = vfio_xen_host_has_xen_iommu(host) ||
		 !vfio_xen_host_get_version(host);
	vfio_xen_host_free(host);
	if (loaded)
		return;
	if (vfio_xen_load(ctl->lib))
		ctl_warn(ctl, "cannot load vfio-xen-iommu; see dmesg");
	else
		say_fixed(ctl, "loaded vfio-xen-iommu");
}

static int fix_isolated_msi(struct ctl *ctl,
			    const struct vfio_xen_health *health)
{
	const char *command = vfio_xen_initramfs_command(ctl->lib);
	int err;

	if (!vfio_xen_health_lacks_isolated_msi(health))
		return EXIT_OK;
	err = vfio_xen_set_isolated_msi(ctl->lib);
	if (err)
		return problem_report(ctl, err);
	say_fixed(ctl, "vfio-xen-iommu gets isolated_msi=1 from the next boot "
		       "on (/etc/modprobe.d/vfio-xen-isolated-msi.conf)");
	if (vfio_xen_update_initramfs(ctl->lib, 0))
		ctl_warn(ctl, "rebuild the initramfs: %s",
			 command ? command : "this host has no known tool");
	return EXIT_OK;
}

static int fix(struct ctl *ctl)
{
	struct vfio_xen_config *config;
	struct vfio_xen_health *health;
	int code, err;

	fix_module(ctl);
	err = vfio_xen_bind_persistent(ctl->lib, warn_unbound, ctl);
	if (!err)
		err = examine(ctl, &config, &health);
	if (err)
		return problem_report(ctl, err);
	code = fix_isolated_msi(ctl, health);
	vfio_xen_health_free(health);
	vfio_xen_config_free(config);
	return code;
}

int run_check(struct ctl *ctl)
{
	struct vfio_xen_config *config;
	struct vfio_xen_health *health;
	int code = EXIT_OK, err;

	if (has_option(ctl, OPT_FIX))
		code = fix(ctl);
	if (code)
		return code;
	err = examine(ctl, &config, &health);
	if (err)
		return problem_report(ctl, err);
	if (has_option(ctl, OPT_JSON))
		show_json(ctl, health);
	else
		show_plain(ctl, health);
	code = has_failed(health) ? EXIT_FAILED : EXIT_OK;
	vfio_xen_health_free(health);
	vfio_xen_config_free(config);
	return code;
}
