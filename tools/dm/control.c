// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control socket.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"
#include "log.h"

#define MAX_CLIENTS 16

struct control_client {
	struct control *control;
	int fd;
	sd_event_source *source;
	bool busy; /* a request is being worked on */
	bool gone; /* sends nothing more, but may still read */
	size_t size;
	char line[VFIO_XEN_MAX_REQUEST];
};

struct control {
	sd_event *event;
	sd_event_source *source;
	int fd;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	control_fn fn;
	control_gone_fn gone_fn;
	void *data;
	struct control_client *clients[MAX_CLIENTS];
};

/* ---- requests ---- */

static int bad(struct problem *problem, const char *text)
{
	return problem_note(problem, -EINVAL, "understand the request", text,
			    NULL);
}

static int parse_command(struct json_object *object,
			 struct control_request *request,
			 struct problem *problem)
{
	static const char *const names[] = {
		[CONTROL_ATTACH] = "attach",
		[CONTROL_DETACH] = "detach",
		[CONTROL_STATUS] = "status",
	};
	struct json_object *value;

	if (!json_object_object_get_ex(object, "command", &value) || !value)
		return bad(problem, "there is no \"command\"");
	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(json_object_get_string(value), names[i]) == 0) {
			request->command = (enum control_command)i;
			return 0;
		}
	}
	return bad(problem, "\"command\" is not one that there is");
}

static int parse_device(struct json_object *object,
			struct control_request *request,
			struct problem *problem)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, "device", &value))
		return bad(problem, "there is no \"device\"");
	if (!json_object_is_type(value, json_type_string) ||
	    vfio_xen_sbdf_parse(json_object_get_string(value), &request->sbdf))
		return bad(problem, "\"device\" is not a PCI address");
	vfio_xen_sbdf_format(request->sbdf, request->address);
	return 0;
}

/* Reads a number. If it is missing or null, @value keeps its default. */
static int parse_number(struct json_object *object, const char *name,
			int64_t min, int64_t max, int64_t *number,
			struct problem *problem)
{
	struct json_object *value;
	char text[64];

	if (!json_object_object_get_ex(object, name, &value) || !value)
		return 0;
	*number = json_object_get_int64(value);
	if (json_object_is_type(value, json_type_int) && *number >= min &&
	    *number <= max)
		return 0;
	snprintf(text, sizeof(text), "\"%s\" is not a number from %d to %d",
		 name, (int)min, (int)max);
	return bad(problem, text);
}

static int parse_bool(struct json_object *object, const char *name, bool *flag,
		      struct problem *problem)
{
	struct json_object *value;
	char text[64];

	if (!json_object_object_get_ex(object, name, &value) || !value)
		return 0;
	*flag = json_object_get_boolean(value);
	if (json_object_is_type(value, json_type_boolean))
		return 0;
	snprintf(text, sizeof(text), "\"%s\" is neither true nor false", name);
	return bad(problem, text);
}

static int parse_iommu(struct json_object *object,
		       struct control_request *request, struct problem *problem)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, "iommu", &value) || !value)
		return 0;
	if (json_object_is_type(value, json_type_string) &&
	    !vfio_xen_iommu_parse(json_object_get_string(value),
				  &request->iommu))
		return 0;
	return bad(problem,
		   "\"iommu\" is none of \"auto\", \"iommufd\" and \"type1\"");
}

static int parse_object(struct json_object *object,
			struct control_request *request,
			struct problem *problem)
{
	int64_t slot = -1, timeout = VFIO_XEN_TIMEOUT_DEFAULT_S;

	if (parse_command(object, request, problem))
		return -EINVAL;
	if (request->command == CONTROL_STATUS)
		return 0;
	if (parse_device(object, request, problem) ||
	    parse_number(object, "slot", 0, VFIO_XEN_MAX_SLOTS - 1, &slot,
			 problem) ||
	    parse_number(object, "timeout", 1, VFIO_XEN_TIMEOUT_MAX_S, &timeout,
			 problem) ||
	    parse_bool(object, "permissive", &request->permissive, problem) ||
	    parse_bool(object, "rdm_strict", &request->rdm_strict, problem) ||
	    parse_iommu(object, request, problem) ||
	    parse_bool(object, "force", &request->force, problem) ||
	    parse_bool(object, "at_boot", &request->at_boot, problem))
		return -EINVAL;
	request->slot = (int)slot;
	request->timeout_s = (unsigned int)timeout;
	return 0;
}

int control_parse(const char *line, struct control_request *request,
		  struct problem *problem)
{
	struct json_object *object = json_tokener_parse(line);
	int err;

	*request = (struct control_request){ .slot = -1 };
	if (json_object_is_type(object, json_type_object))
		err = parse_object(object, request, problem);
	else
		err = bad(problem, "it is not a JSON object");
	json_object_put(object);
	return err;
}

/* ---- clients ---- */

static void client_free(struct control_client *client)
{
	for (unsigned int i = 0; i < MAX_CLIENTS; i++) {
		if (client->control && client->control->clients[i] == client)
			client->control->clients[i] = NULL;
	}
	sd_event_source_disable_unref(client->source);
	if (client->fd >= 0)
		close(client->fd);
	free(client);
}

