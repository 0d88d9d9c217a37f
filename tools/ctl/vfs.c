// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfs: create virtual functions for VFIO.
 */
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

#define DRIVER "vfio-xen-pci"

static int parse_count(struct ctl *ctl, const char *text, unsigned int *count)
{
	unsigned long value;
	char *end;

	value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || value > UINT16_MAX)
		return ctl_fail(ctl, EXIT_USAGE,
				"\"%s\" is not a number of virtual functions",
				text);
	*count = (unsigned int)value;
	return EXIT_OK;
}

static struct json_object *vfs_to_json(struct ctl *ctl, uint32_t sbdf)
{
	struct vfio_xen_device *dev, *vf;
	struct json_object *array = json_object_new_array();

	dev = vfio_xen_device_get_by_sbdf(ctl->lib, sbdf);
	for (unsigned int i = 0; dev && (vf = vfio_xen_device_get_vf(dev, i));
	     i++)
		json_object_array_add(array,
				      json_object_new_string(
					      vfio_xen_device_get_address(vf)));
	return array;
}

static int show(struct ctl *ctl, uint32_t sbdf)
{
	char address[VFIO_XEN_SBDF_SIZE];
	struct json_object *root, *vfs;
	int err = vfio_xen_scan(ctl->lib);

	if (err)
		return problem_report(ctl, err);
	vfio_xen_sbdf_format(sbdf, address);
	vfs = vfs_to_json(ctl, sbdf);
	if (has_option(ctl, OPT_JSON)) {
		root = json_object_new_object();
		json_add_string(root, "device", address);
		json_object_object_add(root, "vfs", vfs);
		json_print(ctl, root);
		return EXIT_OK;
	}
	for (size_t i = 0; i < json_object_array_length(vfs); i++)
		fprintf(ctl->out, "%s\n",
			json_object_get_string(
				json_object_array_get_idx(vfs, i)));
	json_object_put(vfs);
	return EXIT_OK;
}

/* Returns whether an entry has changed, or -errno. */
static int remember(struct ctl *ctl, uint32_t sbdf, unsigned int count,
		    unsigned int flags)
{
	int err;

	if (!has_option(ctl, OPT_PERSISTENT))
		return 0;
	err = vfio_xen_scan(ctl->lib);
	return err ? err : vfio_xen_remember_vfs(ctl->lib, sbdf, count, flags);
}

static unsigned int count_vfs(struct ctl *ctl, uint32_t sbdf)
{
	struct vfio_xen_device *dev =
		vfio_xen_scan(ctl->lib) ?
			NULL :
			vfio_xen_device_get_by_sbdf(ctl->lib, sbdf);
	unsigned int nr, most;

	return dev && !vfio_xen_device_get_nr_vfs(dev, &nr, &most) ? nr : 0;
}

/*
 * Check that the number can be remembered before changing anything. If remembering fails
 * all the same, restore the former number.
 */
static int set(struct ctl *ctl, uint32_t sbdf, unsigned int count)
{
	unsigned int flags = has_option(ctl, OPT_DRY_RUN) ? VFIO_XEN_DRY_RUN :
							    0;
	const char *driver = ctl->args.driver ? ctl->args.driver : DRIVER;
	unsigned int old = count_vfs(ctl, sbdf);
	int code, ret;

	ret = remember(ctl, sbdf, count, VFIO_XEN_DRY_RUN | VFIO_XEN_NO_LOG);
	if (ret >= 0)
		ret = vfio_xen_set_vfs(ctl->lib, sbdf, count, driver, flags);
	if (ret < 0)
		return problem_report(ctl, ret);
	ret = remember(ctl, sbdf, count, flags);
	if (ret > 0)
		return initramfs_update(ctl,
					"the number is set and remembered");
	if (!ret)
		return EXIT_OK;
	code = problem_report(ctl, ret);
	if (old != count)
		vfio_xen_set_vfs(ctl->lib, sbdf, old, driver, flags);
	return code;
}

/* At boot, the functions get the usual driver. */
static int check_options(struct ctl *ctl)
{
	const char *driver = ctl->args.driver;

	if (has_option(ctl, OPT_PERSISTENT) && driver && strcmp(driver, DRIVER))
		return ctl_fail(
			ctl, EXIT_USAGE,
			"cannot bind persistent virtual functions to %s: at boot they are bound to " DRIVER
			"; leave out --driver or --persistent",
			driver);
	return EXIT_OK;
}

int run_vfs(struct ctl *ctl)
{
	char **operands = ctl->args.operands;
	unsigned int count = 0;
	uint32_t sbdf;
	int code;

	if (ctl->args.nr_operands != 1 && ctl->args.nr_operands != 2)
		return ctl_fail(
			ctl, EXIT_USAGE,
			"no device or number of virtual functions given; see " PROGRAM
			" help vfs");
	code = check_options(ctl);
	if (!code)
		code = operand_to_sbdf(ctl, operands[0], &sbdf);
	if (!code && ctl->args.nr_operands == 2) {
		code = parse_count(ctl, operands[1], &count);
		if (!code)
			code = set(ctl, sbdf, count);
	}
	if (code || has_option(ctl, OPT_DRY_RUN))
		return code;
	return show(ctl, sbdf);
}
