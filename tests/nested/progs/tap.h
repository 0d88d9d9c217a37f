/* SPDX-License-Identifier: GPL-2.0 */
/* Test results on stdout: "ok - text" and "not ok - text", the dialect of the nested rig. */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>

/* Returns the condition, so that a test can stop at what it depends on. */
bool ok(bool cond, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* For calls that return 0 or -errno; the text is followed by the error. */
bool ok0(int ret, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void skip(const char *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void comment(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Exit status: 0 if something was tested and nothing failed. */
int tap_status(void);

#endif