/* The handler of its request still points to it. */
static void client_leave(struct control_client *client)
{
	client->source = sd_event_source_disable_unref(client->source);
	client->gone = true;
	if (!client->busy)
		client_free(client);
	else if (client->control->gone_fn)
		client->control->gone_fn(client->control->data, client);
}

/* Takes the first complete line out of the buffer. */
static bool take_line(struct control_client *client,
		      char line[VFIO_XEN_MAX_REQUEST])
{
	char *end = memchr(client->line, '\n', client->size);
	size_t size;

	if (!end)
		return false;
	size = (size_t)(end - client->line);
	memcpy(line, client->line, size);
	line[size] = '\0';
	client->size -= size + 1;
	memmove(client->line, end + 1, client->size);
	return true;
}

static void serve_line(struct control_client *client)
{
	struct control *control = client->control;
	struct control_request request;
	struct problem problem = { 0 };
	char line[VFIO_XEN_MAX_REQUEST];

	if (client->busy || !take_line(client, line))
		return;
	client->busy = true;
	if (control_parse(line, &request, &problem))
		control_fail(client, &problem);
	else
		control->fn(control->data, client, &request);
}

static int client_readable(sd_event_source *source, int fd, uint32_t events,
			   void *data)
{
	struct control_client *client = data;
	size_t room = sizeof(client->line) - client->size;
	ssize_t size =
		recv(fd, client->line + client->size, room, MSG_DONTWAIT);

	(void)source, (void)events;
	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (size > 0)
		client->size += (size_t)size;
	/* The client has closed the connection, or its line is too long. */
	if (size <= 0 || (client->size == sizeof(client->line) &&
			  !memchr(client->line, '\n', client->size)))
		client_leave(client);
	else
		serve_line(client);
	return 0;
}

void control_reply(struct control_client *client, struct json_object *reply)
{
	const char *text =
		json_object_to_json_string_ext(reply, JSON_C_TO_STRING_PLAIN);
	struct iovec parts[] = {
		{ (void *)(uintptr_t)text, strlen(text) },
		{ (void *)(uintptr_t)"\n", 1 },
	};
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 2 };

	client->busy = false;
	if (sendmsg(client->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		client->gone = true;
	json_object_put(reply);
	if (client->gone)
		client_free(client);
	else
		serve_line(client);
}

void control_fail(struct control_client *client, const struct problem *problem)
{
	struct json_object *reply = json_object_new_object();

	json_object_object_add(reply, "ok", json_object_new_boolean(false));
	json_object_object_add(reply, "step",
			       json_object_new_string(problem->step));
	json_object_object_add(reply, "error",
			       json_object_new_string(problem->text));
	json_object_object_add(reply, "errno",
			       json_object_new_int(-problem->err));
	if (problem->hint[0])
		json_object_object_add(reply, "hint",
				       json_object_new_string(problem->hint));
	control_reply(client, reply);
}

/* ---- the socket ---- */

static struct control_client **free_place(struct control *control)
{
	for (unsigned int i = 0; i < MAX_CLIENTS; i++) {
		if (!control->clients[i])
			return &control->clients[i];
	}
	return NULL;
}

static int connected(sd_event_source *source, int fd, uint32_t events,
		     void *data)
{
	struct control *control = data;
	struct control_client **place = free_place(control);
	int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	struct control_client *client;

	(void)source, (void)events;
	if (peer < 0)
		return 0;
	client = place ? calloc(1, sizeof(*client)) : NULL;
	if (!client) {
		close(peer);
		return 0;
	}
	client->control = control;
	client->fd = peer;
	*place = client;
	if (sd_event_add_io(control->event, &client->source, peer, EPOLLIN,
			    client_readable, client) < 0)
		client_free(client);
	return 0;
}

static int listen_at(struct control *control)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t mask;
	int err = 0;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s",
		 control->path);
	control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (control->fd < 0)
		return -errno;
	unlink(control->path); /* the socket of a crashed process */
	mask = umask(0177);
	if (bind(control->fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(control->fd, MAX_CLIENTS))
		err = -errno;
	umask(mask);
	return err;
}

int control_open(struct control **control, sd_event *event, const char *path,
		 control_fn fn, void *data)
{
	struct control *new;
	int err;

	if (strlen(path) >= sizeof(new->path))
		return -ENAMETOOLONG;
	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->event = event;
	new->fn = fn;
	new->data = data;
	strcpy(new->path, path);
	err = listen_at(new);
	if (!err)
		err = sd_event_add_io(event, &new->source, new->fd, EPOLLIN,
				      connected, new);
	if (err < 0) {
		control_close(new);
		return err;
	}
	*control = new;
	return 0;
}

void control_set_gone_fn(struct control *control, control_gone_fn fn)
{
	control->gone_fn = fn;
}

void control_close(struct control *control)
{
	if (!control)
		return;
	for (unsigned int i = 0; i < MAX_CLIENTS; i++) {
		if (control->clients[i])
			client_free(control->clients[i]);
	}
	sd_event_source_disable_unref(control->source);
	if (control->fd >= 0) {
		unlink(control->path);
		close(control->fd);
	}
	free(control);
}
