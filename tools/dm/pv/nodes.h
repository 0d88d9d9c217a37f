/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A PV guest's PCI bus in xenstore: the nodes of its backend and its frontend, as
 * Xen's public/io/pciif.h and Linux's drivers have them.
 */
#ifndef DM_PV_NODES_H
#define DM_PV_NODES_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/io/xenbus.h>

struct device;
struct xenstore;

#define NODES_PATH_SIZE 64

/**
 * struct nodes - where they are
 * @domid:		the guest
 * @number:		of the device in xenstore
 * @front, @back:	the two directories
 * @front_state:	the frontend's state, which is what to watch
 */
struct nodes {
	struct xenstore *store;
	uint32_t domid;
	unsigned int number;
	char front[NODES_PATH_SIZE], back[NODES_PATH_SIZE];
	char front_state[NODES_PATH_SIZE];
};

/**
 * struct ring - what the guest has written about the page that it shares
 * @ref:	its grant
 * @port:	the event channel, the guest's number
 */
struct ring {
	uint32_t ref, port;
};

void nodes_init(struct nodes *nodes, struct xenstore *store, uint32_t domid,
		unsigned int number);

/*
 * Creates both directories in one transaction, in place of old ones; the backend is
 * InitWait.
 */
int nodes_publish(const struct nodes *nodes);
void nodes_remove(const struct nodes *nodes);

/* The backend's. */
int nodes_set_state(const struct nodes *nodes, enum xenbus_state state);

/* The frontend's state; Unknown if it is missing or invalid */
enum xenbus_state nodes_front_state(const struct nodes *nodes);

/**
 * nodes_write_devices() - all that is shown
 * @look: whether the guest is to look for what is new when it is told to go on: it
 *	reads the configuration of all slots then, which takes it most of the time of
 *	an attachment, and of a detachment too if it were let
 */
int nodes_write_devices(const struct nodes *nodes,
			struct device *const devices[], unsigned int nr,
			bool look);

/* Closing tells the guest to release the device; Initialised is normal. */
int nodes_set_device_state(const struct nodes *nodes, unsigned int index,
			   enum xenbus_state state);

/*
 * Not validated: mapping it will fail if it is wrong. Return: 0, -EPROTONOSUPPORT for
 * another protocol, or -errno.
 */
int nodes_read_ring(const struct nodes *nodes, struct ring *ring);

#endif
