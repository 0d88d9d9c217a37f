// SPDX-License-Identifier: GPL-2.0-only
/*
 * What vfio-xen-drop-in makes of the nodes that libxl writes for a PV guest, on an
 * imitated xenstore, and of the files of devices.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "device.h"
#include "fake-host.h"
#include "toolstack.h"
#include "transitions.h"

#define DOMID 5
#define BACK TOOLSTACK_BACKENDS "/5/0"
#define A "0000:05:00.0"
#define B "0000:06:00.0"

/* ---- an imitated xenstore ---- */

static struct node {
	char path[96];
	char value[64];
} nodes[32];
static size_t nr_nodes;
static bool read_only;

static struct node *find_node(const char *path)
{
	for (size_t i = 0; i < nr_nodes; i++)
		if (!strcmp(nodes[i].path, path))
			return &nodes[i];
	return NULL;
}

static void set(const char *path, const char *value)
{
	struct node *node = find_node(path);

	if (!node) {
		assert_true(nr_nodes < sizeof(nodes) / sizeof(nodes[0]));
		node = &nodes[nr_nodes++];
		snprintf(node->path, sizeof(node->path), "%s", path);
	}
	snprintf(node->value, sizeof(node->value), "%s", value);
}

static const char *get(const char *path)
{
	const struct node *node = find_node(path);

	return node ? node->value : "";
}

char *xenstore_read(struct xenstore *store, const char *fmt, ...)
{
	const struct node *node;
	char path[96];

	(void)store;
	xenstore_format(path, fmt);
	node = find_node(path);
	return node ? strdup(node->value) : NULL;
}

int xenstore_read_u32(struct xenstore *store, uint32_t *value, const char *fmt,
		      ...)
{
	const struct node *node;
	char path[96], *end;

	(void)store;
	xenstore_format(path, fmt);
	node = find_node(path);
	if (!node)
		return -ENOENT;
	*value = (uint32_t)strtoul(node->value, &end, 10);
	return *end || end == node->value ? -EBADMSG : 0;
}

int xenstore_write(struct xenstore *store, const char *value, const char *fmt,
		   ...)
{
	char path[96];

	(void)store;
	xenstore_format(path, fmt);
	if (read_only)
		return -EACCES;
	set(path, value);
	return 0;
}

int xenstore_write_u32(struct xenstore *store, uint32_t value, const char *fmt,
		       ...)
{
	char path[96], text[16];

	xenstore_format(path, fmt);
	snprintf(text, sizeof(text), "%u", value);
	return xenstore_write(store, text, "%s", path);
}

int xenstore_remove(struct xenstore *store, const char *fmt, ...)
{
	(void)store, (void)fmt;
	nr_nodes = 0;
	return 0;
}

/* ---- a guest, and what is done for it ---- */

static int attach_err, detach_err;
static char done[256];

static void note(const char *what, const char *address)
{
	size_t len = strlen(done);

	snprintf(done + len, sizeof(done) - len, "%s %s;", what, address);
}

static int attach(void *data, uint32_t domid, const char *address)
{
	(void)data;
	assert_int_equal(domid, DOMID);
	note("attach", address);
	return attach_err;
}

static int detach(void *data, uint32_t domid, const char *address)
{
	(void)data;
	assert_int_equal(domid, DOMID);
	note("detach", address);
	return detach_err;
}

/* libxl is told before the device goes back, which may take its time. */
static void detached(void *data, uint32_t domid, const char *address)
{
	(void)data, (void)domid;
	assert_string_equal(get(BACK "/state-0"), "6");
	note("detached", address);
}

static void settle(void)
{
	static const struct toolstack_ops ops = { attach, detach, detached };

	*done = '\0';
	toolstack_settle(NULL, DOMID, &ops, NULL);
}

static int setup(void **state)
{
	(void)state;
	nr_nodes = 0;
	read_only = false;
	attach_err = 0;
	detach_err = 0;
	set("/libxl/5", "");
	set("/libxl/5/type", "pv");
	set(BACK, "");
	set(BACK "/num_devs", "1");
	set(BACK "/dev-0", A);
	set(BACK "/state-0", "1");
	set(BACK "/state", "1");
	return 0;
}

/* ---- tests ---- */

