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
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <json.h>

#include "fake-dm.h"
#include "internal.h"

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

/* What it is asked does not matter here. */
static int ask(struct dm_question request, struct json_object **got)
{
	int err;

	request.uuid = FAKE_UUID;
	request.object = json_tokener_parse("{\"command\":\"x\"}");
	problem_clear(host.ctx);
	err = dm_ask(host.ctx, &request, got);
	json_object_put(request.object);
	return err;
}

static int ask_and_drop(bool start)
{
	const struct dm_question request = {
		.start = start,
		.timeout_ms = 5000,
		.cancel_fd = -1,
	};
	struct json_object *got;
	int err = ask(request, &got);

	assert_true(!err == !!got);
	json_object_put(got);
	return err;
}

static int reply_with(const char *reply, int timeout_ms,
		      struct json_object **got)
{
	const struct dm_question request = {
		.timeout_ms = timeout_ms,
		.cancel_fd = -1,
	};
	const char *const replies[] = { reply, NULL };
	int err;

	fake_dm_start(&host, FAKE_UUID, replies);
	err = ask(request, got);
	fake_dm_stop();
	return err;
}

static enum vfio_xen_problem_kind problem_kind(void)
{
	return vfio_xen_problem_get_kind(vfio_xen_get_problem(host.ctx));
}

static void replies(void **state)
{
	static char big[20000];
	struct json_object *got;

	(void)state;
	assert_int_equal(reply_with("{\"ok\":true,\"slot\":3}", 5000, &got), 0);
	assert_int_equal(
		json_object_get_int(json_object_object_get(got, "slot")), 3);
	json_object_put(got);
	assert_string_equal(fake_dm_requests(&host), "{\"command\":\"x\"}\n");
	assert_int_equal(problem_kind(), VFIO_XEN_PROBLEM_NONE);
	assert_int_equal(reply_with("", 5000, &got), -ECONNRESET);
	assert_null(got);
	assert_int_equal(problem_kind(), VFIO_XEN_PROBLEM_DM_SILENT);
	assert_int_equal(reply_with("nonsense", 5000, &got), -EBADMSG);
	assert_int_equal(reply_with("[1]", 5000, &got), -EBADMSG);
	assert_int_equal(reply_with("{\"ok\":", 5000, &got), -EBADMSG);
	memset(big, ' ', sizeof(big) - 1);
	assert_int_equal(reply_with(big, 5000, &got), -EBADMSG);
	assert_null(got);
	assert_int_equal(reply_with(FAKE_WAITS_FOR_HANGUP "{}", 50, &got),
			 -ETIMEDOUT);
	assert_int_equal(problem_kind(), VFIO_XEN_PROBLEM_DM_SILENT);
}

static void successor(void **state)
{
	static const char *const canned[] = { "", "", "{\"ok\":true}", NULL };

	(void)state;
	fake_dm_start(&host, FAKE_UUID, canned);
	assert_int_equal(ask_and_drop(false), 0);
	assert_int_equal(problem_kind(), VFIO_XEN_PROBLEM_NONE);
}

/* What is asked of the vfio-xen-dm of FAKE_UUID, which answers that */
static int detach_with(const char *reply)
{
	struct vfio_xen_request request = VFIO_XEN_REQUEST_INIT;
	const char *const replies[] = { reply, NULL };
	int err;

	request.uuid = FAKE_UUID;
	request.sbdf = 0x500;
	fake_dm_start(&host, FAKE_UUID, replies);
	err = vfio_xen_detach(host.ctx, &request);
	fake_dm_stop();
	return err;
}

