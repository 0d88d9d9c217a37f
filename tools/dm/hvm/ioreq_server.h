/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's ioreq server, beside QEMU's: the requests that Xen sends to this process.
 *
 * It belongs to the supervisor, and outlives workers. Xen keeps it until it is destroyed,
 * even if no process answers: vCPUs then wait for ever. Its id is all that a process
 * needs.
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
 * Creates a server, lets Xen set up its page, and only then enables it: Xen crashes at a
 * request to a server without a page. Returns 0 or -errno.
 */
int ioreq_server_create(struct ioreq_server *server,
			struct xendevicemodel_handle *dmod, uint16_t domid);
/*
 * Answers pending requests with all ones, and destroys the server, also that of a dead
 * supervisor.
 */
void ioreq_server_destroy(struct ioreq_server *server);

/*
 * Claims function 0 of a slot on bus 0, in place of QEMU if it has a device there.
 * Returns 0 or -errno.
 */
int ioreq_server_take_slot(const struct ioreq_server *server,
			   unsigned int slot);
void ioreq_server_leave_slot(const struct ioreq_server *server,
			     unsigned int slot);

/* Claims a range of memory or ports; @last is inclusive. Returns 0 or -errno. */
int ioreq_server_take_memory(const struct ioreq_server *server, uint64_t first,
			     uint64_t last);
void ioreq_server_leave_memory(const struct ioreq_server *server,
			       uint64_t first, uint64_t last);

#endif
