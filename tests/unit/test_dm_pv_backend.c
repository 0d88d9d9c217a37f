// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PCI backend of a PV guest: what a guest can make it do by its states in
 * xenstore.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "attach.h"
#include "fake-log.h"
#include "host.h"
#include "log.h"
#include "pv/backend.h"
#include "pv/nodes.h"
#include "worker_process.h"
#include "xenstore.h"

static struct devices all;
static struct device dev;
static enum xenbus_state front;
static unsigned int nr_started, nr_ended;

bool host_has_module(const char *name)
{
	(void)name;
	return false;
}

static bool has_xenstored = true;

bool xenstore_is_there(const struct xenstore *store)
{
	(void)store;
	return has_xenstored;
}

int xenstore_watch(struct xenstore *store, const char *path)
{
	(void)store, (void)path;
	return 0;
}

void xenstore_unwatch(struct xenstore *store, const char *path)
{
	(void)store, (void)path;
}

void nodes_init(struct nodes *nodes, struct xenstore *store, uint32_t domid,
		unsigned int number)
{
	(void)store, (void)domid;
	nodes->number = number;
}

int nodes_publish(const struct nodes *nodes)
{
	(void)nodes;
	front = XenbusStateInitialising;
	return 0;
}

void nodes_remove(const struct nodes *nodes)
{
	(void)nodes;
	front = XenbusStateUnknown;
}

int nodes_set_state(const struct nodes *nodes, enum xenbus_state state)
{
	(void)nodes, (void)state;
	return 0;
}

enum xenbus_state nodes_front_state(const struct nodes *nodes)
{
	(void)nodes;
	return front;
}

int nodes_write_devices(const struct nodes *nodes,
			struct device *const devices[], unsigned int nr,
			bool look)
{
	(void)nodes, (void)devices, (void)nr, (void)look;
	return 0;
}

int nodes_set_device_state(const struct nodes *nodes, unsigned int index,
			   enum xenbus_state state)
{
	(void)nodes, (void)index, (void)state;
	return 0;
}

int nodes_read_ring(const struct nodes *nodes, struct ring *ring)
{
	(void)nodes, (void)ring;
	return 0;
}

int worker_process_start(struct worker_process *process)
{
	(void)process;
	nr_started++;
	return 0;
}

void worker_process_stop(struct worker_process *process)
{
	(void)process;
}

void attach_worker_ended(struct devices *of)
{
	assert_ptr_equal(of, &all);
	nr_ended++;
}

static void say(enum xenbus_state state)
{
	front = state;
	pv_backend_kind.xenstore_changed(&all, "/");
}

/* The guest has a device. */
static int setup(void **state)
{
	struct problem problem = { 0 };

	(void)state;
	nr_started = nr_ended = 0;
	fake_log_clear();
	front = XenbusStateUnknown;
	all = (struct devices){ .guest = { .domid = 1, .kind = GUEST_PV } };
	dev = (struct device){ .all = &all };
	assert_true(sd_event_new(&all.event) >= 0);
	assert_int_equal(pv_backend_kind.open(&all, &problem), 0);
	assert_int_equal(pv_backend_kind.before_worker.steps[0].apply(&dev),
			 -EINPROGRESS);
	say(XenbusStateInitialised);
	assert_int_equal(pv_backend_kind.after_worker.steps[0].apply(&dev),
			 -EINPROGRESS);
	say(XenbusStateConnected);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pv_backend_kind.close(&all);
	sd_event_unref(all.event);
	return 0;
}

/* Loaded again once, the driver is served at once. */
static void test_restart(void **state)
{
	(void)state;
	say(XenbusStateClosed);
	assert_int_equal(nr_ended, 1);
	say(XenbusStateInitialised);
	assert_int_equal(nr_started, 1);
	assert_int_equal(nr_ended, 2);
	say(XenbusStateConnected);
}

static void run_for(unsigned int seconds)
{
	time_t end = time(NULL) + seconds + 1;

	while (time(NULL) < end)
		assert_true(sd_event_run(all.event, 100000) >= 0);
}

/* A guest that connects all the time gets few processes, but one in the end. */
static void test_storm(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		say(XenbusStateClosed);
		say(XenbusStateInitialised);
	}
	assert_in_range(nr_started, 1, 3);
	assert_in_range(nr_messages, 1, 12);
	nr_started = 0;
	run_for(2);
	assert_int_equal(nr_started, 1);
}

/* It ends while a connection is postponed. */
static void test_end(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++)
		say(XenbusStateInitialised);
	assert_in_range(nr_started, 1, 3);
}

/* One more device: the guest cannot be told of it. */
static void test_no_xenstored(void **state)
{
	(void)state;
	has_xenstored = false;
	assert_int_equal(pv_backend_kind.before_worker.steps[0].apply(&dev),
			 -ENOTCONN);
	assert_string_equal(dev.steps.problem.text, "xenstored has ended");
	has_xenstored = true;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_restart, setup, teardown),
		cmocka_unit_test_setup_teardown(test_storm, setup, teardown),
		cmocka_unit_test_setup_teardown(test_end, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_xenstored, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
