/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A device that is given to a guest, by its group or, with RIG_VFIO=cdev, by its own
 * character device.
 */
#ifndef GIVE_H
#define GIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "open.h"
#include "target.h"

struct given {
	struct opened o;	/* with a character device, its device alone */
	bool by_cdev;
	int iommufd;
	uint32_t page_table;
};

/* 0 or -errno; in either case there is given_close(). */
int give(struct given *g, const struct target *t, const char *sbdf);
void given_close(struct given *g);

/* With a character device: out of the guest, and back. */
int given_leave(struct given *g);
int given_return(struct given *g);

#endif
