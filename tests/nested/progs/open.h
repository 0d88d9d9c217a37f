/* SPDX-License-Identifier: GPL-2.0 */
/* Any PCI device, open and bus master in a container of its own. */
#ifndef OPEN_H
#define OPEN_H

#include "vfio.h"

struct opened {
	struct container container;
	struct group group;
	struct device device;
};

/* 0 or -errno; after an error there is nothing to close. */
int opened_open(struct opened *o, const char *sbdf);
/* With a VF token, or NULL. */
int opened_open_token(struct opened *o, const char *sbdf, const char *token);
void opened_close(struct opened *o);

/* The same, ending the program if it fails. */
void opened_must_open(struct opened *o, const char *sbdf);

#endif
