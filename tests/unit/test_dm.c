// SPDX-License-Identifier: GPL-2.0-only
/*
 * The client of vfio-xen-dm, against one that answers what a test wants.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <json.h>

#include "fake-dm.h"

static struct fake_host host;
static char ran[FAKE_PATH_SIZE];
static int nr_runs;

static int setup(void **state)
{
	(void)state;
	fake_host_init(&host);
	nr_runs = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_dm_stop();
	fake_host_release(&host);
	return 0;
}

static int note_run(struct fake_host *fake, const char *line)
{
	(void)fake;
	nr_runs++;
	snprintf(ran, sizeof(ran), "%s", line);
	return 1;
}

static int run_and_start(struct fake_host *fake, const char *line)
{
	static const char *const replies[] = { "{\"ok\":true}", NULL };

	note_run(fake, line);
	fake_dm_start(fake, FAKE_UUID, replies);
	return 0;
}

/* Another process was faster. */
static int start_but_fail(struct fake_host *fake, const char *line)
{
	run_and_start(fake, line);
	return 1;
}

static int ask(const char *reply, int timeout_ms, struct json_object **got)
{
	const char *const replies[] = { reply, NULL };
	struct json_object *request = json_tokener_parse("{\"command\":\"x\"}");
	struct vfio_xen_dm *dm;
	int err;

	fake_dm_start(&host, FAKE_UUID, replies);
	assert_int_equal(vfio_xen_dm_open(host.ctx, FAKE_UUID, &dm), 0);
	assert_int_equal(vfio_xen_dm_send(dm, request), 0);
	err = vfio_xen_dm_wait(dm, timeout_ms, got);
	vfio_xen_dm_close(dm);
	json_object_put(request);
	fake_dm_stop();
	return err;
}

static void replies(void **state)
{
	static char big[20000];
	struct json_object *got;

	(void)state;
	assert_int_equal(ask("{\"ok\":true,\"slot\":3}", 5000, &got), 0);
	assert_int_equal(
		json_object_get_int(json_object_object_get(got, "slot")), 3);
	json_object_put(got);
	assert_string_equal(fake_dm_requests(&host), "{\"command\":\"x\"}\n");
	assert_int_equal(ask("", 5000, &got), -ECONNRESET);
	assert_int_equal(ask("nonsense", 5000, &got), -EBADMSG);
	assert_int_equal(ask("[1]", 5000, &got), -EBADMSG);
	assert_int_equal(ask("{\"ok\":", 5000, &got), -EBADMSG);
	memset(big, ' ', sizeof(big) - 1);
	assert_int_equal(ask(big, 5000, &got), -EBADMSG);
	assert_int_equal(ask(FAKE_WAITS_FOR_HANGUP "{}", 50, &got), -ETIMEDOUT);
}

static void cancelled(void **state)
{
	static const char *const canned[] = { FAKE_WAITS_FOR_HANGUP
					      "{\"ok\":false}",
					      NULL };
	struct json_object *got, *request = json_object_new_object();
	struct vfio_xen_dm *dm;

	(void)state;
	fake_dm_start(&host, FAKE_UUID, canned);
	assert_int_equal(vfio_xen_dm_open(host.ctx, FAKE_UUID, &dm), 0);
	assert_int_equal(vfio_xen_dm_send(dm, request), 0);
	assert_int_equal(vfio_xen_dm_wait(dm, 50, &got), -ETIMEDOUT);
	vfio_xen_dm_cancel(dm);
	assert_int_equal(vfio_xen_dm_wait(dm, 5000, &got), 0);
	json_object_put(got);
	json_object_put(request);
	vfio_xen_dm_close(dm);
}

static void none_there(void **state)
{
	static const char *const canned[] = { "{}", NULL };
	struct vfio_xen_dm *dm;

	(void)state;
	assert_int_equal(vfio_xen_dm_open(host.ctx, FAKE_UUID, &dm), -ENOENT);
	fake_dm_start(&host, FAKE_UUID, canned);
	fake_dm_stop();
	assert_true(fake_exists(&host, "/run/vfio-xen/" FAKE_UUID ".sock"));
	assert_int_equal(vfio_xen_dm_open(host.ctx, FAKE_UUID, &dm), -ENOENT);
}

static void started(void **state)
{
	struct vfio_xen_dm *dm;

	(void)state;
	host.run = run_and_start;
	assert_int_equal(vfio_xen_dm_require(host.ctx, FAKE_UUID, &dm), 0);
	assert_string_equal(ran, SBINDIR "/vfio-xen-dm --daemon "
					 "--uuid=" FAKE_UUID);
	vfio_xen_dm_close(dm);
	assert_int_equal(vfio_xen_dm_require(host.ctx, FAKE_UUID, &dm), 0);
	assert_int_equal(nr_runs, 1);
	vfio_xen_dm_close(dm);
}

static void started_by_systemd(void **state)
{
	struct vfio_xen_dm *dm;

	(void)state;
	fake_dir(&host, "/run/systemd/system");
	host.run = run_and_start;
	assert_int_equal(vfio_xen_dm_require(host.ctx, FAKE_UUID, &dm), 0);
	assert_string_equal(ran, "systemctl start vfio-xen-dm@" FAKE_UUID
				 ".service");
	vfio_xen_dm_close(dm);
}

static void started_by_another(void **state)
{
	struct vfio_xen_dm *dm;

	(void)state;
	host.run = start_but_fail;
	assert_int_equal(vfio_xen_dm_require(host.ctx, FAKE_UUID, &dm), 0);
	assert_int_equal(
		vfio_xen_problem_get_kind(vfio_xen_get_problem(host.ctx)),
		VFIO_XEN_PROBLEM_NONE);
	vfio_xen_dm_close(dm);
}

static void not_started(void **state)
{
	const struct vfio_xen_problem *problem;
	struct vfio_xen_dm *dm;

	(void)state;
	host.run = note_run;
	assert_true(vfio_xen_dm_require(host.ctx, FAKE_UUID, &dm) < 0);
	problem = vfio_xen_get_problem(host.ctx);
	assert_int_equal(vfio_xen_problem_get_kind(problem),
			 VFIO_XEN_PROBLEM_DM_START);
	assert_int_equal(vfio_xen_problem_get_id(problem), 1);
	host.run = NULL; /* there is no such program */
	assert_int_equal(vfio_xen_dm_require(host.ctx, FAKE_UUID, &dm),
			 -ENOENT);
	assert_int_equal(
		vfio_xen_problem_get_kind(vfio_xen_get_problem(host.ctx)),
		VFIO_XEN_PROBLEM_DM_START);
}

static void count(void *data, const char *uuid)
{
	assert_string_equal(uuid, FAKE_UUID);
	++*(int *)data;
}

static void all_of_them(void **state)
{
	int nr = 0;

	(void)state;
	assert_int_equal(vfio_xen_dm_foreach(host.ctx, count, &nr), 0);
	assert_int_equal(nr, 0);
	fake_file(&host, "", "/run/vfio-xen/" FAKE_UUID ".sock");
	fake_file(&host, "", "/run/vfio-xen/" FAKE_UUID ".lock");
	fake_file(&host, "", "/run/vfio-xen/" FAKE_UUID ".sock.new");
	fake_file(&host, "", "/run/vfio-xen/lock");
	assert_int_equal(vfio_xen_dm_foreach(host.ctx, count, &nr), 0);
	assert_int_equal(nr, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(replies),
		TEST(cancelled),
		TEST(none_there),
		TEST(started),
		TEST(started_by_systemd),
		TEST(started_by_another),
		TEST(not_started),
		TEST(all_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
