/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fake host with cards behind ports, for tests of persistent devices.
 */
#ifndef FAKE_CARDS_H
#define FAKE_CARDS_H

#include "fake-host.h"

/* The capability, with 0 as its number */
#define FAKE_SERIAL_BLANK UINT64_C(1)

struct fake_card {
	const char *sbdf;
	const char *port; /* of the root: "1c.0" */
	const char *id; /* "10d3" */
	uint64_t serial; /* 0: none */
	int group;
	const char *native;
	const char *driver;
};

/* A card in its slot. */
void fake_card(struct fake_host *host, const struct fake_card *card);
/* Take it out. */
void fake_card_remove(struct fake_host *host, const char *sbdf);
/* A file of /etc/vfio-xen/devices.d */
void fake_config(struct fake_host *host, const char *file, const char *text);

#endif
