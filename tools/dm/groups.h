/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The groups of one guest: each is open while one of its devices is attached.
 */
#ifndef DM_GROUPS_H
#define DM_GROUPS_H

#include "group.h"
#include "state.h"

struct groups {
	struct groups_use {
		struct group *group;
		unsigned int users; /* 0: unused */
	} uses[STATE_MAX_DEVICES];
};

/**
 * groups_get - the group of a device, opened for its first one
 *
 * Return: 0; -EBUSY if it is open with another of VFIO's interfaces than
 * @request asks for; or what group_open() returns.
 */
int groups_get(struct groups *groups, const struct group_request *request,
	       struct group **group, struct problem *problem);
void groups_put(struct groups *groups, struct group *group);

#endif
