// SPDX-License-Identifier: GPL-2.0-only
/*
 * Persistent devices in the output of list.
 */
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

char *entry_format(const struct vfio_xen_config *config,
		   const struct vfio_xen_device *dev)
{
	char *name = vfio_xen_config_name_device(config, dev);

	if (name || !vfio_xen_config_find(config, dev))
		return name;
	return strdup("yes");
}

static const char *state_name(const struct vfio_xen_entry *entry)
{
	static const char *const names[] = {
		[VFIO_XEN_ENTRY_BOUND] = "bound",
		[VFIO_XEN_ENTRY_UNBOUND] = "unbound",
		[VFIO_XEN_ENTRY_IN_USE] = "in use",
	};

	return names[vfio_xen_entry_get_state(entry)];
}

struct json_object *entry_to_json(const struct vfio_xen_entry *entry)
{
	char address[VFIO_XEN_SBDF_SIZE];
	struct json_object *object, *vfs = NULL;

	if (!entry)
		return NULL;
	object = json_object_new_object();
	vfio_xen_sbdf_format(vfio_xen_entry_get_sbdf(entry), address);
	json_add_string(object, "name", vfio_xen_entry_get_name(entry));
	json_add_string(object, "file", vfio_xen_entry_get_file(entry));
	json_add_string(object, "address", address);
	json_add_string(object, "driver", vfio_xen_entry_get_driver(entry));
	json_add_string(object, "state", state_name(entry));
	if (vfio_xen_entry_get_nr_vfs(entry) >= 0)
		vfs = json_object_new_int(vfio_xen_entry_get_nr_vfs(entry));
	json_object_object_add(object, "vfs", vfs);
	return object;
}

/* The problem of an entry, which the caller frees; NULL: none. */
static char *entry_problem(const struct vfio_xen_entry *entry)
{
	const struct vfio_xen_device *dev = vfio_xen_entry_get_device(entry);
	const char *file = vfio_xen_entry_get_file(entry);
	char address[VFIO_XEN_SBDF_SIZE];
	char *text;
	int len;

	vfio_xen_sbdf_format(vfio_xen_entry_get_sbdf(entry), address);
	if (!dev)
		len = asprintf(&text, "%s: the device of %s %s", file, address,
			       vfio_xen_entry_get_loss(entry));
	else if (vfio_xen_device_get_sbdf(dev) !=
		 vfio_xen_entry_get_sbdf(entry))
		len = asprintf(&text, "%s: the device of %s has moved to %s",
			       file, address, vfio_xen_device_get_address(dev));
	else if (vfio_xen_entry_get_state(entry) == VFIO_XEN_ENTRY_IN_USE)
		len = asprintf(&text,
			       "%s: %s is not bound to %s: the host uses it",
			       file, address, vfio_xen_entry_get_driver(entry));
	else if (vfio_xen_entry_get_state(entry) == VFIO_XEN_ENTRY_UNBOUND)
		len = asprintf(&text, "%s: %s is not bound to %s", file,
			       address, vfio_xen_entry_get_driver(entry));
	else
		return NULL;
	return len < 0 ? NULL : text;
}

struct json_object *entry_problems_to_json(const struct vfio_xen_config *config)
{
	struct json_object *array = json_object_new_array();
	size_t nr = vfio_xen_config_get_nr_errors(config);

	for (size_t i = 0; i < nr; i++)
		json_object_array_add(
			array, json_object_new_string(
				       vfio_xen_config_get_error(config, i)));
	nr = vfio_xen_config_get_nr_entries(config);
	for (size_t i = 0; i < nr; i++) {
		char *text =
			entry_problem(vfio_xen_config_get_entry(config, i));

		if (text)
			json_object_array_add(array,
					      json_object_new_string(text));
		free(text);
	}
	return array;
}

void entry_problems_show(struct ctl *ctl, const struct vfio_xen_config *config)
{
	struct json_object *problems = entry_problems_to_json(config);
	size_t nr = json_object_array_length(problems);

	for (size_t i = 0; i < nr; i++)
		ctl_warn(ctl, "%s",
			 json_object_get_string(
				 json_object_array_get_idx(problems, i)));
	json_object_put(problems);
}
