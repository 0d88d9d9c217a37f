/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest: its domain, its kind, and whether it is alive.
 */
#ifndef DM_GUEST_H
#define DM_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "vfio-xen-limits.h"

#define GUEST_UUID_SIZE 16
#define GUEST_UUID_TEXT VFIO_XEN_UUID_SIZE

enum guest_kind {
	GUEST_PV = 1,
	GUEST_HVM,
	GUEST_PVH, /* HVM without a device model */
};

enum guest_life {
	GUEST_ALIVE,
	GUEST_DEAD,
	/* It no longer runs, and its toolstack decides what follows: */
	GUEST_IS_DOWN, /* it crashed, powered off, or requested a soft reset */
	GUEST_REBOOTS, /* the toolstack will create it again */
};

struct guest {
	uint32_t domid;
	enum guest_kind kind;
	uint8_t uuid[GUEST_UUID_SIZE];
	char uuid_text[GUEST_UUID_TEXT];
	uint32_t nr_vcpus;
};

struct guests;

/* Opens the interfaces to Xen. Returns 0 or -errno. */
int guests_open(struct guests **guests);
void guests_close(struct guests *guests);

/* Finds a guest by domid or UUID. Returns -ESRCH if no such guest is alive. */
int guest_by_domid(struct guests *guests, uint32_t domid, struct guest *guest);
int guest_by_uuid(struct guests *guests, const uint8_t uuid[GUEST_UUID_SIZE],
		  struct guest *guest);
/* Whether @guest->domid is still this guest */
enum guest_life guest_life(struct guests *guests, const struct guest *guest);
const char *guest_kind_name(enum guest_kind kind);

int guest_uuid_parse(const char *text, uint8_t uuid[GUEST_UUID_SIZE]);
void guest_uuid_print(const uint8_t uuid[GUEST_UUID_SIZE],
		      char text[GUEST_UUID_TEXT]);

#endif
