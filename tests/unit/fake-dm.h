/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vfio-xen-dm for tests: a process that answers each connection's first line
 * as it is told to, and notes the requests.
 */
#ifndef FAKE_DM_H
#define FAKE_DM_H

#include "fake-host.h"

#define FAKE_UUID "01234567-89ab-cdef-0123-456789abcdef"

/* What stands for "says nothing until the client has hung up its end" */
#define FAKE_WAITS_FOR_HANGUP "hangup "

/*
 * Listen for the guest with that UUID. One reply a connection, in this order,
 * the last one again and again; NULL ends them. "" hangs up without a reply.
 */
void fake_dm_start(struct fake_host *host, const char *uuid,
		   const char *const *replies);
/* End it; its socket stays, as after a crash. */
void fake_dm_stop(void);
/* The requests up to now, a line each; valid until the next call. */
const char *fake_dm_requests(struct fake_host *host);

#endif
