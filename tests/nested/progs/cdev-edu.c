// SPDX-License-Identifier: GPL-2.0
/* See cdev-edu.h. */
#include "cdev-edu.h"

#include <string.h>

#include "iommufd.h"
#include "util.h"

void cdev_edu_must_open(struct cdev_edu *u, int iommufd, const char *sbdf)
{
	int ret = cdev_open(&u->device, sbdf);

	if (!ret)
		ret = cdev_bind(&u->device, iommufd, &u->id);
	if (!ret)
		ret = edu_init(&u->edu, &u->device);
	if (!ret)
		ret = device_bus_master(&u->device, true);
	if (ret)
		die("%s can't be opened: %s", sbdf, strerror(-ret));
}

void cdev_edu_close(struct cdev_edu *u)
{
	edu_fini(&u->edu);
	device_close(&u->device);
}

bool cdev_edu_reaches(struct cdev_edu *u, uint64_t iova, uint8_t *va)
{
	uint64_t seed = now_ns();

	pattern_fill(va, PAGE, seed);
	memset(va + PAGE, 0, PAGE);
	return !edu_copy(&u->edu, iova, iova + PAGE, EDU_MEM) &&
	       pattern_check(va + PAGE, PAGE, seed) == PAGE;
}
