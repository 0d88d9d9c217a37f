/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One vfio-xen-dm per guest: the file RUN_DIR/GUEST.lock is locked while the process
 * lives.
 */
#ifndef DM_LOCK_H
#define DM_LOCK_H

/**
 * lock_take() - be the only one
 *
 * Creates the directory if necessary. Waits up to three seconds for a process that is
 * about to end.
 *
 * Return: 0, -EBUSY if another process holds the lock, or -errno.
 */
int lock_take(const char *run_dir, const char *guest);

/* Removes the file only. For the holder of the lock, as its last step. */
void lock_remove(const char *run_dir, const char *guest);

#endif
