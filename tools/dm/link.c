// SPDX-License-Identifier: GPL-2.0-only
/*
 * The link: one structure per message, with descriptors beside it.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link.h"

int link_pair(int fds[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       0, fds))
		return -errno;
	return 0;
}

int link_send_data(int link, const void *bytes, size_t size, const int *fds,
		   size_t nr_fds)
{
	union {
		char bytes[CMSG_SPACE(LINK_MAX_FDS * sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec data = { (void *)(uintptr_t)bytes, size };
	struct msghdr header = { .msg_iov = &data, .msg_iovlen = 1 };

	if (nr_fds > LINK_MAX_FDS)
		return -EINVAL;
	if (nr_fds) {
		struct cmsghdr *cmsg = &control.align;

		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(nr_fds * sizeof(int));
		memcpy(CMSG_DATA(cmsg), fds, nr_fds * sizeof(int));
		header.msg_control = control.bytes;
		header.msg_controllen = CMSG_SPACE(nr_fds * sizeof(int));
	}
	if (sendmsg(link, &header, MSG_NOSIGNAL) < 0)
		return -errno;
	return 0;
}

int link_send(int link, const struct link_message *msg, const int *fds,
	      size_t nr_fds)
{
	return link_send_data(link, msg, sizeof(*msg), fds, nr_fds);
}

/* Takes as many descriptors as fit, and closes the others. */
static void take_fds(struct msghdr *header, int *fds, size_t room,
		     size_t *nr_fds)
{
	struct cmsghdr *cmsg;
	int fd;

	*nr_fds = 0;
	for (cmsg = CMSG_FIRSTHDR(header); cmsg;
	     cmsg = CMSG_NXTHDR(header, cmsg)) {
		size_t nr = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(fd);

		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < nr; i++) {
			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(fd),
			       sizeof(fd));
			if (*nr_fds < room)
				fds[(*nr_fds)++] = fd;
			else
				close(fd);
		}
	}
}

static int refuse(const int *fds, size_t *nr_fds)
{
	for (size_t i = 0; i < *nr_fds; i++)
		close(fds[i]);
	*nr_fds = 0;
	return -EBADMSG;
}

int link_receive_data(int link, void *bytes, size_t size, int *fds,
		      size_t *nr_fds)
{
	union {
		char bytes[CMSG_SPACE(LINK_MAX_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec data = { bytes, size };
	struct msghdr header = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control),
	};
	ssize_t received = recvmsg(link, &header, MSG_CMSG_CLOEXEC);

	if (received <= 0) {
		*nr_fds = 0;
		return received == 0 || errno == ECONNRESET ? -EPIPE : -errno;
	}
	take_fds(&header, fds, *nr_fds, nr_fds);
	if ((size_t)received != size ||
	    (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return refuse(fds, nr_fds);
	return 0;
}

static bool message_is_sane(const struct link_message *msg)
{
	return msg->type >= LINK_HELLO && msg->type <= LINK_LOG &&
	       msg->err <= 0 && msg->err > -4096;
}

int link_receive(int link, struct link_message *msg, int *fds, size_t *nr_fds)
{
	int err = link_receive_data(link, msg, sizeof(*msg), fds, nr_fds);

	if (err)
		return err;
	if (!message_is_sane(msg))
		return refuse(fds, nr_fds);
	msg->text[sizeof(msg->text) - 1] = '\0';
	return 0;
}

int link_wait(int link, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = link, .events = POLLIN };
	int nr = poll(&poll_fd, 1, timeout_ms);

	if (nr < 0)
		return -errno;
	return nr ? 0 : -ETIMEDOUT;
}
