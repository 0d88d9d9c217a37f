/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The nodes that a toolstack writes for xen-pciback and the devices of a PV
 * guest: /local/domain/0/backend/pci/DOMID/0. The guest's frontend finds no bus
 * there.
 */
#ifndef DROP_IN_TOOLSTACK_H
#define DROP_IN_TOOLSTACK_H

#include <stdbool.h>
#include <stdint.h>

#include "xenstore.h"

#define TOOLSTACK_BACKENDS "/local/domain/0/backend/pci"

/* The work that a guest's nodes ask for */
enum toolstack_need {
	TOOLSTACK_NOTHING,
	TOOLSTACK_SETTLE, /* a device has a new state, or the bus has no state yet */
	TOOLSTACK_REMOVE, /* libxl left nodes of a guest that has ended */
};

/* The slow work on devices. All return 0 or -errno. */
struct toolstack_ops {
	int (*attach)(void *data, uint32_t domid, const char *address);
	int (*detach)(void *data, uint32_t domid, const char *address);
	/*
	 * The toolstack has been told that the guest does not have the device.
	 */
	void (*detached)(void *data, uint32_t domid, const char *address);
};

/* Whether the toolstack knows a domain */
bool toolstack_has_guest(struct xenstore *store, uint32_t domid);
enum toolstack_need toolstack_look(struct xenstore *store, uint32_t domid);
/* Performs all pending work. */
void toolstack_settle(struct xenstore *store, uint32_t domid,
		      const struct toolstack_ops *ops, void *data);
void toolstack_remove(struct xenstore *store, uint32_t domid);

#endif