static void refused(void **state)
{
	static const struct {
		const char *reply;
		int err;
		const char *text;
	} cases[] = {
		{ "{\"ok\":false,\"errno\":17,\"step\":\"plug it in\","
		  "\"error\":\"it is there\",\"hint\":\"look\"}",
		  -EEXIST, "cannot plug it in: it is there; look" },
		{ "{\"ok\":false,\"error\":\"so\"}", -EIO, "cannot do it: so" },
		{ "{\"errno\":-3}", -EIO, "cannot do it: Input/output error" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int err = detach_with(cases[i].reply);
		char *text = vfio_xen_explain(host.ctx, err, false);

		assert_int_equal(err, cases[i].err);
		assert_int_equal(problem_kind(), VFIO_XEN_PROBLEM_DM_REFUSED);
		assert_string_equal(text, cases[i].text);
		free(text);
	}
	assert_int_equal(detach_with("{\"ok\":true}"), 0);
	assert_int_equal(problem_kind(), VFIO_XEN_PROBLEM_NONE);
}

static void attach_is_encoded(void **state)
{
	static const char *const canned[] = { "{\"ok\":true,\"slot\":7}",
					      "{\"ok\":true}", NULL };
	struct vfio_xen_request request = VFIO_XEN_REQUEST_INIT;
	int slot = 0;

	(void)state;
	fake_dm_start(&host, FAKE_UUID, canned);
	request.uuid = FAKE_UUID;
	request.sbdf = 0x500;
	assert_int_equal(vfio_xen_attach(host.ctx, &request, &slot), 0);
	assert_int_equal(slot, 7);
	request.slot = 0;
	request.timeout_s = VFIO_XEN_TIMEOUT_MAX_S;
	request.iommu = VFIO_XEN_IOMMU_TYPE1;
	request.flags = VFIO_XEN_PERMISSIVE | VFIO_XEN_RDM_STRICT |
			VFIO_XEN_AT_BOOT | VFIO_XEN_FORCE_DETACH;
	assert_int_equal(vfio_xen_attach(host.ctx, &request, &slot), 0);
	assert_int_equal(slot, VFIO_XEN_ANY_SLOT);
	assert_string_equal(
		fake_dm_requests(&host),
		"{\"command\":\"attach\",\"device\":\"0000:05:00.0\"}\n"
		"{\"command\":\"attach\",\"device\":\"0000:05:00.0\","
		"\"slot\":0,\"timeout\":600,\"iommu\":\"type1\","
		"\"permissive\":true,\"rdm_strict\":true,"
		"\"at_boot\":true,\"force\":true}\n");
}

static void wrong_requests(void **state)
{
	static const char *const canned[] = { "{\"ok\":true}", NULL };
	struct vfio_xen_request good = VFIO_XEN_REQUEST_INIT, bad;

	(void)state;
	fake_dm_start(&host, FAKE_UUID, canned);
	good.uuid = FAKE_UUID;
	bad = good;
	bad.size--;
	assert_int_equal(vfio_xen_attach(host.ctx, &bad, NULL), -EINVAL);
	bad = good;
	bad.uuid = NULL;
	assert_int_equal(vfio_xen_detach(host.ctx, &bad), -EINVAL);
	bad = good;
	bad.timeout_s = VFIO_XEN_TIMEOUT_MAX_S + 1;
	assert_int_equal(vfio_xen_detach(host.ctx, &bad), -EINVAL);
	assert_string_equal(fake_dm_requests(&host), "");
	assert_int_equal(vfio_xen_detach(host.ctx, &good), 0);
}

static int status_with(const char *reply, struct vfio_xen_status **status)
{
	const char *const replies[] = { reply, NULL };
	int err;

	fake_dm_start(&host, FAKE_UUID, replies);
	err = vfio_xen_status(host.ctx, FAKE_UUID, status);
	fake_dm_stop();
	return err;
}

static void status_is_read(void **state)
{
	const struct vfio_xen_attachment *attachment;
	struct vfio_xen_status *status;

	(void)state;
	assert_int_equal(
		status_with(
			"{\"ok\":true,\"domid\":3,\"uuid\":\"u\","
			"\"type\":\"hvm\",\"worker_pid\":42,"
			"\"restarts\":1,\"queued\":2,\"devices\":[{\"device\":"
			"\"0000:05:00.0\",\"slot\":4,\"permissive\":true,"
			"\"rdm_strict\":true,"
			"\"state\":\"attached\",\"iommu\":\"type1\"},"
			"{\"device\":\"0000:06:00.0\",\"slot\":-1,"
			"\"state\":\"wanted\",\"reason\":\"so\"},"
			"{\"device\":\"0000:07:00.0\",\"state\":\"new\"},"
			"{\"device\":\"0000:09:00.0\",\"state\":\"hung\","
			"\"reason\":\"its reset\"}]}",
			&status),
		0);
	assert_int_equal(vfio_xen_status_get_domid(status), 3);
	assert_string_equal(vfio_xen_status_get_uuid(status), "u");
	assert_string_equal(vfio_xen_status_get_type(status), "hvm");
	assert_int_equal(vfio_xen_status_get_worker_pid(status), 42);
	assert_int_equal(vfio_xen_status_get_restarts(status), 1);
	assert_int_equal(vfio_xen_status_get_queued(status), 2);
	assert_int_equal(vfio_xen_status_get_nr_attachments(status), 4);
	attachment = vfio_xen_status_find(status, 0x500);
	assert_ptr_equal(attachment, vfio_xen_status_get_attachment(status, 0));
	assert_int_equal(vfio_xen_attachment_get_slot(attachment), 4);
	assert_true(vfio_xen_attachment_is_permissive(attachment));
	assert_true(vfio_xen_attachment_is_rdm_strict(attachment));
	assert_int_equal(vfio_xen_attachment_get_state(attachment),
			 VFIO_XEN_ATTACHMENT_ATTACHED);
	assert_string_equal(vfio_xen_attachment_get_iommu(attachment), "type1");
	assert_null(vfio_xen_attachment_get_reason(attachment));
	attachment = vfio_xen_status_find(status, 0x600);
	assert_false(vfio_xen_attachment_is_rdm_strict(attachment));
	assert_int_equal(vfio_xen_attachment_get_slot(attachment),
			 VFIO_XEN_ANY_SLOT);
	assert_int_equal(vfio_xen_attachment_get_state(attachment),
			 VFIO_XEN_ATTACHMENT_WANTED);
	assert_string_equal(vfio_xen_attachment_get_reason(attachment), "so");
	assert_null(vfio_xen_attachment_get_iommu(attachment));
	attachment = vfio_xen_status_get_attachment(status, 2);
	assert_int_equal(vfio_xen_attachment_get_state(attachment),
			 VFIO_XEN_ATTACHMENT_UNKNOWN);
	attachment = vfio_xen_status_find(status, 0x900);
	assert_int_equal(vfio_xen_attachment_get_state(attachment),
			 VFIO_XEN_ATTACHMENT_HUNG);
	assert_string_equal(vfio_xen_attachment_get_reason(attachment),
			    "its reset");
	assert_null(vfio_xen_status_get_attachment(status, 4));
	assert_null(vfio_xen_status_find(status, 0x800));
	vfio_xen_status_free(status);
}

static void no_status(void **state)
{
	struct vfio_xen_status *status = NULL;

	(void)state;
	assert_int_equal(vfio_xen_status(host.ctx, FAKE_UUID, &status),
			 -ENOENT);
	assert_int_equal(problem_kind(), VFIO_XEN_PROBLEM_NONE);
	assert_int_equal(status_with("{\"ok\":false,\"errno\":1}", &status),
			 -EPERM);
	assert_int_equal(problem_kind(), VFIO_XEN_PROBLEM_DM_REFUSED);
	assert_int_equal(status_with("{\"ok\":true,\"devices\":[{}]}", &status),
			 -EBADMSG);
	assert_int_equal(problem_kind(), VFIO_XEN_PROBLEM_DM_SILENT);
	assert_int_equal(status_with("{\"ok\":true,\"devices\":[7]}", &status),
			 -EBADMSG);
	assert_null(status);
}

static void cancelled(void **state)
{
	static const char *const canned[] = { FAKE_WAITS_FOR_HANGUP
					      "{\"ok\":false}",
					      NULL };
	struct dm_question request = { .timeout_ms = 5000 };
	struct json_object *got;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	request.cancel_fd = fds[0];
	close(fds[1]); /* it can be read */
	fake_dm_start(&host, FAKE_UUID, canned);
	assert_int_equal(ask(request, &got), 0);
	assert_int_equal(reply_check(host.ctx, got), -EIO);
	json_object_put(got);
	close(fds[0]);
}

static void none_there(void **state)
{
	static const char *const canned[] = { "{}", NULL };

	(void)state;
	assert_int_equal(ask_and_drop(false), -ENOENT);
	fake_dm_start(&host, FAKE_UUID, canned);
	fake_dm_stop();
	assert_true(fake_exists(&host, "/run/vfio-xen/" FAKE_UUID ".sock"));
	assert_int_equal(ask_and_drop(false), -ENOENT);
}

static void started(void **state)
{
	(void)state;
	host.run = run_and_start;
	assert_int_equal(ask_and_drop(true), 0);
	assert_string_equal(ran, SBINDIR "/vfio-xen-dm --daemon "
					 "--uuid=" FAKE_UUID);
	assert_int_equal(ask_and_drop(true), 0);
	assert_int_equal(nr_runs, 1);
}

static void started_by_systemd(void **state)
{
	(void)state;
	fake_dir(&host, "/run/systemd/system");
	host.run = run_and_start;
	assert_int_equal(ask_and_drop(true), 0);
	assert_string_equal(ran, "systemctl start vfio-xen-dm@" FAKE_UUID
				 ".service");
}

static void started_by_another(void **state)
{
	(void)state;
	host.run = start_but_fail;
	assert_int_equal(ask_and_drop(true), 0);
	assert_int_equal(problem_kind(), VFIO_XEN_PROBLEM_NONE);
}

static void not_started(void **state)
{
	(void)state;
	host.run = note_run;
	assert_true(ask_and_drop(true) < 0);
	assert_int_equal(problem_kind(), VFIO_XEN_PROBLEM_DM_START);
	assert_int_equal(
		vfio_xen_problem_get_id(vfio_xen_get_problem(host.ctx)), 1);
	host.run = NULL; /* there is no such program */
	assert_int_equal(ask_and_drop(true), -ENOENT);
	assert_int_equal(problem_kind(), VFIO_XEN_PROBLEM_DM_START);
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
		TEST(successor),
		TEST(refused),
		TEST(attach_is_encoded),
		TEST(wrong_requests),
		TEST(status_is_read),
		TEST(no_status),
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
