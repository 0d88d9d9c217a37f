/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a worker may still ask the kernel for, once it serves its guest.
 */
#ifndef DM_SANDBOX_H
#define DM_SANDBOX_H

/*
 * Only what works on descriptors that it has, on memory, and ends the process. All else
 * fails with EPERM from now on. Needs PR_SET_NO_NEW_PRIVS. 0 or -errno.
 */
int sandbox_enter(void);

#endif
