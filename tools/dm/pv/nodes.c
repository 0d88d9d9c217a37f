// SPDX-License-Identifier: GPL-2.0-only
/*
 * A PV guest's PCI bus in xenstore.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/xen.h>
#include <xen/io/pciif.h>

#include "devices.h"
#include "pv/nodes.h"
#include "xenstore.h"

void nodes_init(struct nodes *nodes, struct xenstore *store, uint32_t domid,
		unsigned int number)
{
	nodes->store = store;
	nodes->domid = domid;
	nodes->number = number;
	snprintf(nodes->front, sizeof(nodes->front),
		 "/local/domain/%u/device/pci/%u", domid, number);
	snprintf(nodes->back, sizeof(nodes->back),
		 "/local/domain/0/backend/pci/%u/%u", domid, number);
	snprintf(nodes->front_state, sizeof(nodes->front_state), "%.56s/state",
		 nodes->front);
}

int nodes_set_state(const struct nodes *nodes, enum xenbus_state state)
{
	return xenstore_write_u32(nodes->store, state, "%s/state", nodes->back);
}

enum xenbus_state nodes_front_state(const struct nodes *nodes)
{
	uint32_t state;

	if (xenstore_read_u32(nodes->store, &state, "%s", nodes->front_state) ||
	    state > XenbusStateReconfigured)
		return XenbusStateUnknown;
	return (enum xenbus_state)state;
}

int nodes_set_device_state(const struct nodes *nodes, unsigned int index,
			   enum xenbus_state state)
{
	return xenstore_write_u32(nodes->store, state, "%s/state-%u",
				  nodes->back, index);
}

static int write_device(const struct nodes *nodes, unsigned int index,
			const struct device *dev)
{
	char place[32];
	int err;

	snprintf(place, sizeof(place), "0000:00:%02x.00",
		 (unsigned int)dev->request.slot);
	err = xenstore_write(nodes->store, dev->request.address, "%s/dev-%u",
			     nodes->back, index);
	if (!err)
		err = xenstore_write(nodes->store, place, "%s/vdev-%u",
				     nodes->back, index);
	return err ? err :
		     nodes_set_device_state(nodes, index,
					    XenbusStateInitialised);
}

int nodes_write_devices(const struct nodes *nodes,
			struct device *const devices[], unsigned int nr,
			bool look)
{
	struct xenstore *store = nodes->store;
	int err = 0;

	for (unsigned int i = 0; i < nr && !err; i++)
		err = write_device(nodes, i, devices[i]);
	/* At most one device more than now */
	xenstore_remove(store, "%s/dev-%u", nodes->back, nr);
	xenstore_remove(store, "%s/vdev-%u", nodes->back, nr);
	xenstore_remove(store, "%s/state-%u", nodes->back, nr);
	if (!err)
		err = xenstore_write_u32(store, look, "%s/root_num",
					 nodes->back);
	if (!err)
		err = xenstore_write_u32(store, nr, "%s/num_devs", nodes->back);
	return err;
}

static int publish_front(const struct nodes *nodes)
{
	struct xenstore *store = nodes->store;
	int err = xenstore_mkdir(store, nodes->domid, 0, "%s", nodes->front);

	if (!err)
		err = xenstore_write(store, nodes->back, "%s/backend",
				     nodes->front);
	if (!err)
		err = xenstore_write_u32(store, 0, "%s/backend-id",
					 nodes->front);
	if (!err)
		err = xenstore_write_u32(store, XenbusStateInitialising,
					 "%s/state", nodes->front);
	return err;
}

static int publish_back(const struct nodes *nodes)
{
	struct xenstore *store = nodes->store;
	int err = xenstore_mkdir(store, 0, nodes->domid, "%s", nodes->back);

	if (!err)
		err = xenstore_write(store, nodes->front, "%s/frontend",
				     nodes->back);
	if (!err)
		err = xenstore_write_u32(store, nodes->domid, "%s/frontend-id",
					 nodes->back);
	if (!err)
		err = xenstore_write(store, "1", "%s/online", nodes->back);
	if (!err)
		err = xenstore_write(store, "0000:00", "%s/root-0",
				     nodes->back);
	return err ? err : nodes_set_state(nodes, XenbusStateInitWait);
}

int nodes_publish(const struct nodes *nodes)
{
	struct xenstore *store = nodes->store;
	int err;

	do {
		err = xenstore_begin(store);
		if (err)
			return err;
		xenstore_remove(store, "%s", nodes->back);
		xenstore_remove(store, "%s", nodes->front);
		err = publish_back(nodes);
		if (!err)
			err = publish_front(nodes);
		if (err)
			xenstore_abort(store);
		else
			err = xenstore_commit(store);
	} while (err == -EAGAIN);
	return err;
}

void nodes_remove(const struct nodes *nodes)
{
	xenstore_remove(nodes->store, "%s", nodes->back);
	xenstore_remove(nodes->store, "%s", nodes->front);
	xenstore_remove_empty(nodes->store, "/local/domain/0/backend/pci/%u",
			      nodes->domid);
}

int nodes_read_ring(const struct nodes *nodes, struct ring *ring)
{
	char *magic = xenstore_read(nodes->store, "%s/magic", nodes->front);
	bool known = magic && strcmp(magic, XEN_PCI_MAGIC) == 0;
	int err = known ? 0 : -EPROTONOSUPPORT;

	free(magic);
	if (!err)
		err = xenstore_read_u32(nodes->store, &ring->ref,
					"%s/pci-op-ref", nodes->front);
	if (!err)
		err = xenstore_read_u32(nodes->store, &ring->port,
					"%s/event-channel", nodes->front);
	return err;
}
