// SPDX-License-Identifier: GPL-2.0-only
/*
 * The groups of one guest.
 */
#include <errno.h>
#include <stdio.h>

#include "groups.h"

static struct groups_use *find(struct groups *groups, int number)
{
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		struct groups_use *use = &groups->uses[i];

		if (use->users && group_number(use->group) == number)
			return use;
	}
	return NULL;
}

static struct groups_use *find_free(struct groups *groups)
{
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		if (!groups->uses[i].users)
			return &groups->uses[i];
	}
	return NULL;
}

/* The kernel opens a group through one interface only. */
static int check_interface(const struct group *group,
			   const struct group_request *request,
			   struct problem *problem)
{
	enum vfio_xen_iommu iommu = group_iommu(group);
	char text[80];

	if (request->iommu == VFIO_XEN_IOMMU_AUTO || request->iommu == iommu)
		return 0;
	snprintf(text, sizeof(text),
		 "another device of its group is open with %s",
		 vfio_xen_iommu_get_name(iommu));
	return problem_note(problem, -EBUSY, "open the group with VFIO", text,
			    "use the same for both, or auto");
}

/* All devices of a group have been assigned when the first was opened. */
static int check_rdm_policy(const struct group *group,
			    const struct group_request *request,
			    struct problem *problem)
{
	if (!request->rdm_strict || group_is_rdm_strict(group))
		return 0;
	return problem_note(
		problem, -EBUSY, "open the group with VFIO",
		"another device of its group was attached with the relaxed policy for reserved memory",
		"use the same policy for both");
}

int groups_get(struct groups *groups, const struct group_request *request,
	       struct group **group, struct problem *problem)
{
	struct groups_use *use = find(groups, request->number);
	int err;

	if (use) {
		err = check_interface(use->group, request, problem);
		if (!err)
			err = check_rdm_policy(use->group, request, problem);
	} else {
		use = find_free(groups);
		err = use ? group_new(&use->group, request) : -ENOSPC;
	}
	if (err)
		return err;
	use->users++;
	*group = use->group;
	return 0;
}

bool groups_is_last_user(const struct groups *groups, const struct group *group)
{
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		if (groups->uses[i].group == group)
			return groups->uses[i].users == 1;
	}
	return false;
}

void groups_put(struct groups *groups, struct group *group)
{
	struct groups_use *use = find(groups, group_number(group));

	if (!use || --use->users)
		return;
	group_free(use->group);
	use->group = NULL;
}
