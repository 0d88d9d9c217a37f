// SPDX-License-Identifier: GPL-2.0-only
/*
 * list: show devices, their groups, drivers, owners and interrupts.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

char *device_describe(const struct vfio_xen_device *dev)
{
	const char *class = vfio_xen_device_get_class_name(dev);
	const char *vendor = vfio_xen_device_get_vendor_name(dev);
	const char *device = vfio_xen_device_get_device_name(dev);
	char *text;

	if (asprintf(&text, "%s: %s %s", class ? class : "?",
		     vendor ? vendor : "?", device ? device : "?") < 0)
		return NULL;
	return text;
}

/* The owner without its domid, which is another member. */
static const char *owner_name(const struct vfio_xen_device *dev)
{
	switch (vfio_xen_device_get_owner(dev)) {
	case VFIO_XEN_OWNER_DOM0:
		return "dom0";
	case VFIO_XEN_OWNER_QUARANTINE:
		return "quarantine";
	case VFIO_XEN_OWNER_SHELL:
		return "shell";
	case VFIO_XEN_OWNER_GUEST:
		return "guest";
	case VFIO_XEN_OWNER_UNKNOWN:
		break;
	}
	return NULL;
}

const char *owner_format(const struct vfio_xen_device *dev,
			 char text[OWNER_TEXT_SIZE])
{
	int exposed_to = vfio_xen_device_get_bars_exposed_to(dev);
	int domid = vfio_xen_device_get_owner_domid(dev);
	const char *name = owner_name(dev);
	char why[OWNER_TEXT_SIZE / 2] = "";

	if (!name)
		return NULL;
	if (exposed_to >= 0 && domid < 0)
		snprintf(why, sizeof(why), " (until %d ends)", exposed_to);
	else if (vfio_xen_device_is_return_pending(dev))
		snprintf(why, sizeof(why), " (return pending)");
	if (domid >= 0)
		snprintf(text, OWNER_TEXT_SIZE, "%s %d%s", name, domid, why);
	else
		snprintf(text, OWNER_TEXT_SIZE, "%s%s", name, why);
	return text;
}

struct json_object *device_to_json(const struct vfio_xen_device *dev,
				   const struct guests *guests)
{
	const struct vfio_xen_group *group = vfio_xen_device_get_group(dev);
	int exposed_to = vfio_xen_device_get_bars_exposed_to(dev);
	int domid = vfio_xen_device_get_owner_domid(dev);
	struct json_object *object = json_object_new_object();
	struct json_object *number = NULL, *owner_domid = NULL;
	struct json_object *bars_exposed_to = NULL;

	if (group)
		number = json_object_new_int(vfio_xen_group_get_number(group));
	if (domid >= 0)
		owner_domid = json_object_new_int(domid);
	if (exposed_to >= 0)
		bars_exposed_to = json_object_new_int(exposed_to);
	json_add_string(object, "device", vfio_xen_device_get_address(dev));
	json_object_object_add(object, "group", number);
	json_add_string(object, "driver", vfio_xen_device_get_driver(dev));
	json_add_string(object, "former_driver",
			vfio_xen_device_get_former_driver(dev));
	json_add_string(object, "reset_method",
			vfio_xen_device_get_reset_method(dev));
	json_add_string(object, "owner", owner_name(dev));
	json_object_object_add(object, "owner_domid", owner_domid);
	json_object_object_add(object, "bars_exposed_to", bars_exposed_to);
	json_object_object_add(object, "return_pending",
			       json_object_new_boolean(
				       vfio_xen_device_is_return_pending(dev)));
	json_object_object_add(object, "interrupts", interrupts_to_json(dev));
	json_object_object_add(
		object, "guest",
		guests_device_to_json(guests, vfio_xen_device_get_sbdf(dev)));
	json_object_object_add(
		object, "bridge",
		json_object_new_boolean(vfio_xen_device_is_bridge(dev)));
	json_add_string(object, "class_name",
			vfio_xen_device_get_class_name(dev));
	json_add_string(object, "vendor_name",
			vfio_xen_device_get_vendor_name(dev));
	json_add_string(object, "device_name",
			vfio_xen_device_get_device_name(dev));
	return object;
}

int operand_to_sbdf(struct ctl *ctl, const char *operand, uint32_t *sbdf)
{
	int err;

	if (!vfio_xen_sbdf_parse(operand, sbdf))
		return EXIT_OK;
	err = vfio_xen_scan(ctl->lib);
	if (!err)
		err = vfio_xen_resolve(ctl->lib, operand, sbdf);
	if (err == -EINVAL)
		return ctl_fail(ctl, EXIT_USAGE,
				"%s is neither a PCI address such as "
				"0000:05:00.0 nor the name of a persistent "
				"device; see " PROGRAM " list",
				operand);
	return err ? problem_report(ctl, err) : EXIT_OK;
}

int operands_to_sbdfs(struct ctl *ctl, uint32_t **sbdfs)
{
	int nr = ctl->args.nr_operands;

	*sbdfs = calloc((size_t)nr + 1, sizeof(**sbdfs));
	if (!*sbdfs)
		return ctl_fail(ctl, EXIT_FAILED, "out of memory");
	for (int i = 0; i < nr; i++) {
		int code = operand_to_sbdf(ctl, ctl->args.operands[i],
					   &(*sbdfs)[i]);

		if (code)
			return code;
	}
	return EXIT_OK;
}

