/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether xenstored lives and answers: a connection to its socket, beside that of
 * libxenstore, which waits for answers without a limit.
 */
#ifndef DM_XENSTORED_H
#define DM_XENSTORED_H

#include <stdbool.h>
#include <stddef.h>

#include <xenstore.h>
#include <xen/io/xs_wire.h>

struct xenstored {
	int fd; /* -1: xenstored is another domain */
	bool asked; /* and has not answered yet */
	size_t received; /* bytes of the answer */
	union {
		struct xsd_sockmsg header;
		char bytes[sizeof(struct xsd_sockmsg) + 256];
	} answer;
};

/*
 * Returns 0 or -errno: -ENOENT if there is no socket, -ECONNREFUSED if nobody listens,
 * -ETIMEDOUT if others wait already.
 */
int xenstored_connect(struct xenstored *daemon);
void xenstored_close(struct xenstored *daemon);

/*
 * Asks and waits for the answer. Returns 0, -ETIMEDOUT or another -errno. The answer may
 * come later; until then, xenstored is not asked again.
 */
int xenstored_ask(struct xenstored *daemon, int timeout_ms);

/* Reads what has come. Returns 0 if that answers, -EAGAIN, or -EPIPE at its end. */
int xenstored_read(struct xenstored *daemon);

#endif
