/* SPDX-License-Identifier: GPL-2.0 */
/* An edu by its own character device, in an iommufd. */
#ifndef CDEV_EDU_H
#define CDEV_EDU_H

#include <stdbool.h>
#include <stdint.h>

#include "edu.h"
#include "vfio.h"

struct cdev_edu {
	struct device device;
	struct edu edu;
	uint32_t id;			/* of the device in the iommufd */
};

/* Opened and bound, bus mastering on, attached to nothing. Ends the program if it fails. */
void cdev_edu_must_open(struct cdev_edu *u, int iommufd, const char *sbdf);
void cdev_edu_close(struct cdev_edu *u);

/* Whether the device copies the first of two pages at va, which are at iova, to the second. */
bool cdev_edu_reaches(struct cdev_edu *u, uint64_t iova, uint8_t *va);

#endif
