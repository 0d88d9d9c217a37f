// SPDX-License-Identifier: GPL-2.0-only
/*
 * Conversations with a QEMU that answers as it has been told to, or not at all.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "hvm/qmp.h"

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n"
#define OK "{\"return\": {}}\r\n"
#define SECOND 1000000

static const char *path;
static sd_event *event;
static int listener, connection;
static const char *const *answers; /* one for each line that comes */
static char heard[4096];
static int result;
static char reason[256];
static struct json_object *result_answer;

/* QEMU's side: an answer for each command */
static int on_command(sd_event_source *source, int fd, uint32_t revents,
		      void *data)
{
	char line[1024];
	ssize_t size = recv(fd, line, sizeof(line) - 1, 0);

	(void)revents, (void)data;
	if (size <= 0)
		return sd_event_source_set_enabled(source, SD_EVENT_OFF);
	line[size] = '\0';
	strncat(heard, line, sizeof(heard) - strlen(heard) - 1);
	for (char *end = line; (end = strchr(end, '\n')) && *answers; end++) {
		assert_int_equal(send(fd, *answers, strlen(*answers), 0),
				 strlen(*answers));
		answers++;
	}
	return 0;
}

static int on_connect(sd_event_source *source, int fd, uint32_t revents,
		      void *data)
{
	(void)source, (void)revents, (void)data;
	connection = accept(fd, NULL, NULL);
	assert_true(connection >= 0);
	if (*answers) {
		send(connection, *answers, strlen(*answers), 0);
		answers++;
	}
	return sd_event_add_io(event, NULL, connection, EPOLLIN, on_command,
			       NULL);
}

static void done(void *data, int err, const char *why,
		 struct json_object *answer)
{
	assert_ptr_equal(data, &result);
	result = err;
	snprintf(reason, sizeof(reason), "%s", why);
	result_answer = answer;
	sd_event_exit(event, 0);
}

static int setup(void **state)
{
	static char name[] = "/tmp/test-qmp-XXXXXX";
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	static char socket_path[64];

	(void)state;
	strcpy(name + strlen(name) - 6, "XXXXXX");
	assert_non_null(mkdtemp(name));
	snprintf(socket_path, sizeof(socket_path), "%s/qmp", name);
	path = socket_path;
	strcpy(address.sun_path, path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address,
			      sizeof(address)),
			 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_true(sd_event_new(&event) >= 0);
	sd_event_add_io(event, NULL, listener, EPOLLIN, on_connect, NULL);
	connection = -1;
	heard[0] = '\0';
	result = 1;
	result_answer = NULL;
	return 0;
}

static int teardown(void **state)
{
	char dir[64];

	(void)state;
	json_object_put(result_answer);
	sd_event_unref(event);
	close(listener);
	if (connection >= 0)
		close(connection);
	unlink(path);
	snprintf(dir, sizeof(dir), "%s", path);
	*strrchr(dir, '/') = '\0';
	rmdir(dir);
	return 0;
}

static struct qmp *open_qmp(uint64_t timeout)
{
	struct qmp *qmp;

	assert_int_equal(qmp_open(&qmp, event, path, timeout), 0);
	return qmp;
}

/* The commands, each done with a conversation of its own */
static void query_pci(uint64_t timeout)
{
	struct qmp *qmp = open_qmp(timeout);

	assert_int_equal(qmp_query_pci(qmp, done, &result), 0);
	sd_event_loop(event);
	qmp_close(qmp);
}

static void plug(void)
{
	struct qmp *qmp = open_qmp(5 * SECOND);

	assert_int_equal(qmp_plug(qmp, 7, done, &result), 0);
	sd_event_loop(event);
	qmp_close(qmp);
}

static void unplug(uint64_t timeout)
{
	struct qmp *qmp = open_qmp(timeout);

	assert_int_equal(qmp_unplug(qmp, 7, done, &result), 0);
	sd_event_loop(event);
	qmp_close(qmp);
}

