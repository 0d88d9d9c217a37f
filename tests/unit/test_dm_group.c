// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which of VFIO's interfaces opens a group, and what is told of a failure.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "iommufd.h"
#include "type1.h"

#define ADDRESS "0000:05:00.0"

static bool kernel_has_iommufd;
static int open_error;
static uint8_t uuid[GROUP_UUID_SIZE] = { 1, 2, 3 };

bool iommufd_is_there(const char *address)
{
	assert_string_equal(address, ADDRESS);
	return kernel_has_iommufd;
}

static unsigned int nr_opened;

static int fake_open(struct group *group, struct problem *problem)
{
	group->files.container = open("/dev/null", O_RDWR);
	nr_opened++;
	assert_int_equal(group->number, 7);
	assert_int_equal(group->domid, 3);
	assert_memory_equal(group->uuid, uuid, sizeof(uuid));
	return open_error ? problem_note(problem, open_error, "open it", NULL,
					 NULL) :
			    0;
}

static int fake_open_device(struct group *group, const char *address,
			    struct problem *problem)
{
	(void)problem;
	assert_string_equal(address, ADDRESS);
	return group->interface->iommu == VFIO_XEN_IOMMU_IOMMUFD ? 100 : 200;
}

const struct group_interface iommufd_interface = {
	.iommu = VFIO_XEN_IOMMU_IOMMUFD,
	.open = fake_open,
	.open_device = fake_open_device,
};

const struct group_interface type1_interface = {
	.iommu = VFIO_XEN_IOMMU_TYPE1,
	.open = fake_open,
	.open_device = fake_open_device,
};

static struct problem problem;

static int new_group(enum vfio_xen_iommu iommu, struct group **group)
{
	const struct group_request request = {
		.number = 7,
		.address = ADDRESS,
		.iommu = iommu,
		.domid = 3,
		.uuid = uuid,
	};

	problem = (struct problem){ 0 };
	return group_new(group, &request);
}

static void opens(enum vfio_xen_iommu asked, enum vfio_xen_iommu got, int fd)
{
	struct group_files files;
	struct group *group;

	assert_int_equal(new_group(asked, &group), 0);
	assert_int_equal(group_number(group), 7);
	assert_int_equal(group_iommu(group), got);
	nr_opened = 0;
	assert_int_equal(group_open_device(group, ADDRESS, &problem), fd);
	assert_int_equal(group_open_device(group, ADDRESS, &problem), fd);
	assert_int_equal(nr_opened, 1);
	files = group_get_files(group);
	group_free(group);
	assert_int_equal(fcntl(files.container, F_GETFD), -1);
}

static void test_choice(void **state)
{
	(void)state;
	kernel_has_iommufd = true;
	opens(VFIO_XEN_IOMMU_AUTO, VFIO_XEN_IOMMU_IOMMUFD, 100);
	opens(VFIO_XEN_IOMMU_TYPE1, VFIO_XEN_IOMMU_TYPE1, 200);
	kernel_has_iommufd = false;
	opens(VFIO_XEN_IOMMU_AUTO, VFIO_XEN_IOMMU_TYPE1, 200);
	/* What it cannot do is for it to say. */
	opens(VFIO_XEN_IOMMU_IOMMUFD, VFIO_XEN_IOMMU_IOMMUFD, 100);
}

static void test_failure(void **state)
{
	struct group *group = NULL;

	(void)state;
	open_error = -EBUSY;
	assert_int_equal(new_group(VFIO_XEN_IOMMU_AUTO, &group), 0);
	assert_int_equal(group_open_device(group, ADDRESS, &problem), -EBUSY);
	assert_int_equal(problem.err, -EBUSY);
	assert_int_equal(group_get_files(group).container, -1);
	open_error = 0;
	group_free(group);
	group_free(NULL);
}

/* One process opens it, and another one closes it. */
static void test_hand_over(void **state)
{
	const struct group_files none = { -1, -1, 0 };
	struct group_files files;
	struct group *one, *other;

	(void)state;
	assert_int_equal(new_group(VFIO_XEN_IOMMU_TYPE1, &one), 0);
	assert_int_equal(new_group(VFIO_XEN_IOMMU_TYPE1, &other), 0);
	assert_int_equal(group_open_device(one, ADDRESS, &problem), 200);
	files = group_get_files(one);
	group_set_files(other, &files);
	group_set_files(one, &none);
	group_free(one);
	assert_int_not_equal(fcntl(files.container, F_GETFD), -1);
	nr_opened = 0;
	assert_int_equal(group_open_device(other, ADDRESS, &problem), 200);
	assert_int_equal(nr_opened, 0);
	group_free(other);
	assert_int_equal(fcntl(files.container, F_GETFD), -1);
}

static void test_hints(void **state)
{
	(void)state;
	problem = (struct problem){ 0 };
	group_interface_note_assign(&problem, -EPERM, "trust it");
	assert_string_equal(problem.hint, "trust it");
	problem = (struct problem){ 0 };
	group_interface_note_assign(&problem, -EOPNOTSUPP, "trust it");
	assert_non_null(strstr(problem.hint, "passthrough="));
	problem = (struct problem){ 0 };
	group_interface_note_assign(&problem, -EADDRINUSE, "trust it");
	assert_non_null(strstr(problem.hint, "rdm_policy=relaxed"));
	problem = (struct problem){ 0 };
	assert_int_equal(group_interface_note_assign(&problem, -ESRCH,
						     "trust it"),
			 -ESRCH);
	assert_string_equal(problem.hint, "");
}

static void test_names(void **state)
{
	enum vfio_xen_iommu iommu = VFIO_XEN_IOMMU_TYPE1;

	(void)state;
	assert_int_equal(vfio_xen_iommu_parse("auto", &iommu), 0);
	assert_int_equal(iommu, VFIO_XEN_IOMMU_AUTO);
	assert_int_equal(vfio_xen_iommu_parse("iommufd", &iommu), 0);
	assert_string_equal(vfio_xen_iommu_get_name(iommu), "iommufd");
	assert_int_equal(vfio_xen_iommu_parse("", &iommu), -EINVAL);
	assert_int_equal(vfio_xen_iommu_parse("type", &iommu), -EINVAL);
	assert_int_equal(iommu, VFIO_XEN_IOMMU_IOMMUFD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_hand_over),
		cmocka_unit_test(test_hints),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
