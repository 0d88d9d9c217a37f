// SPDX-License-Identifier: GPL-2.0-only
/*
 * Conversations with QEMU's monitor: greeting, qmp_capabilities, one command, and
 * for some an event. Each message is a line of JSON.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "qmp.h"

/* An answer to query-pci takes some KiB. */
#define MAX_LINE (256 * 1024)

/* QEMU's devices that can be a dummy, the simplest first: builds lack some. */
static const char *const dummies[] = { "pci-testdev", "pvpanic-pci",
				       "virtio-rng-pci" };
#define NR_DUMMIES (sizeof(dummies) / sizeof(dummies[0]))

/* A guest that is being made has no QEMU yet. */
#define RETRY_USEC 100000

enum qmp_state {
	QMP_CONNECTING,
	QMP_GREETING,
	QMP_CAPABILITIES,
	QMP_COMMAND,
	QMP_EVENT,
};

struct qmp {
	enum qmp_state state;
	int fd;
	char path[QMP_PATH_SIZE];
	sd_event_source *io;
	sd_event_source *timer;
	sd_event_source *retry;
	struct json_tokener *tokener;
	struct json_object *command;
	char device[32]; /* id of a device that is to go; "" without */
	size_t next_dummy; /* to be tried if the command fails */
	size_t line_size;
	qmp_done_fn done;
	void *data;
};

void qmp_path(char path[QMP_PATH_SIZE], unsigned int domid)
{
	snprintf(path, QMP_PATH_SIZE, "/run/xen/qmp-libxl-%u", domid);
}

static void device_id(char *id, size_t size, unsigned int slot)
{
	snprintf(id, size, "vfio-xen-%u", slot);
}

static void qmp_free(struct qmp *qmp)
{
	sd_event_source_disable_unref(qmp->io);
	sd_event_source_disable_unref(qmp->timer);
	sd_event_source_disable_unref(qmp->retry);
	if (qmp->tokener)
		json_tokener_free(qmp->tokener);
	json_object_put(qmp->command);
	if (qmp->fd >= 0)
		close(qmp->fd);
	free(qmp);
}

void qmp_cancel(struct qmp *qmp)
{
	if (qmp)
		qmp_free(qmp);
}

/* done() may start the next conversation: QEMU must have seen the end of this. */
static void finish(struct qmp *qmp, int err, const char *why,
		   struct json_object *answer)
{
	qmp_done_fn done = qmp->done;
	void *data = qmp->data;
	char copy[256];

	snprintf(copy, sizeof(copy), "%s", why);
	if (answer)
		json_object_get(answer);
	qmp_free(qmp);
	done(data, err, copy, answer);
}

/* The socket takes lines as short as these at once, or is broken. */
static int send_line(struct qmp *qmp, struct json_object *message)
{
	const char *text =
		json_object_to_json_string_ext(message, JSON_C_TO_STRING_PLAIN);
	char line[512];
	int size = snprintf(line, sizeof(line), "%s\n", text);
	ssize_t sent;

	if (size < 0 || (size_t)size >= sizeof(line))
		return -EMSGSIZE;
	sent = send(qmp->fd, line, (size_t)size, MSG_NOSIGNAL);
	if (sent < 0)
		return -errno;
	return sent == size ? 0 : -EIO;
}

static struct json_object *new_command(const char *name,
				       struct json_object *arguments)
{
	struct json_object *command = json_object_new_object();

	json_object_object_add(command, "execute",
			       json_object_new_string(name));
	if (arguments)
		json_object_object_add(command, "arguments", arguments);
	return command;
}

static struct json_object *new_device_add(unsigned int slot, size_t dummy)
{
	struct json_object *arguments = json_object_new_object();
	char text[32];

	json_object_object_add(arguments, "driver",
			       json_object_new_string(dummies[dummy]));
	device_id(text, sizeof(text), slot);
	json_object_object_add(arguments, "id", json_object_new_string(text));
	json_object_object_add(arguments, "bus",
			       json_object_new_string("pci.0"));
	snprintf(text, sizeof(text), "%#x", slot);
	json_object_object_add(arguments, "addr", json_object_new_string(text));
	return new_command("device_add", arguments);
}

static struct json_object *new_device_del(unsigned int slot)
{
	struct json_object *arguments = json_object_new_object();
	char id[32];

	device_id(id, sizeof(id), slot);
	json_object_object_add(arguments, "id", json_object_new_string(id));
	return new_command("device_del", arguments);
}

static struct json_object *member(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, name, &value);
	return value;
}

