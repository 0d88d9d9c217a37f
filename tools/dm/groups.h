/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The groups of one guest: each exists while one of its devices is attached.
 */
#ifndef DM_GROUPS_H
#define DM_GROUPS_H

#include <stdbool.h>

#include "group.h"
#include "state.h"

struct groups {
	struct groups_use {
		struct group *group;
		unsigned int users; /* 0: unused */
	} uses[STATE_MAX_DEVICES];
};

/**
 * groups_get - the group of a device; the first one that is opened opens it
 *
 * Return: 0; -EBUSY if it is open with another of VFIO's interfaces than
 * @request asks for; or what group_new() returns.
 */
int groups_get(struct groups *groups, const struct group_request *request,
	       struct group **group, struct problem *problem);
/* Whether only one device uses the group */
bool groups_is_last_user(const struct groups *groups,
			 const struct group *group);
void groups_put(struct groups *groups, struct group *group);

#endif
