// SPDX-License-Identifier: GPL-2.0-only
/*
 * One exchange with a vfio-xen-dm: one JSON object per line, one request per
 * connection.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <json.h>

#include "internal.h"

#define MAX_TRIES 5

struct answer {
	size_t size; /* bytes received so far */
	char line[VFIO_XEN_MAX_REPLY];
};

/* ---- asking ---- */

static int send_request(int fd, struct json_object *object)
{
	autofree char *line = NULL;
	int len = asprintf(
		&line, "%s\n",
		json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));

	if (len < 0) {
		line = NULL;
		return -ENOMEM;
	}
	/* A request is short, so the socket takes all of it or nothing. */
	return send(fd, line, (size_t)len, MSG_NOSIGNAL) == len ? 0 :
								  -ECONNRESET;
}

static int parse_reply(const char *line, struct json_object **reply)
{
	*reply = json_tokener_parse(line);
	if (json_object_is_type(*reply, json_type_object))
		return 0;
	json_object_put(*reply);
	*reply = NULL;
	return -EBADMSG;
}

/* Returns -EAGAIN while the reply is incomplete. */
static int receive(int fd, struct answer *answer, struct json_object **reply)
{
	ssize_t size = recv(fd, answer->line + answer->size,
			    sizeof(answer->line) - answer->size, MSG_DONTWAIT);
	char *end;

	if (size < 0)
		return errno == EAGAIN || errno == EINTR ? -EAGAIN :
							   -ECONNRESET;
	if (size == 0)
		return answer->size == sizeof(answer->line) ? -EBADMSG :
							      -ECONNRESET;
	answer->size += (size_t)size;
	end = memchr(answer->line, '\n', answer->size);
	if (!end)
		return -EAGAIN;
	*end = '\0';
	return parse_reply(answer->line, reply);
}

static long long monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* vfio-xen-dm also replies to a cancelled request. */
static int await_reply(int fd, const struct dm_question *question,
		       struct json_object **reply)
{
	struct pollfd pollfds[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = question->cancel_fd, .events = POLLIN },
	};
	long long end = monotonic_ms() + question->timeout_ms;
	long long left = question->timeout_ms;
	struct answer answer = { 0 };
	int err = -EAGAIN;

	for (; err == -EAGAIN && left >= 0; left = end - monotonic_ms()) {
		if (poll(pollfds, ARRAY_SIZE(pollfds), (int)left) <= 0)
			continue;
		if (pollfds[1].revents) {
			shutdown(fd, SHUT_WR);
			pollfds[1].fd = -1;
			end = monotonic_ms() + VFIO_XEN_REPLY_SPARE_MS;
		}
		if (pollfds[0].revents)
			err = receive(fd, &answer, reply);
	}
	return err == -EAGAIN ? -ETIMEDOUT : err;
}

static int ask_once(struct vfio_xen_ctx *ctx,
		    const struct dm_question *question,
		    struct json_object **reply)
{
	int err, fd = dm_connect(ctx, question->uuid, question->start);

	if (fd < 0)
		return fd;
	err = send_request(fd, question->object);
	if (!err)
		err = await_reply(fd, question, reply);
	close(fd);
	return err;
}

static bool is_cancelled(const struct dm_question *question)
{
	struct pollfd pollfd = { .fd = question->cancel_fd, .events = POLLIN };

	return poll(&pollfd, 1, 0) > 0;
}

int dm_ask(struct vfio_xen_ctx *ctx, const struct dm_question *question,
	   struct json_object **reply)
{
	int err = -ECONNRESET;

	problem_clear(ctx);
	*reply = NULL;
	/*
	 * The process was about to end when it got the request: ask its
	 * successor.
	 */
	for (int i = 0; err == -ECONNRESET && i < MAX_TRIES; i++) {
		err = ask_once(ctx, question, reply);
		if (is_cancelled(question))
			break;
	}
	if (err == -ETIMEDOUT || err == -ECONNRESET || err == -EBADMSG)
		return problem_set(ctx, VFIO_XEN_PROBLEM_DM_SILENT, err, 0,
				   question->uuid);
	return err;
}

/* ---- what is in a reply ---- */

const char *reply_text(struct json_object *object, const char *key)
{
	return json_object_get_string(json_object_object_get(object, key));
}

int reply_number(struct json_object *object, const char *key, int missing)
{
	struct json_object *number;

	return json_object_object_get_ex(object, key, &number) ?
		       json_object_get_int(number) :
		       missing;
}
