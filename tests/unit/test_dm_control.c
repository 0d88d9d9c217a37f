// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control socket: requests, and clients that do not behave.
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
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "control.h"

/* ---- requests ---- */

static struct control_request request;
static struct problem problem;

static int parse(const char *line)
{
	problem = (struct problem){ 0 };
	return control_parse(line, &request, &problem);
}

static void test_attach(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"command\":\"attach\",\"device\":\"5:0.1\","
			       "\"slot\":7,\"permissive\":true,"
			       "\"rdm_strict\":true,"
			       "\"at_boot\":true,\"timeout\":3,"
			       "\"iommu\":\"type1\"}"),
			 0);
	assert_int_equal(request.command, CONTROL_ATTACH);
	assert_string_equal(request.address, "0000:05:00.1");
	assert_int_equal(request.sbdf, 0x0501);
	assert_int_equal(request.slot, 7);
	assert_true(request.permissive);
	assert_true(request.rdm_strict);
	assert_true(request.at_boot);
	assert_int_equal(request.timeout_s, 3);
	assert_int_equal(request.iommu, VFIO_XEN_IOMMU_TYPE1);
}

static void test_defaults(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"command\":\"detach\",\"slot\":null,"
			       "\"device\":\"0000:05:00.0\"}"),
			 0);
	assert_int_equal(request.command, CONTROL_DETACH);
	assert_int_equal(request.slot, -1);
	assert_false(request.force);
	assert_false(request.at_boot);
	assert_false(request.rdm_strict);
	assert_int_equal(request.timeout_s, VFIO_XEN_TIMEOUT_DEFAULT_S);
	assert_int_equal(request.iommu, VFIO_XEN_IOMMU_AUTO);
	assert_int_equal(parse("{\"command\":\"status\"}"), 0);
	assert_int_equal(request.command, CONTROL_STATUS);
}