static void test_query(void **state)
{
	static const char *const said[] = {
		GREETING, OK,
		"{\"event\": \"RTC_CHANGE\", \"data\": {}}\r\n"
		"{\"return\": [{\"bus\": 0, \"devices\": [{\"slot\": 0}, {\"slot\": 2},"
		" {\"slot\": 31}, {\"slot\": 99}, {\"slot\": -1}]},"
		" {\"bus\": 1, \"devices\": [{\"slot\": 5}]}]}\r\n",
		NULL
	};

	(void)state;
	answers = said;
	query_pci(5 * SECOND);
	assert_int_equal(result, 0);
	assert_int_equal(qmp_used_slots(result_answer), 0x80000005);
	assert_non_null(strstr(heard, "qmp_capabilities"));
	assert_non_null(strstr(heard, "query-pci"));
}

static struct qmp *conversation;

static void query_done(void *data, int err, const char *why,
		       struct json_object *answer)
{
	(void)why;
	assert_int_equal(err, 0);
	json_object_put(answer);
	assert_int_equal(qmp_plug(conversation, 7, done, data), 0);
}

/* The next command is given when the last one is done. */
static void test_two_commands(void **state)
{
	static const char *const said[] = {
		GREETING, OK,
		"{\"return\": [{\"bus\": 0, \"devices\": []}]}\r\n", OK, NULL
	};

	(void)state;
	answers = said;
	conversation = open_qmp(5 * SECOND);
	assert_int_equal(qmp_query_pci(conversation, query_done, &result), 0);
	sd_event_loop(event);
	assert_int_equal(result, 0);
	assert_non_null(strstr(heard, "device_add"));
	qmp_close(conversation);
}

static void close_done(void *data, int err, const char *why,
		       struct json_object *answer)
{
	qmp_close(conversation);
	done(data, err, why, answer);
}

static void test_close_when_done(void **state)
{
	static const char *const said[] = { GREETING, OK, OK OK, NULL };

	(void)state;
	answers = said;
	conversation = open_qmp(5 * SECOND);
	assert_int_equal(qmp_plug(conversation, 7, close_done, &result), 0);
	sd_event_loop(event);
	assert_int_equal(result, 0);
}

/* A build without the first dummy */
static void test_plug(void **state)
{
	static const char *const said[] = {
		GREETING, OK,
		"{\"error\": {\"class\": \"GenericError\", \"desc\": \"no such model\"}}\r\n",
		OK, NULL
	};

	(void)state;
	answers = said;
	plug();
	assert_int_equal(result, 0);
	assert_non_null(strstr(heard, "\"id\":\"vfio-xen-7\""));
	assert_non_null(strstr(heard, "\"addr\":\"7\""));
	assert_non_null(strstr(heard, "pci-testdev"));
	assert_non_null(strstr(heard, "pvpanic-pci"));
}

static void test_plug_refused(void **state)
{
#define REFUSAL \
	"{\"error\": {\"class\": \"GenericError\", \"desc\": \"in use\"}}\r\n"
	static const char *const said[] = { GREETING, OK,      REFUSAL,
					    REFUSAL,  REFUSAL, NULL };

	(void)state;
	answers = said;
	plug();
	assert_int_equal(result, -EREMOTEIO);
	assert_string_equal(reason, "in use");
}

#define DELETED(id)                                                          \
	"{\"event\": \"DEVICE_DELETED\", \"data\": {\"device\": \"" id "\"," \
	" \"path\": \"/machine/peripheral/" id "\"}}\r\n"

/* Another device first, and the message in two pieces */
static void test_unplug(void **state)
{
	static const char *const said[] = { GREETING, OK,
					    OK DELETED("vfio-xen-6")
						    DELETED("vfio-xen-7"),
					    NULL };

	(void)state;
	answers = said;
	unplug(5 * SECOND);
	assert_int_equal(result, 0);
}

/* The guest was quicker than QEMU's answer. */
static void test_unplug_at_once(void **state)
{
	static const char *const said[] = { GREETING, OK,
					    DELETED("vfio-xen-7") OK, NULL };

	(void)state;
	answers = said;
	unplug(5 * SECOND);
	assert_int_equal(result, 0);
}

