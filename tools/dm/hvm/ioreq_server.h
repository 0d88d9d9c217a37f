/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's ioreq server: which requests Xen sends to us, beside QEMU.
 *
 * It belongs to the supervisor, and outlives workers; Xen keeps it until it is
 * destroyed, even when nobody is left to answer, and vCPUs then wait for ever.
 * What else there is to know about it is in its id.
 */
#ifndef DM_HVM_IOREQ_SERVER_H
#define DM_HVM_IOREQ_SERVER_H

#include <stdbool.h>
#include <stdint.h>

struct xendevicemodel_handle;

struct ioreq_server {
	struct xendevicemodel_handle *dmod;
	uint16_t domid;
	uint16_t id;
};

/*
 * Make a server, have Xen set up its page, and only then enable it: Xen does not
 * survive a request to a server that has none. 0 or -errno.
 */
int ioreq_server_create(struct ioreq_server *server,
			struct xendevicemodel_handle *dmod, uint16_t domid);
/* Answer with all ones whoever waits, and remove it. Takes a dead one's id too. */
void ioreq_server_destroy(struct ioreq_server *server);

/*
 * Take over function 0 of a slot on bus 0, from QEMU if it has something there.
 * 0 or -errno.
 */
int ioreq_server_take_slot(const struct ioreq_server *server,
			   unsigned int slot);
void ioreq_server_leave_slot(const struct ioreq_server *server,
			     unsigned int slot);

/* Take over a range of memory or ports: 0 or -errno. last is inclusive. */
int ioreq_server_take_memory(const struct ioreq_server *server, uint64_t first,
			     uint64_t last);
void ioreq_server_leave_memory(const struct ioreq_server *server,
			       uint64_t first, uint64_t last);

#endif