static void test_bad_requests(void **state)
{
	static const struct {
		const char *line, *why;
	} bad[] = {
		{ "", "JSON object" },
		{ "null", "JSON object" },
		{ "[1]", "JSON object" },
		{ "{\"command\":", "JSON object" },
		{ "{}", "no \"command\"" },
		{ "{\"command\":\"explode\"}", "not one" },
		{ "{\"command\":null}", "no \"command\"" },
		{ "{\"command\":7}", "not one" },
		{ "{\"command\":\"attach\"}", "no \"device\"" },
		{ "{\"command\":\"attach\",\"device\":5}", "PCI address" },
		{ "{\"command\":\"attach\",\"device\":\"../0:0.0\"}",
		  "PCI address" },
		{ "{\"command\":\"attach\",\"device\":\"5:0.0\",\"slot\":32}",
		  "0 to 31" },
		{ "{\"command\":\"attach\",\"device\":\"5:0.0\",\"slot\":\"a\"}",
		  "\"slot\"" },
		{ "{\"command\":\"attach\",\"device\":\"5:0.0\",\"timeout\":0}",
		  "\"timeout\"" },
		{ "{\"command\":\"detach\",\"device\":\"5:0.0\",\"force\":1}",
		  "\"force\"" },
		{ "{\"command\":\"attach\",\"device\":\"5:0.0\",\"iommu\":\"vtd\"}",
		  "\"iommu\"" },
		{ "{\"command\":\"attach\",\"device\":\"5:0.0\",\"iommu\":2}",
		  "\"iommu\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(parse(bad[i].line), -EINVAL);
		assert_int_equal(problem.err, -EINVAL);
		if (!strstr(problem.text, bad[i].why))
			fail_msg("%s: %s", bad[i].line, problem.text);
	}
}

/* ---- clients ---- */

static sd_event *event;
static struct control *control;
static struct control_client *waiting;
static unsigned int nr_requests;
static char dir[] = "/tmp/test_dm_control.XXXXXX", path[64];

/* A detachment is kept until the test ends it. */
static int nr_gone;

static void serve(void *data, struct control_client *client,
		  const struct control_request *req)
{
	(void)data;
	nr_requests++;
	if (req->command == CONTROL_DETACH)
		waiting = client;
	else
		control_reply(client, json_object_new_object());
}

static int setup(void **state)
{
	(void)state;
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	if (!mkdtemp(dir) || sd_event_new(&event) < 0)
		return -1;
	nr_requests = 0;
	snprintf(path, sizeof(path), "%s/sock", dir);
	return control_open(&control, event, path, serve, NULL);
}

static int teardown(void **state)
{
	(void)state;
	control_close(control);
	sd_event_unref(event);
	return rmdir(dir); /* the socket is gone */
}

static int connect_client(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(
		connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
			 strlen(text));
}

static void run_events(void)
{
	while (sd_event_run(event, 0) > 0)
		;
}

static void assert_hears(int fd, const char *want)
{
	char text[256];
	ssize_t size;

	run_events();
	size = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	assert_true(size > 0);
	text[size] = '\0';
	assert_string_equal(text, want);
}

static void test_reply(void **state)
{
	struct stat st;
	int fd = connect_client();

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	say(fd, "{\"command\":");
	run_events();
	assert_int_equal(nr_requests, 0);
	say(fd, "\"status\"}\n");
	assert_hears(fd, "{}\n");
	say(fd, "{\"command\":\"status\"}\n{\"command\":\"status\"}\n");
	assert_hears(fd, "{}\n{}\n");
	close(fd);
}

static void test_failure(void **state)
{
	int fd = connect_client();

	(void)state;
	say(fd, "nonsense\n");
	assert_hears(fd, "{\"ok\":false,\"step\":\"understand the request\","
			 "\"error\":\"it is not a JSON object\","
			 "\"errno\":22}\n");
	assert_int_equal(nr_requests, 0);
	close(fd);
}

/* While one client waits others are served, and its own next line is not. */
static void test_waiting(void **state)
{
	int fd = connect_client(), other = connect_client();

	(void)state;
	say(fd, "{\"command\":\"detach\",\"device\":\"5:0.0\"}\n"
		"{\"command\":\"status\"}\n");
	run_events();
	assert_int_equal(nr_requests, 1);
	say(other, "{\"command\":\"status\"}\n");
	assert_hears(other, "{}\n");
	control_reply(waiting, json_object_new_object());
	assert_hears(fd, "{}\n{}\n");
	close(fd);
	close(other);
}

static void test_gone_client(void **state)
{
	int fd = connect_client();

	(void)state;
	say(fd, "{\"command\":\"detach\",\"device\":\"5:0.0\"}\n");
	run_events();
	close(fd);
	run_events();
	control_reply(waiting, json_object_new_object());
}

static void gone(void *data, struct control_client *client)
{
	(void)data;
	assert_ptr_equal(client, waiting);
	nr_gone++;
	control_reply(client, json_object_new_object());
}

/* Hanging up one end asks for an end; it is told to the other. */
static void test_giving_up(void **state)
{
	int fd = connect_client(), idle = connect_client();

	(void)state;
	nr_gone = 0;
	control_set_gone_fn(control, gone);
	say(fd, "{\"command\":\"detach\",\"device\":\"5:0.0\"}\n");
	run_events();
	assert_int_equal(nr_gone, 0);
	close(idle); /* has no request */
	run_events();
	assert_int_equal(nr_gone, 0);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	assert_hears(fd, "{}\n");
	assert_int_equal(nr_gone, 1);
	close(fd);
}

static void test_long_line(void **state)
{
	int fd = connect_client();
	char text[64];

	(void)state;
	memset(text, ' ', sizeof(text));
	for (int i = 0; i < 4096 / 64; i++) {
		assert_int_equal(send(fd, text, sizeof(text), MSG_NOSIGNAL),
				 sizeof(text));
		run_events();
	}
	assert_int_equal(recv(fd, text, sizeof(text), MSG_DONTWAIT), 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attach),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_bad_requests),
		cmocka_unit_test_setup_teardown(test_reply, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failure, setup, teardown),
		cmocka_unit_test_setup_teardown(test_waiting, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gone_client, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_giving_up, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_long_line, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
