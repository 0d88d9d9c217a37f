// SPDX-License-Identifier: GPL-2.0-only
/*
 * Problems: the user is told the first one; later ones are logged.
 */
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "problem.h"

int problem_note(struct problem *problem, int err, const char *step,
		 const char *text, const char *hint)
{
	if (!text)
		text = strerror(-err);
	if (problem->err) {
		log_message(LOG_WARNING, "while undoing that: cannot %s: %s",
			    step, text);
		return err;
	}
	problem->err = err;
	snprintf(problem->step, sizeof(problem->step), "%s", step);
	snprintf(problem->text, sizeof(problem->text), "%s", text);
	snprintf(problem->hint, sizeof(problem->hint), "%s", hint ? hint : "");
	return err;
}
