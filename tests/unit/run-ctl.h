/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio-xen-ctl as its user sees it, on a fake host.
 */
#ifndef RUN_CTL_H
#define RUN_CTL_H

#include "ctl.h"
#include "fake-host.h"

/* What the last command line has printed. */
extern char *out, *err;

/* Run a command line, split at blanks, and return its exit code. */
int run_ctl(struct fake_host *host, const char *line);
/* Forget what was printed. */
void discard_output(void);
void assert_says(const char *text, const char *part);
/* The whole output as one JSON object; the caller releases it. */
struct json_object *parse_out(void);
/* A member as text, NULL if it is missing or null. */
const char *string_of(struct json_object *object, const char *key);

#endif
