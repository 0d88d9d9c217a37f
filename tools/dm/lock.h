/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One vfio-xen-dm a guest: a file RUN_DIR/GUEST.lock, locked for as long as the
 * process lives.
 */
#ifndef DM_LOCK_H
#define DM_LOCK_H

/**
 * lock_take() - be the only one
 *
 * Makes the directory if there is none. Waits, for up to three seconds, for a process
 * that is about to end.
 *
 * Return: 0; -EBUSY if there is another one; -errno.
 */
int lock_take(const char *run_dir, const char *guest);

/* For the one that has it, as its last step: only the file goes here. */
void lock_remove(const char *run_dir, const char *guest);

#endif
