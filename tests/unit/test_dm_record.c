// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a supervisor leaves to the next: the devices that the guest is to have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake-log.h"
#include "clock.h"
#include "log.h"
#include "record.h"
#include "wanted.h"

static char run_dir[] = "/tmp/record-XXXXXX";
static unsigned int nr_recovered;

static void clean_up(struct devices *of, const struct json_object *record)
{
	(void)of;
	assert_non_null(record);
	nr_recovered++;
}

static struct devices_kind kind = { .recover = clean_up };
static struct wanted wanted;
static struct devices all;
static struct device_request found[STATE_MAX_DEVICES];

static struct device_request request_of(unsigned int number)
{
	struct device_request request = {
		.sbdf = number << 3,
		.slot = 20 + (int)number,
		.permissive = number == 2,
		.rdm_strict = number == 2,
		.iommu = VFIO_XEN_IOMMU_TYPE1,
	};

	vfio_xen_sbdf_format(request.sbdf, request.address);
	return request;
}

static void want(unsigned int number)
{
	const struct device_request request = request_of(number);

	wanted_add(&wanted, &request);
}

static struct device *have(unsigned int number, enum steps_phase phase)
{
	const struct device_request request = request_of(number);
	struct device *dev = devices_add(&all, &request);

	assert_non_null(dev);
	dev->steps.phase = phase;
	return dev;
}

static int setup(void **state)
{
	(void)state;
	wanted.nr = 0;
	all = (struct devices){
		.guest = { .domid = 5, .uuid_text = "uuid" },
		.run_dir = run_dir,
		.kind = &kind,
		.wanted = &wanted,
	};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		if (all.devices[i])
			devices_remove(all.devices[i]);
	}
	return 0;
}

static unsigned int recover(void)
{
	return record_recover(&all, &kind, found);
}

static void test_round_trip(void **state)
{
	(void)state;
	want(1);
	want(2);
	have(1, STEPS_APPLIED);
	have(2, STEPS_APPLIED);
	all.kind_is_open = true;
	record_write(&all);
	assert_int_equal(recover(), 2);
	assert_int_equal(found[1].sbdf, 2 << 3);
	assert_int_equal(found[1].slot, 22);
	assert_false(found[0].rdm_strict);
	assert_true(found[1].permissive);
	assert_true(found[1].rdm_strict);
	assert_int_equal(found[1].iommu, VFIO_XEN_IOMMU_TYPE1);
	assert_int_equal(recover(), 0);
}

/* Not there, and all the same wanted: with others, and alone */
static void test_wanted(void **state)
{
	(void)state;
	want(1);
	want(2);
	want(3);
	have(1, STEPS_APPLIED);
	have(2, STEPS_APPLYING);
	all.kind_is_open = true;
	record_write(&all);
	assert_int_equal(recover(), 3);
	wanted.nr = 0;
	want(3);
	teardown(NULL);
	all.kind_is_open = false;
	record_write(&all);
	assert_int_equal(recover(), 1);
	assert_int_equal(found[0].sbdf, 3 << 3);
}

/* What somebody detaches is wanted no more, but for what only the host takes. */
static void test_going(void **state)
{
	(void)state;
	want(1);
	want(2);
	have(1, STEPS_UNDOING);
	have(2, STEPS_UNDOING)->removal.asked = true;
	all.kind_is_open = true;
	record_write(&all);
	assert_int_equal(recover(), 1);
	assert_int_equal(found[0].sbdf, 2 << 3);
}

static void test_nothing(void **state)
{
	(void)state;
	want(1);
	record_write(&all);
	wanted.nr = 0;
	record_write(&all);
	assert_int_equal(recover(), 0);
	/* Another domain's is of no use. */
	want(1);
	record_write(&all);
	all.guest.domid = 6;
	assert_int_equal(recover(), 0);
}

/* The guest reboots: another domain gets its devices, and a supervisor in between. */
static void test_reboot(void **state)
{
	const uint64_t now_s = clock_usec() / USEC_PER_S;

	(void)state;
	all.guest.kind = GUEST_PV;
	want(1);
	record_write(&all);
	assert_false(record_finds_reboot(&all));
	all.returns_by_s = now_s + 100;
	record_write(&all);
	all.guest = (struct guest){ .uuid_text = "uuid" };
	all.returns_by_s = 0;
	assert_true(record_finds_reboot(&all));
	assert_int_equal(all.guest.domid, 5);
	assert_int_equal(all.guest.kind, GUEST_PV);
	assert_int_equal(all.returns_by_s, now_s + 100);
	all.guest.domid = 6;
	assert_int_equal(recover(), 1);
	assert_int_equal(found[0].sbdf, 1 << 3);
	assert_false(record_finds_reboot(&all));
}

/* It rebooted, and its supervisor died before it noticed. */
static void test_unnoticed_reboot(void **state)
{
	(void)state;
	all.returns_by_s = clock_usec() / USEC_PER_S + 100;
	all.kind_is_open = true;
	want(1);
	record_write(&all);
	nr_recovered = 0;
	all.guest.domid = 6;
	assert_int_equal(recover(), 1);
	assert_int_equal(nr_recovered, 0);
	/* It did not reboot: something is left in the same domain. */
	record_write(&all);
	assert_int_equal(recover(), 1);
	assert_int_equal(nr_recovered, 1);
}

/* It has not come back in time: a domain with its UUID is another guest. */
static void test_late_reboot(void **state)
{
	(void)state;
	all.guest.kind = GUEST_PV;
	want(1);
	all.returns_by_s = clock_usec() / USEC_PER_S;
	record_write(&all);
	assert_false(record_finds_reboot(&all));
	all.guest.domid = 6;
	assert_int_equal(recover(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_wanted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_going, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reboot, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unnoticed_reboot, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_late_reboot, setup,
						teardown),
	};
	int status;

	if (!mkdtemp(run_dir))
		return EXIT_FAILURE;
	status = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(run_dir);
	return status;
}