static const char *member_string(struct json_object *object, const char *name)
{
	const char *text = json_object_get_string(member(object, name));

	return text ? text : "";
}

/* The same slot with another dummy */
static int try_next_dummy(struct qmp *qmp)
{
	struct json_object *arguments = member(qmp->command, "arguments");
	const char *driver = dummies[qmp->next_dummy++];

	json_object_object_add(arguments, "driver",
			       json_object_new_string(driver));
	return send_line(qmp, qmp->command);
}

static bool is_awaited_event(struct qmp *qmp, struct json_object *message)
{
	return qmp->device[0] &&
	       !strcmp(member_string(message, "event"), "DEVICE_DELETED") &&
	       !strcmp(member_string(member(message, "data"), "device"),
		       qmp->device);
}

/*
 * An unplug that was given up may have gone on without us: then the device is
 * gone by now, or on its way. QEMU has no class of errors for the latter.
 */
static bool is_unplugged(const struct qmp *qmp, struct json_object *error)
{
	return qmp->device[0] &&
	       !strcmp(member_string(error, "class"), "DeviceNotFound");
}

static bool is_unplugging(const struct qmp *qmp, struct json_object *error)
{
	return qmp->device[0] &&
	       strstr(member_string(error, "desc"), "in the process of unplug");
}

/* 1: the conversation is over */
static int on_command_answer(struct qmp *qmp, struct json_object *message)
{
	struct json_object *answer = member(message, "return");
	struct json_object *error = member(message, "error");

	if (error && qmp->next_dummy < NR_DUMMIES)
		return try_next_dummy(qmp);
	if (qmp->device[0] && (!error || is_unplugging(qmp, error))) {
		qmp->state = QMP_EVENT;
		return 0;
	}
	if (error && !is_unplugged(qmp, error)) {
		finish(qmp, -EREMOTEIO, member_string(error, "desc"), NULL);
		return 1;
	}
	finish(qmp, 0, "", answer);
	return 1;
}

/* 0, 1 if the conversation is over, or -errno */
static int on_message(struct qmp *qmp, struct json_object *message)
{
	struct json_object *hello;
	int err;

	if (member(message, "event")) {
		/* The guest may be quicker than QEMU's answer to us. */
		if (is_awaited_event(qmp, message)) {
			finish(qmp, 0, "", NULL);
			return 1;
		}
		return 0;
	}
	switch (qmp->state) {
	case QMP_CONNECTING:
		break;
	case QMP_GREETING:
		hello = new_command("qmp_capabilities", NULL);
		err = send_line(qmp, hello);
		json_object_put(hello);
		qmp->state = QMP_CAPABILITIES;
		return err;
	case QMP_CAPABILITIES:
		qmp->state = QMP_COMMAND;
		return send_line(qmp, qmp->command);
	case QMP_COMMAND:
		return on_command_answer(qmp, message);
	case QMP_EVENT:
		break;
	}
	return -EPROTO;
}

/* Feed what has come; messages begin and end anywhere in it. */
static int on_bytes(struct qmp *qmp, const char *bytes, size_t size)
{
	struct json_object *message;
	enum json_tokener_error error;
	size_t used;
	int ret;

	while (size > 0) {
		message = json_tokener_parse_ex(qmp->tokener, bytes, (int)size);
		error = json_tokener_get_error(qmp->tokener);
		if (error == json_tokener_continue) {
			qmp->line_size += size;
			return qmp->line_size > MAX_LINE ? -EMSGSIZE : 0;
		}
		if (error != json_tokener_success)
			return -EPROTO;
		used = json_tokener_get_parse_end(qmp->tokener);
		bytes += used;
		size -= used;
		qmp->line_size = 0;
		ret = on_message(qmp, message);
		json_object_put(message);
		if (ret)
			return ret;
	}
	return 0;
}

static int on_readable(sd_event_source *source, int fd, uint32_t revents,
		       void *data)
{
	struct qmp *qmp = data;
	char bytes[4096];
	ssize_t size = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	int ret;

	(void)source, (void)revents;
	if (size < 0) {
		ret = errno == EAGAIN || errno == EINTR ? 0 : -errno;
	} else if (size == 0) {
		ret = -ECONNRESET;
	} else {
		ret = on_bytes(qmp, bytes, (size_t)size);
	}
	if (ret < 0)
		finish(qmp, ret, "the conversation with QEMU broke off", NULL);
	return 0;
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *data)
{
	struct qmp *qmp = data;
	const char *why = "QEMU does not answer";

	(void)source, (void)usec;
	if (qmp->state == QMP_CONNECTING)
		why = "the guest has no QEMU";
	else if (qmp->state == QMP_GREETING)
		why = "QEMU's monitor is busy with another client";
	else if (qmp->state == QMP_EVENT)
		why = "the guest does not let go of the device";
	finish(qmp, -ETIMEDOUT, why, NULL);
	return 0;
}

