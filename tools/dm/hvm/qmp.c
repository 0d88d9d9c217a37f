// SPDX-License-Identifier: GPL-2.0-only
/*
 * Conversations with QEMU's monitor: qmp_capabilities, then commands, some of which end
 * with an event. Each message is a line of JSON. QEMU reads one byte at a time, with half
 * a dozen system calls for each. So messages are short, and sent early, for QEMU to read
 * while this process does other work.
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

/* A reply to query-pci takes some KiB. */
#define MAX_LINE (256 * 1024)

/*
 * Devices of QEMU that can be a dummy, the simplest first: some builds lack some of them.
 */
static const char *const dummies[] = { "pci-testdev", "pvpanic-pci",
				       "virtio-rng-pci" };
#define NR_DUMMIES (sizeof(dummies) / sizeof(dummies[0]))

/*
 * A guest that is being created has no QEMU yet, or one that libxl has started only to
 * query its features: without a machine, on the same socket, and about to quit.
 */
#define RETRY_USEC 100000

struct qmp {
	int fd;
	char path[QMP_PATH_SIZE];
	sd_event *event;
	sd_event_source *io;
	sd_event_source *timer;
	sd_event_source *retry;
	struct json_tokener *tokener;
	size_t line_size;
	bool greeted;
	bool negotiated; /* qmp_capabilities is done */
	int failure; /* error of the connection before the command */
	bool in_use, closed; /* closed by a done(): freed after it */
	/* The command, or NULL */
	struct json_object *command;
	char device[32]; /* id of the device to unplug, or "" */
	bool answered; /* and its event has not arrived */
	bool gone; /* the event has arrived */
	size_t next_dummy; /* the next command to try if this one fails */
	bool is_query; /* changes nothing, so it may be repeated */
	qmp_done_fn done;
	void *data;
};

/*
 * A monitor serves one client at a time, and an unplug lasts as long as the guest takes
 * to release the device. So libxl keeps the monitor that it uses itself. libxl creates
 * another one for statistics, which xentop does without while it is busy.
 */
void qmp_path(char path[QMP_PATH_SIZE], unsigned int domid)
{
	snprintf(path, QMP_PATH_SIZE, "/run/xen/qmp-libxenstat-%u", domid);
}

static void device_id(char *id, size_t size, unsigned int slot)
{
	snprintf(id, size, "vfio-xen-%u", slot);
}

static void disconnect(struct qmp *qmp)
{
	qmp->io = sd_event_source_disable_unref(qmp->io);
	if (qmp->fd >= 0)
		close(qmp->fd);
	qmp->fd = -1;
	qmp->greeted = false;
	qmp->negotiated = false;
	qmp->line_size = 0;
	if (qmp->tokener)
		json_tokener_reset(qmp->tokener);
}

static void qmp_free(struct qmp *qmp)
{
	disconnect(qmp);
	sd_event_source_disable_unref(qmp->timer);
	sd_event_source_disable_unref(qmp->retry);
	if (qmp->tokener)
		json_tokener_free(qmp->tokener);
	json_object_put(qmp->command);
	free(qmp);
}

void qmp_close(struct qmp *qmp)
{
	if (!qmp)
		return;
	qmp->closed = true;
	if (!qmp->in_use)
		qmp_free(qmp);
}

/* Wraps code that may call done(), which may close the conversation. */
static void enter(struct qmp *qmp)
{
	qmp->in_use = true;
}

static void leave(struct qmp *qmp)
{
	qmp->in_use = false;
	if (qmp->closed)
		qmp_free(qmp);
}

/* done() may start the next command, or close the conversation. */
static void finish(struct qmp *qmp, int err, const char *why,
		   struct json_object *answer)
{
	if (!qmp->command) {
		qmp->failure = err;
		return;
	}
	json_object_put(qmp->command);
	qmp->command = NULL;
	qmp->done(qmp->data, err, why, json_object_get(answer));
}

