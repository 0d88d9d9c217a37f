// SPDX-License-Identifier: GPL-2.0-only
/*
 * Problems: the user is told the first one; later ones are logged.
 */
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "printable.h"
#include "problem.h"

int problem_note(struct problem *problem, int err, const char *step,
		 const char *text, const char *hint)
{
	char safe[sizeof(problem->text)];

	snprintf(safe, sizeof(safe), "%s", text ? text : strerror(-err));
	make_printable(safe);
	if (problem->err) {
		log_message(LOG_WARNING, "while undoing that: cannot %s: %s",
			    step, safe);
		return err;
	}
	problem->err = err;
	snprintf(problem->step, sizeof(problem->step), "%s", step);
	memcpy(problem->text, safe, sizeof(safe));
	snprintf(problem->hint, sizeof(problem->hint), "%s", hint ? hint : "");
	return err;
}
