// SPDX-License-Identifier: GPL-2.0-only
/*
 * groups: show IOMMU groups, their devices and drivers.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "ctl.h"

static const char *state_name(const struct vfio_xen_group *group)
{
	static const char *const names[] = {
		[VFIO_XEN_GROUP_FREE] = "free",
		[VFIO_XEN_GROUP_HOST] = "host",
		[VFIO_XEN_GROUP_VFIO] = "vfio",
		[VFIO_XEN_GROUP_MIXED] = "mixed",
	};

	return names[vfio_xen_group_get_state(group)];
}

static struct json_object *group_to_json(const struct vfio_xen_group *group)
{
	struct json_object *object = json_object_new_object();
	struct json_object *array = json_object_new_array();
	struct vfio_xen_device *dev;

	json_object_object_add(
		object, "group",
		json_object_new_int(vfio_xen_group_get_number(group)));
	json_add_string(object, "state", state_name(group));
	vfio_xen_group_device_foreach(group, dev)
		json_object_array_add(array, device_to_json(dev, NULL));
	json_object_object_add(object, "devices", array);
	return object;
}

/* Only the first device of a group shows its number and state. */
static void add_rows(struct libscols_table *table,
		     const struct vfio_xen_group *group)
{
	struct vfio_xen_device *dev;
	bool first = true;
	char number[16];

	snprintf(number, sizeof(number), "%d",
		 vfio_xen_group_get_number(group));
	vfio_xen_group_device_foreach(group, dev) {
		char *name = device_describe(dev);
		const char *cells[] = {
			first ? number : "",
			first ? state_name(group) : "",
			vfio_xen_device_get_address(dev),
			vfio_xen_device_get_driver(dev),
			name,
		};

		table_add(table, cells, ARRAY_SIZE(cells));
		free(name);
		first = false;
	}
}

static bool is_wanted(const struct ctl *ctl, const struct vfio_xen_group *group)
{
	for (int i = 0; i < ctl->args.nr_operands; i++)
		if (atoi(ctl->args.operands[i]) ==
		    vfio_xen_group_get_number(group))
			return true;
	return !ctl->args.nr_operands;
}

static void show_json(struct ctl *ctl)
{
	struct json_object *root = json_object_new_object();
	struct json_object *array = json_object_new_array();
	struct vfio_xen_group *group;

	vfio_xen_group_foreach(ctl->lib, group)
		if (is_wanted(ctl, group))
			json_object_array_add(array, group_to_json(group));
	json_object_object_add(root, "groups", array);
	json_print(ctl, root);
}

static int show_plain(struct ctl *ctl)
{
	static const char *const headers[] = { "GROUP", "STATE", "DEVICE",
					       "DRIVER", "NAME" };
	struct libscols_table *table;
	struct vfio_xen_group *group;

	table = table_new(ctl, headers, ARRAY_SIZE(headers));
	if (!table)
		return ctl_fail(ctl, EXIT_FAILED, "out of memory");
	vfio_xen_group_foreach(ctl->lib, group)
		if (is_wanted(ctl, group))
			add_rows(table, group);
	table_print(table);
	return EXIT_OK;
}

static int check_operand(struct ctl *ctl, const char *operand)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(operand, &end, 10);
	if (end == operand || *end || errno || number < 0 || number > INT_MAX)
		return ctl_fail(ctl, EXIT_USAGE, "%s is not a group number",
				operand);
	if (!vfio_xen_group_get_by_number(ctl->lib, (int)number))
		return ctl_fail(ctl, EXIT_FAILED,
				"no IOMMU group %s; see " PROGRAM " groups",
				operand);
	return EXIT_OK;
}

int run_groups(struct ctl *ctl)
{
	int err = vfio_xen_scan(ctl->lib);

	if (err)
		return problem_report(ctl, err);
	for (int i = 0; i < ctl->args.nr_operands; i++) {
		int code = check_operand(ctl, ctl->args.operands[i]);

		if (code)
			return code;
	}
	if (!has_option(ctl, OPT_JSON))
		return show_plain(ctl);
	show_json(ctl);
	return EXIT_OK;
}