/* A working socket takes lines this short at once. */
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
	snprintf(text, sizeof(text), "%x", slot);
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
 * A cancelled unplug may have continued: then the device is gone by now, or being
 * unplugged. QEMU has no error class for the latter.
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

static int on_retry(sd_event_source *source, uint64_t usec, void *data);

static int retry_later(struct qmp *qmp)
{
	int err = sd_event_add_time_relative(qmp->event, &qmp->retry,
					     CLOCK_MONOTONIC, RETRY_USEC, 0,
					     on_retry, qmp);

	return err < 0 ? err : 0;
}

static bool has_buses(struct json_object *answer)
{
	return json_object_is_type(answer, json_type_array) &&
	       json_object_array_length(answer) > 0;
}

/* Returns 0, -EAGAIN to start over with the next listener, or -errno. */
static int on_command_answer(struct qmp *qmp, struct json_object *message)
{
	struct json_object *answer = member(message, "return");
	struct json_object *error = member(message, "error");

	if (error && qmp->next_dummy < NR_DUMMIES)
		return try_next_dummy(qmp);
	if (qmp->device[0] && (!error || is_unplugging(qmp, error))) {
		qmp->answered = true;
		if (qmp->gone)
			finish(qmp, 0, "", NULL);
		return 0;
	}
	if (qmp->is_query && !has_buses(answer))
		return -EAGAIN;
	if (error && !is_unplugged(qmp, error))
		finish(qmp, -EREMOTEIO, member_string(error, "desc"), NULL);
	else
		finish(qmp, 0, "", answer);
	return 0;
}

/* The guest may act before QEMU replies to the command. */
static void on_event(struct qmp *qmp, struct json_object *message)
{
	if (!qmp->command || !is_awaited_event(qmp, message))
		return;
	qmp->gone = true;
	if (qmp->answered)
		finish(qmp, 0, "", NULL);
}

static int on_message(struct qmp *qmp, struct json_object *message)
{
	if (member(message, "event")) {
		on_event(qmp, message);
		return 0;
	}
	if (!qmp->greeted) {
		qmp->greeted = true;
		return member(message, "QMP") ? 0 : -EPROTO;
	}
	if (!qmp->negotiated) {
		qmp->negotiated = true;
		return member(message, "return") ? 0 : -EPROTO;
	}
	if (!qmp->command || qmp->answered)
		return -EPROTO;
	return on_command_answer(qmp, message);
}

/* Feeds received bytes to the parser; messages begin and end anywhere in them. */
static int on_bytes(struct qmp *qmp, const char *bytes, size_t size)
{
	struct json_object *message;
	enum json_tokener_error error;
	size_t used;
	int err = 0;

	while (size > 0 && !err && !qmp->closed) {
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
		err = on_message(qmp, message);
		json_object_put(message);
	}
	return err;
}

