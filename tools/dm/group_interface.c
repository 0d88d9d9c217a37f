// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shared by the two interfaces of VFIO.
 */
#include <errno.h>
#include <stddef.h>

#include "group_interface.h"

int group_interface_note_assign(struct problem *problem, int err,
				const char *unsafe_interrupts)
{
	static const char step[] = "assign the device to the guest";

	if (err == -EOPNOTSUPP)
		return problem_note(
			problem, err, step, NULL,
			"create the guest with passthrough=\"enabled\"");
	if (err == -EPERM)
		return problem_note(problem, err, step, NULL,
				    unsafe_interrupts);
	if (err == -EADDRINUSE)
		return problem_note(
			problem, err, step,
			"the guest cannot have the memory that the firmware reserves for the device",
			"if it is not needed: rdm_policy=relaxed");
	return problem_note(problem, err, step, NULL, NULL);
}
