/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system calls that a worker may make once it serves its guest, and its memory.
 */
#ifndef DM_SANDBOX_H
#define DM_SANDBOX_H

/*
 * Permits only calls that work on open descriptors or on memory, or end the process.
 * All others fail with EPERM from now on. Needs PR_SET_NO_NEW_PRIVS. Returns 0 or
 * -errno.
 */
int sandbox_enter(void);

/*
 * Limits the memory of a worker, and undoes what systemd does to save the supervisor from
 * the OOM killer: the guest that a killed worker belongs to gets another one. Call this
 * before the worker changes its user. Returns 0 or -errno.
 */
int sandbox_limit_memory(void);

#endif
