/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process that does what may hang in the kernel: it opens or closes a device, which
 * resets it. It is a fork of the supervisor, and keeps no descriptors but those that its
 * work needs.
 *
 * A helper goes on if the supervisor dies. It cannot end, not even by SIGKILL, before its
 * descriptors are closed. Its end therefore says that they are.
 */
#ifndef DM_HELPER_H
#define DM_HELPER_H

#include <stddef.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#define HELPER_MAX_FDS 4

struct helper;

struct helper_work {
	/* In the helper, which ends when this returns. @link: a socket, see link.h. */
	void (*run)(int link, void *data);
	void *data;
	int fds[HELPER_MAX_FDS]; /* that the helper keeps */
	size_t nr_fds;
};

/* Called from the event loop when the helper has ended; frees it with helper_free(). */
typedef void (*helper_fn)(void *data);

/* Returns when the helper has its descriptors and no others: 0 or -errno. */
int helper_start(struct helper **helper, sd_event *event,
		 const struct helper_work *work, helper_fn ended, void *data);
pid_t helper_pid(const struct helper *helper);
void helper_set_fn(struct helper *helper, helper_fn ended, void *data);
/* The supervisor's end of the link */
int helper_link(const struct helper *helper);
/* Closes that end, which the helper notices. */
void helper_close_link(struct helper *helper);
/* A helper that has not ended goes on without supervision. */
void helper_free(struct helper *helper);

#endif
