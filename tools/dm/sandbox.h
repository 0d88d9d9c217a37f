/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system calls that a worker may make once it serves its guest.
 */
#ifndef DM_SANDBOX_H
#define DM_SANDBOX_H

/*
 * Permits only calls that work on open descriptors or on memory, or end the process.
 * All others fail with EPERM from now on. Needs PR_SET_NO_NEW_PRIVS. Returns 0 or
 * -errno.
 */
int sandbox_enter(void);

#endif