static int receive(struct qmp *qmp)
{
	char bytes[4096];
	ssize_t size = recv(qmp->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (size < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	return size ? on_bytes(qmp, bytes, (size_t)size) : -ECONNRESET;
}

static int on_readable(sd_event_source *source, int fd, uint32_t revents,
		       void *data)
{
	struct qmp *qmp = data;
	int err;

	(void)source, (void)fd, (void)revents;
	enter(qmp);
	err = receive(qmp);
	if (err)
		disconnect(qmp);
	/* This QEMU was about to quit, or has no guest. */
	if (err == -EAGAIN || (err == -ECONNRESET && qmp->is_query))
		err = retry_later(qmp);
	if (err)
		finish(qmp, err, "the conversation with QEMU broke off", NULL);
	leave(qmp);
	return 0;
}

static const char *explain_timeout(const struct qmp *qmp)
{
	if (qmp->fd < 0)
		return "the guest has no QEMU";
	if (!qmp->greeted)
		return "QEMU's monitor is busy with another client";
	if (qmp->answered)
		return "the guest's driver does not release the device";
	return "QEMU does not answer";
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *data)
{
	struct qmp *qmp = data;

	(void)source, (void)usec;
	enter(qmp);
	finish(qmp, -ETIMEDOUT, explain_timeout(qmp), NULL);
	leave(qmp);
	return 0;
}

/* ---- connecting ---- */

/* Connecting to a local socket does not wait: either its queue has room, or it fails. */
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

static int send_first(struct qmp *qmp)
{
	struct json_object *hello = new_command("qmp_capabilities", NULL);
	int err = send_line(qmp, hello);

	json_object_put(hello);
	if (!err && qmp->command)
		err = send_line(qmp, qmp->command);
	return err;
}

/* Also returns 0 if it must be tried again. */
static int reach_qemu(struct qmp *qmp)
{
	int err;

	qmp->fd = connect_to(qmp->path);
	if (qmp->fd == -ENOENT || qmp->fd == -ECONNREFUSED)
		return retry_later(qmp);
	if (qmp->fd < 0)
		return qmp->fd;
	err = sd_event_add_io(qmp->event, &qmp->io, qmp->fd, EPOLLIN,
			      on_readable, qmp);
	return err < 0 ? err : send_first(qmp);
}

static int on_retry(sd_event_source *source, uint64_t usec, void *data)
{
	struct qmp *qmp = data;
	int err;

	(void)source, (void)usec;
	enter(qmp);
	qmp->retry = sd_event_source_disable_unref(qmp->retry);
	err = reach_qemu(qmp);
	if (err)
		finish(qmp, err, "QEMU cannot be reached", NULL);
	leave(qmp);
	return 0;
}

static int start(struct qmp *qmp, uint64_t timeout_usec)
{
	int err;

	qmp->tokener = json_tokener_new();
	if (!qmp->tokener)
		return -ENOMEM;
	err = sd_event_add_time_relative(qmp->event, &qmp->timer,
					 CLOCK_MONOTONIC, timeout_usec, 0,
					 on_timeout, qmp);
	return err < 0 ? err : reach_qemu(qmp);
}

int qmp_open(struct qmp **ret, sd_event *event, const char *path,
	     uint64_t timeout_usec)
{
	struct qmp *qmp = calloc(1, sizeof(*qmp));
	int err;

	if (!qmp)
		return -ENOMEM;
	qmp->fd = -1;
	qmp->event = event;
	snprintf(qmp->path, sizeof(qmp->path), "%s", path);
	err = start(qmp, timeout_usec);
	if (err) {
		qmp_free(qmp);
		return err;
	}
	*ret = qmp;
	return 0;
}

/* ---- commands ---- */

/* Takes ownership of the command. Without a connection it is sent once there is one. */
static int give_command(struct qmp *qmp, struct json_object *command,
			qmp_done_fn done, void *data)
{
	int err = qmp->failure;

	if (!err && qmp->fd >= 0)
		err = send_line(qmp, command);
	if (err) {
		json_object_put(command);
		return err;
	}
	qmp->command = command;
	qmp->device[0] = '\0';
	qmp->answered = false;
	qmp->gone = false;
	qmp->next_dummy = NR_DUMMIES;
	qmp->is_query = false;
	qmp->done = done;
	qmp->data = data;
	return 0;
}

int qmp_query_pci(struct qmp *qmp, qmp_done_fn done, void *data)
{
	int err = give_command(qmp, new_command("query-pci", NULL), done, data);

	if (!err)
		qmp->is_query = true;
	return err;
}

int qmp_plug(struct qmp *qmp, unsigned int slot, qmp_done_fn done, void *data)
{
	int err = give_command(qmp, new_device_add(slot, 0), done, data);

	if (!err)
		qmp->next_dummy = 1;
	return err;
}

int qmp_unplug(struct qmp *qmp, unsigned int slot, qmp_done_fn done, void *data)
{
	int err = give_command(qmp, new_device_del(slot), done, data);

	if (!err)
		device_id(qmp->device, sizeof(qmp->device), slot);
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
