/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages, with descriptors, between the supervisor and its worker.
 *
 * A socket pair of SOCK_SEQPACKET keeps messages whole. Neither end waits for the other:
 * a worker that does not read hangs, and a full socket is an error. The supervisor checks
 * each message, because a guest may have taken over the worker.
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
 * What a worker must know before it drops its privileges. The supervisor sends it; it is
 * not in the state, which a former worker could write to.
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

/* Creates both ends, close-on-exec and non-blocking. */
int link_pair(int fds[2]);

int link_send(int link, const struct link_message *msg, const int *fds,
	      size_t nr_fds);

/*
 * Receives one message. *nr_fds is the size of @fds, and then the number received; the
 * caller closes these. Excess descriptors are closed.
 *
 * Return: 0, -EAGAIN if no message is waiting, -EPIPE if the other end is closed,
 * -EBADMSG for a malformed message, or -errno.
 */
int link_receive(int link, struct link_message *msg, int *fds, size_t *nr_fds);

/* The same for other data than messages: all of it or an error. */
int link_send_data(int link, const void *bytes, size_t size, const int *fds,
		   size_t nr_fds);
int link_receive_data(int link, void *bytes, size_t size, int *fds,
		      size_t *nr_fds);

/* Waits for a message. Returns 0, -ETIMEDOUT or -errno. */
int link_wait(int link, int timeout_ms);

#endif
