/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages, with descriptors, between the supervisor and its worker.
 *
 * A socket pair of SOCK_SEQPACKET: a message is sent and received as one. Neither
 * end waits for the other: a worker that does not read is a worker that hangs,
 * and a full socket is an error. The supervisor checks what comes, since guests
 * may have got hold of a worker.
 */
#ifndef DM_LINK_H
#define DM_LINK_H

#include <stddef.h>
#include <stdint.h>

#define LINK_MAX_FDS 4
#define LINK_TEXT_SIZE 240

enum link_type {
	/* supervisor to worker */
	LINK_HELLO = 1, /* the first one; fd: the state */
	LINK_ADD, /* a device; fd: its own */
	LINK_REMOVE,
	/* both: all devices are there; serves from now on */
	LINK_READY,
	/* worker to supervisor */
	LINK_ADDED, /* answer to LINK_ADD, with err */
	LINK_REMOVED, /* answer to LINK_REMOVE, with err */
	LINK_LOG, /* text, and its syslog level in value */
};

/*
 * What a worker must know before it gives up its rights. It comes from the
 * supervisor, and not out of the state, which a former worker could write to.
 */
struct link_hello {
	uint32_t domid;
	uint32_t kind; /* enum guest_kind */
	uint32_t uid; /* and gid */
	uint32_t ring_ref, ring_port; /* PV: the frontend's */
	uint32_t ioreq_id; /* HVM: of the ioreq server */
	uint32_t nr_vcpus;
};

struct link_message {
	uint32_t type; /* enum link_type */
	int32_t err; /* 0 or -errno */
	uint32_t index; /* the device's in the state */
	uint32_t value;
	union {
		struct link_hello hello;
		char text[LINK_TEXT_SIZE];
	};
};

/* Two ends, close-on-exec and non-blocking. */
int link_pair(int fds[2]);

int link_send(int link, const struct link_message *msg, const int *fds,
	      size_t nr_fds);

/*
 * Receive one message. The descriptors are the caller's, *nr_fds says how many
 * there is room for and then how many came; those that are too many are closed.
 *
 * Return: 0, -EAGAIN if there is none, -EPIPE when the other end is closed,
 * -EBADMSG for one that does not make sense, or -errno.
 */
int link_receive(int link, struct link_message *msg, int *fds, size_t *nr_fds);

/* Until there is a message: 0, -ETIMEDOUT or -errno. */
int link_wait(int link, int timeout_ms);

#endif
