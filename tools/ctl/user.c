// SPDX-License-Identifier: GPL-2.0-only
/*
 * The user of a device: a guest, a process in dom0, or a driver of dom0.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

static const char *const kind_names[] = {
	[USER_UNKNOWN] = NULL,	[USER_NOBODY] = "nobody",
	[USER_DOM0] = "dom0",	[USER_PROCESS] = "process",
	[USER_GUEST] = "guest",
};

static bool find_guest(struct ctl *ctl, const struct guests *guests,
		       const struct vfio_xen_device *dev, struct user *user)
{
	const struct guest *guest;
	char domid[16];

	if (guests_find(guests, vfio_xen_device_get_sbdf(dev), &guest)) {
		user->id = guest_get_domid(guest);
		user->name = strdup(guest_get_name(guest));
		return true;
	}
	if (vfio_xen_device_get_owner(dev) != VFIO_XEN_OWNER_GUEST)
		return false;
	/* A guest that another toolstack has given the device, or a test */
	user->id = vfio_xen_device_get_owner_domid(dev);
	snprintf(domid, sizeof(domid), "%d", user->id);
	user->name = guest_find_name(ctl, domid);
	return true;
}

/*
 * VFIO opens no device of a group that host drivers have. Looking at all files of all
 * processes for each device of a large host would take long.
 */
static bool may_be_open(const struct vfio_xen_device *dev)
{
	const struct vfio_xen_group *group = vfio_xen_device_get_group(dev);
	enum vfio_xen_group_state state;

	if (vfio_xen_device_get_owner(dev) != VFIO_XEN_OWNER_DOM0)
		return true;
	if (!group)
		return false;
	state = vfio_xen_group_get_state(group);
	return state == VFIO_XEN_GROUP_VFIO || state == VFIO_XEN_GROUP_MIXED;
}

static bool find_process(const struct vfio_xen_device *dev, struct user *user)
{
	char comm[VFIO_XEN_COMM_SIZE];
	int pid = may_be_open(dev) ? vfio_xen_device_find_process(dev, comm) :
				     -ENOENT;

	if (pid < 0)
		return false;
	/* A process chooses its name. */
	for (char *c = comm; *c; c++)
		if (!isprint((unsigned char)*c))
			*c = '?';
	user->id = pid;
	user->name = *comm ? strdup(comm) : NULL;
	return true;
}

/* Without vfio-xen-iommu, a device with a driver counts as dom0's. */
static bool is_of_dom0(const struct vfio_xen_device *dev)
{
	enum vfio_xen_owner owner = vfio_xen_device_get_owner(dev);

	return owner == VFIO_XEN_OWNER_DOM0 ||
	       (owner == VFIO_XEN_OWNER_UNKNOWN &&
		vfio_xen_device_get_driver(dev));
}

void user_find(struct ctl *ctl, const struct guests *guests,
	       const struct vfio_xen_device *dev, struct user *user)
{
	const char *driver = dev ? vfio_xen_device_get_driver(dev) : NULL;

	*user = (struct user){ .kind = USER_UNKNOWN, .id = -1 };
	if (!dev)
		return;
	if (find_guest(ctl, guests, dev, user)) {
		user->kind = USER_GUEST;
	} else if (find_process(dev, user)) {
		user->kind = USER_PROCESS;
	} else if (is_of_dom0(dev)) {
		user->kind = USER_DOM0;
		user->name = driver ? strdup(driver) : NULL;
	} else if (vfio_xen_device_get_owner(dev) != VFIO_XEN_OWNER_UNKNOWN) {
		user->kind = USER_NOBODY;
	}
}

const char *user_kind_name(enum user_kind kind)
{
	return kind_names[kind];
}

void user_release(struct user *user)
{
	free(user->name);
	user->name = NULL;
}

char *user_format(const struct user *user)
{
	const char *kind = kind_names[user->kind];
	char id[16] = "", *text;
	int len;

	if (!kind)
		return NULL;
	if (user->id >= 0)
		snprintf(id, sizeof(id), " %d", user->id);
	if (user->name)
		len = asprintf(&text, "%s%s (%s)", kind, id, user->name);
	else
		len = asprintf(&text, "%s%s", kind, id);
	return len < 0 ? NULL : text;
}

struct json_object *user_to_json(const struct user *user)
{
	struct json_object *object, *id = NULL;

	if (user->kind == USER_UNKNOWN)
		return NULL;
	if (user->id >= 0)
		id = json_object_new_int(user->id);
	object = json_object_new_object();
	json_add_string(object, "kind", kind_names[user->kind]);
	json_object_object_add(object, "id", id);
	json_add_string(object, "name", user->name);
	return object;
}