static void test_unplug_gone(void **state)
{
	static const char *const said[] = {
		GREETING, OK,
		"{\"error\": {\"class\": \"DeviceNotFound\", \"desc\": \"not found\"}}\r\n",
		NULL
	};

	(void)state;
	answers = said;
	unplug(5 * SECOND);
	assert_int_equal(result, 0);
}

static void test_unplug_ignored(void **state)
{
	static const char *const said[] = { GREETING, OK, OK, NULL };

	(void)state;
	answers = said;
	unplug(SECOND / 10);
	assert_int_equal(result, -ETIMEDOUT);
	assert_non_null(strstr(reason, "guest"));
}

static void test_busy(void **state)
{
	static const char *const said[] = { NULL };

	(void)state;
	answers = said;
	query_pci(SECOND / 10);
	assert_int_equal(result, -ETIMEDOUT);
	assert_non_null(strstr(reason, "busy"));
}

static void test_nonsense(void **state)
{
	static const char *const said[] = { GREETING, "}{\r\n", NULL };

	(void)state;
	answers = said;
	query_pci(5 * SECOND);
	assert_int_equal(result, -EPROTO);
}

/* The guest is there, and its QEMU not yet. */
static void test_nobody(void **state)
{
	(void)state;
	assert_int_equal(unlink(path), 0);
	query_pci(SECOND / 4);
	assert_int_equal(result, -ETIMEDOUT);
	assert_string_equal(reason, "the guest has no QEMU");
}

static int show_socket(sd_event_source *source, uint64_t usec, void *data)
{
	(void)source, (void)usec;
	return rename(data, path);
}

static void test_late(void **state)
{
	static const char *const said[] = { GREETING, OK, OK, NULL };
	char hidden[80];

	(void)state;
	answers = said;
	snprintf(hidden, sizeof(hidden), "%s.hidden", path);
	assert_int_equal(rename(path, hidden), 0);
	assert_true(sd_event_add_time_relative(event, NULL, CLOCK_MONOTONIC,
					       SECOND / 4, 0, show_socket,
					       hidden) >= 0);
	plug();
	assert_int_equal(result, 0);
}

/* It was there, and has died. */
static void test_dead(void **state)
{
	(void)state;
	close(listener);
	listener = -1;
	query_pci(SECOND / 4);
	assert_int_equal(result, -ETIMEDOUT);
	assert_string_equal(reason, "the guest has no QEMU");
}

/* The one that libxl asks about itself has no machine, and goes away. */
static void test_probe(void **state)
{
	static const char *const said[] = {
		GREETING,
		OK,
		"{\"return\": []}\r\n",
		GREETING,
		OK,
		"{\"return\": [{\"bus\": 0, \"devices\": [{\"slot\": 3}]}]}\r\n",
		NULL
	};

	(void)state;
	answers = said;
	query_pci(5 * SECOND);
	assert_int_equal(result, 0);
	assert_int_equal(qmp_used_slots(result_answer), 1U << 3);
}

static void test_cancel(void **state)
{
	static const char *const said[] = { GREETING, NULL };
	struct qmp *qmp;

	(void)state;
	answers = said;
	qmp = open_qmp(SECOND);
	assert_int_equal(qmp_query_pci(qmp, done, &result), 0);
	sd_event_run(event, 0);
	qmp_close(qmp);
	sd_event_run(event, 10000);
	assert_int_equal(result, 1);
	qmp_close(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_query),
		TEST(test_plug),
		TEST(test_plug_refused),
		TEST(test_unplug),
		TEST(test_unplug_gone),
		TEST(test_unplug_ignored),
		TEST(test_busy),
		TEST(test_nonsense),
		TEST(test_nobody),
		TEST(test_late),
		TEST(test_dead),
		TEST(test_probe),
		TEST(test_cancel),
		TEST(test_two_commands),
		TEST(test_close_when_done),
		TEST(test_unplug_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
