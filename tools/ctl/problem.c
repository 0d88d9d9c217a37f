// SPDX-License-Identifier: GPL-2.0-only
/*
 * Saying why the library could not do something.
 */
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

char *problem_explain(struct ctl *ctl, int err)
{
	bool attach = ctl->command && !strcmp(ctl->command->name, "attach");

	return vfio_xen_explain(ctl->lib, err, attach);
}

int problem_report(struct ctl *ctl, int err)
{
	char *text = problem_explain(ctl, err);

	ctl_fail(ctl, EXIT_FAILED, "%s", text ? text : strerror(-err));
	free(text);
	return EXIT_FAILED;
}