/* Connecting to a local socket does not wait: its queue has room, or not. */
static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

static int on_retry(sd_event_source *source, uint64_t usec, void *data);

/* 0 also if it has to be tried again */
static int reach_qemu(struct qmp *qmp, sd_event *event)
{
	int err;

	qmp->fd = connect_to(qmp->path);
	if (qmp->fd == -ENOENT)
		err = sd_event_add_time_relative(event, &qmp->retry,
						 CLOCK_MONOTONIC, RETRY_USEC, 0,
						 on_retry, qmp);
	else if (qmp->fd < 0)
		err = qmp->fd;
	else
		err = sd_event_add_io(event, &qmp->io, qmp->fd, EPOLLIN,
				      on_readable, qmp);
	if (qmp->fd >= 0)
		qmp->state = QMP_GREETING;
	return err < 0 ? err : 0;
}

static int on_retry(sd_event_source *source, uint64_t usec, void *data)
{
	struct qmp *qmp = data;
	sd_event *event = sd_event_source_get_event(source);
	int err;

	(void)usec;
	qmp->retry = sd_event_source_disable_unref(qmp->retry);
	err = reach_qemu(qmp, event);
	if (err)
		finish(qmp, err, "QEMU cannot be reached", NULL);
	return 0;
}

static int listen_to(struct qmp *qmp, const struct qmp_request *request)
{
	int err;

	qmp->tokener = json_tokener_new();
	if (!qmp->tokener)
		return -ENOMEM;
	snprintf(qmp->path, sizeof(qmp->path), "%s", request->path);
	err = reach_qemu(qmp, request->event);
	if (err)
		return err;
	err = sd_event_add_time_relative(request->event, &qmp->timer,
					 CLOCK_MONOTONIC, request->timeout_usec,
					 0, on_timeout, qmp);
	return err < 0 ? err : 0;
}

/* Takes the command over. */
static int start(struct qmp **ret, const struct qmp_request *request,
		 struct json_object *command)
{
	struct qmp *qmp = calloc(1, sizeof(*qmp));
	int err;

	if (!qmp) {
		json_object_put(command);
		return -ENOMEM;
	}
	qmp->fd = -1;
	qmp->command = command;
	qmp->next_dummy = NR_DUMMIES;
	qmp->done = request->done;
	qmp->data = request->data;
	err = listen_to(qmp, request);
	if (err) {
		qmp_free(qmp);
		return err;
	}
	*ret = qmp;
	return 0;
}

int qmp_query_pci(struct qmp **qmp, const struct qmp_request *request)
{
	return start(qmp, request, new_command("query-pci", NULL));
}

int qmp_plug(struct qmp **qmp, const struct qmp_request *request,
	     unsigned int slot)
{
	int err = start(qmp, request, new_device_add(slot, 0));

	if (!err)
		(*qmp)->next_dummy = 1;
	return err;
}

int qmp_unplug(struct qmp **qmp, const struct qmp_request *request,
	       unsigned int slot)
{
	int err = start(qmp, request, new_device_del(slot));

	if (!err)
		device_id((*qmp)->device, sizeof((*qmp)->device), slot);
	return err;
}

static uint32_t used_slots_of_bus(struct json_object *bus)
{
	struct json_object *devices = member(bus, "devices");
	uint32_t used = 0;
	int slot;

	if (!json_object_is_type(devices, json_type_array))
		return 0;
	for (size_t i = 0; i < json_object_array_length(devices); i++) {
		slot = json_object_get_int(
			member(json_object_array_get_idx(devices, i), "slot"));
		if (slot >= 0 && slot < 32)
			used |= 1u << slot;
	}
	return used;
}

uint32_t qmp_used_slots(struct json_object *answer)
{
	struct json_object *bus;
	uint32_t used = 0;

	if (!json_object_is_type(answer, json_type_array))
		return 0;
	for (size_t i = 0; i < json_object_array_length(answer); i++) {
		bus = json_object_array_get_idx(answer, i);
		if (json_object_get_int(member(bus, "bus")) == 0)
			used |= used_slots_of_bus(bus);
	}
	return used;
}