static void the_table(void **state)
{
	static const struct {
		uint32_t from;
		int work; /* -1: none */
		uint32_t done, failed;
	} cases[] = {
		{ XenbusStateUnknown, -1, 0, 0 },
		{ XenbusStateInitialising, TRANSITION_ATTACH,
		  XenbusStateInitialised, XenbusStateClosed },
		{ XenbusStateInitWait, -1, 0, 0 },
		{ XenbusStateInitialised, -1, 0, 0 },
		{ XenbusStateConnected, -1, 0, 0 },
		{ XenbusStateClosing, TRANSITION_DETACH, XenbusStateClosed,
		  XenbusStateClosed },
		{ XenbusStateClosed, -1, 0, 0 },
		{ XenbusStateReconfiguring, -1, 0, 0 },
		{ XenbusStateReconfigured, -1, 0, 0 },
		{ 4711, -1, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct transition *transition =
			transition_find(cases[i].from);

		assert_int_equal(!transition, cases[i].work < 0);
		if (!transition)
			continue;
		assert_int_equal(transition->work, cases[i].work);
		assert_int_equal(transition->done, cases[i].done);
		assert_int_equal(transition->failed, cases[i].failed);
	}
}

static void one_is_attached(void **state)
{
	(void)state;
	assert_int_equal(toolstack_look(NULL, DOMID), TOOLSTACK_SETTLE);
	settle();
	assert_string_equal(done, "attach " A ";");
	assert_string_equal(get(BACK "/state-0"), "3");
	assert_string_equal(get(BACK "/vdev-0"), "ffff:ff:1f.7");
	assert_string_equal(get(BACK "/state"), "4");
	assert_string_equal(get(BACK "/root_num"), "0");
	assert_int_equal(toolstack_look(NULL, DOMID), TOOLSTACK_NOTHING);
	settle();
	assert_string_equal(done, "");
}

static void one_is_not(void **state)
{
	(void)state;
	attach_err = -EBUSY;
	settle();
	assert_string_equal(done, "attach " A ";");
	assert_string_equal(get(BACK "/state-0"), "6");
	assert_string_equal(get(BACK "/state"), "4");
	assert_int_equal(toolstack_look(NULL, DOMID), TOOLSTACK_NOTHING);
}

/* libxl writes state 7 for the bus when it adds to one that is there, or takes away. */
static void one_more_and_one_less(void **state)
{
	(void)state;
	settle();
	set(BACK "/num_devs", "2");
	set(BACK "/dev-1", B);
	set(BACK "/state-1", "1");
	set(BACK "/state-0", "5");
	set(BACK "/state", "7");
	assert_int_equal(toolstack_look(NULL, DOMID), TOOLSTACK_SETTLE);
	settle();
	assert_string_equal(done, "detach " A ";detached " A ";attach " B ";");
	assert_string_equal(get(BACK "/state-0"), "6");
	assert_string_equal(get(BACK "/state-1"), "3");
	assert_string_equal(get(BACK "/state"), "4");
}

/* It goes back all the same. */
static void one_is_not_released(void **state)
{
	(void)state;
	set(BACK "/state-0", "5");
	detach_err = -ETIMEDOUT;
	settle();
	assert_string_equal(done, "detach " A ";detached " A ";");
	assert_string_equal(get(BACK "/state-0"), "6");
}

static void wrong_nodes(void **state)
{
	(void)state;
	set(BACK "/num_devs", "3");
	set(BACK "/state-1", "junk");
	set(BACK "/state-2", "1"); /* without an address */
	settle();
	assert_string_equal(done, "attach " A ";");
	set(BACK "/num_devs", "junk");
	assert_int_equal(toolstack_look(NULL, DOMID), TOOLSTACK_NOTHING);
	settle();
	assert_string_equal(done, "");
}

/* Nothing is done over and over if the answer cannot be written. */
static void no_answer(void **state)
{
	(void)state;
	read_only = true;
	settle();
	assert_string_equal(done, "attach " A ";");
}

static void guests_of_others(void **state)
{
	(void)state;
	set("/libxl/5/type", "hvm");
	assert_int_equal(toolstack_look(NULL, DOMID), TOOLSTACK_NOTHING);
	assert_int_equal(toolstack_look(NULL, 7), TOOLSTACK_NOTHING);
	nr_nodes = 0;
	set(BACK, "");
	assert_int_equal(toolstack_look(NULL, DOMID), TOOLSTACK_REMOVE);
	toolstack_remove(NULL, DOMID);
	assert_int_equal(toolstack_look(NULL, DOMID), TOOLSTACK_NOTHING);
}

/* ---- devices ---- */

static void find_one(void *data, const char *address, uint32_t domid)
{
	snprintf(data, 64, "%s %u", address, domid);
}

static void devices_are_taken(void **state)
{
	static struct fake_host host;
	char found[64] = "";

	(void)state;
	fake_host_init(&host);
	device_set_root(host.root);
	fake_dir(&host, "/run");
	assert_int_equal(device_init(), 0);
	assert_int_equal(device_init(), 0);
	fake_dir(&host, "/sys/bus/pci/devices/" A);
	assert_int_equal(device_take(A, DOMID), -ENODEV);
	assert_int_equal(device_take("../" A, DOMID), -ENODEV);
	fake_dir(&host, "/sys/bus/pci/drivers/pciback/" A);
	fake_file(&host, "", "/sys/bus/pci/drivers_probe");
	assert_int_equal(device_take(A, DOMID), -EBUSY); /* no kernel here */
	fake_dir(&host, "/sys/bus/pci/drivers/vfio-xen-pci/" A);
	assert_int_equal(device_take(A, DOMID), 0);
	fake_file(&host, "5", "/run/vfio-xen/drop-in/dir");
	device_foreach(find_one, found);
	assert_string_equal(found, A " 5");
	assert_int_equal(device_give_back(A), 0);
	*found = '\0';
	device_foreach(find_one, found);
	assert_string_equal(found, "");
	assert_false(device_has_drop_in());
	fake_file(&host, "Y\n", "/sys/module/vfio_xen_pci/parameters/pciback");
	assert_true(device_has_drop_in());
	assert_false(device_trusts_guests());
	fake_host_release(&host);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table),
		TEST(one_is_attached),
		TEST(one_is_not),
		TEST(one_more_and_one_less),
		TEST(one_is_not_released),
		TEST(wrong_nodes),
		TEST(no_answer),
		TEST(guests_of_others),
		cmocka_unit_test(devices_are_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
