// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether xenstored lives and answers.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "xenstored.h"

int xenstored_connect(struct xenstored *daemon)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int err = 0;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s",
		 xs_daemon_socket());
	*daemon = (struct xenstored){ 0 };
	daemon->fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (daemon->fd < 0)
		return -errno;
	if (connect(daemon->fd, (struct sockaddr *)&address, sizeof(address)))
		err = errno == EAGAIN ? -ETIMEDOUT : -errno; /* a full queue */
	if (err)
		xenstored_close(daemon);
	return err;
}

void xenstored_close(struct xenstored *daemon)
{
	if (daemon->fd >= 0)
		close(daemon->fd);
	daemon->fd = -1;
}

/* ---- the question ---- */

/* Any will do whose answer is short: dom0's path. */
static int send_question(struct xenstored *daemon)
{
	struct {
		struct xsd_sockmsg header;
		char domid[2];
	} question = {
		.header.type = XS_GET_DOMAIN_PATH,
		.header.len = sizeof(question.domid),
		.domid = "0",
	};
	size_t size = sizeof(question.header) + sizeof(question.domid);

	if (daemon->asked)
		return 0;
	if (send(daemon->fd, &question, size, MSG_NOSIGNAL | MSG_DONTWAIT) !=
	    (ssize_t)size)
		return errno ? -errno : -EIO;
	daemon->asked = true;
	return 0;
}

static bool is_complete(const struct xenstored *daemon)
{
	return daemon->received >= sizeof(daemon->answer.header) &&
	       daemon->received - sizeof(daemon->answer.header) >=
		       daemon->answer.header.len;
}

int xenstored_read(struct xenstored *daemon)
{
	size_t room = sizeof(daemon->answer) - daemon->received;
	ssize_t nr = recv(daemon->fd, daemon->answer.bytes + daemon->received,
			  room, MSG_DONTWAIT);

	if (nr < 0 && errno == EAGAIN)
		return -EAGAIN;
	if (nr <= 0)
		return -EPIPE;
	daemon->received += (size_t)nr;
	if (!is_complete(daemon))
		return -EAGAIN;
	daemon->received = 0;
	daemon->asked = false;
	return 0;
}

int xenstored_ask(struct xenstored *daemon, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = daemon->fd, .events = POLLIN };
	uint64_t now = clock_usec() / USEC_PER_MS;
	const uint64_t end = now + (uint64_t)timeout_ms;
	int err = send_question(daemon);

	while (!err && daemon->asked) {
		now = clock_usec() / USEC_PER_MS;
		if (now >= end || poll(&poll_fd, 1, (int)(end - now)) <= 0)
			return -ETIMEDOUT;
		err = xenstored_read(daemon);
		if (err == -EAGAIN)
			err = 0;
	}
	return err;
}