/* The devices of the operands; without operands, all devices except bridges. */
static bool is_wanted(const struct ctl *ctl, const struct vfio_xen_device *dev,
		      const uint32_t *sbdfs)
{
	for (int i = 0; i < ctl->args.nr_operands; i++)
		if (sbdfs[i] == vfio_xen_device_get_sbdf(dev))
			return true;
	if (ctl->args.nr_operands)
		return false;
	return has_option(ctl, OPT_BRIDGES) || !vfio_xen_device_is_bridge(dev);
}

static int show_json(struct ctl *ctl, const struct vfio_xen_config *config,
		     const uint32_t *sbdfs)
{
	struct json_object *root = json_object_new_object();
	struct json_object *array = json_object_new_array();
	struct guests *guests = guests_query(ctl);
	struct vfio_xen_device *dev;

	vfio_xen_device_foreach(ctl->lib, dev) {
		struct json_object *object;
		char *given;

		if (!is_wanted(ctl, dev, sbdfs))
			continue;
		object = device_to_json(dev, guests);
		given = vfio_xen_config_name_device(config, dev);
		json_add_string(object, "name", given);
		free(given);
		json_object_object_add(
			object, "persistent",
			entry_to_json(vfio_xen_config_find(config, dev)));
		json_object_array_add(array, object);
	}
	guests_free(guests);
	json_object_object_add(root, "devices", array);
	json_object_object_add(root, "persistent_problems",
			       entry_problems_to_json(config));
	json_print(ctl, root);
	return EXIT_OK;
}

static void add_row(struct libscols_table *table, const struct guests *guests,
		    const struct vfio_xen_config *config,
		    const struct vfio_xen_device *dev)
{
	const struct vfio_xen_group *group = vfio_xen_device_get_group(dev);
	char number[16], owner[OWNER_TEXT_SIZE], slot[SLOT_TEXT_SIZE];
	const struct vfio_xen_attachment *attachment;
	const struct guest *guest;
	char irq[IRQ_TEXT_SIZE], count[IRQ_TEXT_SIZE];
	char *name = device_describe(dev), *given = entry_format(config, dev);
	const char *cells[] = {
		vfio_xen_device_get_address(dev),
		group ? number : NULL,
		vfio_xen_device_get_driver(dev),
		vfio_xen_device_get_former_driver(dev),
		owner_format(dev, owner),
		irq_format(dev, irq),
		irq_count_format(dev, count),
		NULL,
		NULL,
		given,
		name,
	};

	attachment = guests_find(guests, vfio_xen_device_get_sbdf(dev), &guest);
	if (attachment) {
		cells[7] = guest_get_name(guest);
		cells[8] = attachment_format_slot(attachment, slot);
	}
	if (group)
		snprintf(number, sizeof(number), "%d",
			 vfio_xen_group_get_number(group));
	table_add(table, cells, ARRAY_SIZE(cells));
	free(name);
	free(given);
}

static int show_plain(struct ctl *ctl, const struct vfio_xen_config *config,
		      const uint32_t *sbdfs)
{
	static const char *const headers[] = { "DEVICE",     "GROUP", "DRIVER",
					       "FORMER",     "OWNER", "IRQ",
					       "INTERRUPTS", "GUEST", "SLOT",
					       "PERSISTENT", "NAME" };
	struct libscols_table *table;
	struct vfio_xen_device *dev;
	struct guests *guests;

	table = table_new(ctl, headers, ARRAY_SIZE(headers));
	if (!table)
		return ctl_fail(ctl, EXIT_FAILED, "out of memory");
	guests = guests_query(ctl);
	vfio_xen_device_foreach(ctl->lib, dev)
		if (is_wanted(ctl, dev, sbdfs))
			add_row(table, guests, config, dev);
	guests_free(guests);
	table_print(table);
	if (!ctl->args.nr_operands)
		entry_problems_show(ctl, config);
	return EXIT_OK;
}

static int check_operands(struct ctl *ctl, const uint32_t *sbdfs)
{
	for (int i = 0; i < ctl->args.nr_operands; i++)
		if (!vfio_xen_device_get_by_sbdf(ctl->lib, sbdfs[i]))
			return ctl_fail(ctl, EXIT_FAILED,
					"no PCI device %s; see lspci -D",
					ctl->args.operands[i]);
	return EXIT_OK;
}

static int show(struct ctl *ctl, const uint32_t *sbdfs)
{
	struct vfio_xen_config *config;
	int code, err = vfio_xen_scan(ctl->lib);

	if (!err)
		err = vfio_xen_config_new(ctl->lib, &config);
	if (err)
		return problem_report(ctl, err);
	code = check_operands(ctl, sbdfs);
	if (!code)
		code = has_option(ctl, OPT_JSON) ?
			       show_json(ctl, config, sbdfs) :
			       show_plain(ctl, config, sbdfs);
	vfio_xen_config_free(config);
	return code;
}

int run_list(struct ctl *ctl)
{
	uint32_t *sbdfs;
	int code = operands_to_sbdfs(ctl, &sbdfs);

	if (!code)
		code = show(ctl, sbdfs);
	free(sbdfs);
	return code;
}
