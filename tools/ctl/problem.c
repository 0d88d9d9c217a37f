// SPDX-License-Identifier: GPL-2.0-only
/*
 * Report failures of the library.
 */
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

char *problem_explain(struct ctl *ctl, int err)
{
	bool attach = ctl->command && !strcmp(ctl->command->name, "attach");

	return vfio_xen_explain(ctl->lib, err, attach);
}

enum vfio_xen_problem_kind problem_kind(const struct ctl *ctl)
{
	return vfio_xen_problem_get_kind(vfio_xen_get_problem(ctl->lib));
}

/* Further members of the error object for a refused request; NULL: none */
static struct json_object *details(struct ctl *ctl)
{
	const struct vfio_xen_problem *problem = vfio_xen_get_problem(ctl->lib);
	struct json_object *object;

	if (problem_kind(ctl) != VFIO_XEN_PROBLEM_DM_REFUSED)
		return NULL;
	object = json_object_new_object();
	json_add_string(object, "step", vfio_xen_problem_get_step(problem));
	json_add_string(object, "cause", vfio_xen_problem_get_detail(problem));
	json_add_string(object, "hint", vfio_xen_problem_get_hint(problem));
	return object;
}

int problem_report(struct ctl *ctl, int err)
{
	char *text = problem_explain(ctl, err);

	ctl_fail_with(ctl, EXIT_FAILED, details(ctl), "%s",
		      text ? text : strerror(-err));
	free(text);
	return EXIT_FAILED;
}
