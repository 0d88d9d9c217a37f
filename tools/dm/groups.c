// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFIO groups of the guest: open while one of their devices is attached.
 */
#include <errno.h>

#include "supervisor.h"

static struct group_use *find(struct supervisor *sup, int number)
{
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		struct group_use *use = &sup->groups[i];

		if (use->users && vfio_group_number(use->group) == number)
			return use;
	}
	return NULL;
}

static struct group_use *find_free(struct supervisor *sup)
{
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		if (!sup->groups[i].users)
			return &sup->groups[i];
	}
	return NULL;
}

int supervisor_get_group(struct supervisor *sup, int number,
			 struct vfio_group **group, struct problem *problem)
{
	struct group_use *use = find(sup, number);
	int err;

	if (!use) {
		use = find_free(sup);
		if (!use)
			return -ENOSPC;
		err = vfio_group_open(&use->group, number, sup->guest.domid,
				      sup->guest.uuid, problem);
		if (err)
			return err;
	}
	use->users++;
	*group = use->group;
	return 0;
}

void supervisor_put_group(struct supervisor *sup, struct vfio_group *group)
{
	struct group_use *use = find(sup, vfio_group_number(group));

	if (use && !--use->users)
		vfio_group_close(use->group);
}
