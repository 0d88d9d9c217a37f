// SPDX-License-Identifier: GPL-2.0-only
/*
 * The toolstack's nodes for the devices of a PV guest.
 */
#include <stdlib.h>
#include <string.h>

#include "toolstack.h"
#include "transitions.h"

#define BACKEND TOOLSTACK_BACKENDS "/%u/0"
#define NOWHERE "ffff:ff:1f.7" /* the guest has no device there */

/* ---- looking ---- */

static bool value_is(char *value, const char *wanted)
{
	bool is = value && !strcmp(value, wanted);

	free(value);
	return is;
}

static bool exists(char *value)
{
	bool is = value != NULL;

	free(value);
	return is;
}

bool toolstack_has_guest(struct xenstore *store, uint32_t domid)
{
	return exists(xenstore_read(store, "/libxl/%u", domid));
}

static const struct transition *find_transition(struct xenstore *store,
						uint32_t domid, uint32_t index)
{
	uint32_t state;

	if (xenstore_read_u32(store, &state, BACKEND "/state-%u", domid, index))
		return NULL;
	return transition_find(state);
}

static bool is_connected(struct xenstore *store, uint32_t domid)
{
	uint32_t state;

	return !xenstore_read_u32(store, &state, BACKEND "/state", domid) &&
	       state == XenbusStateConnected;
}

static bool needs_settling(struct xenstore *store, uint32_t domid)
{
	uint32_t nr;

	if (xenstore_read_u32(store, &nr, BACKEND "/num_devs", domid))
		return false;
	for (uint32_t i = 0; i < nr; i++)
		if (find_transition(store, domid, i))
			return true;
	return !is_connected(store, domid) && toolstack_has_guest(store, domid);
}

enum toolstack_need toolstack_look(struct xenstore *store, uint32_t domid)
{
	if (!exists(xenstore_read(store, BACKEND, domid)))
		return TOOLSTACK_NOTHING;
	if (value_is(xenstore_read(store, "/libxl/%u/type", domid), "pv"))
		return needs_settling(store, domid) ? TOOLSTACK_SETTLE :
						      TOOLSTACK_NOTHING;
	return toolstack_has_guest(store, domid) ? TOOLSTACK_NOTHING :
						   TOOLSTACK_REMOVE;
}

/* ---- settling ---- */

struct settling {
	struct xenstore *store;
	uint32_t domid;
	const struct toolstack_ops *ops;
	void *data;
};

static int answer(const struct settling *settling, uint32_t index,
		  enum xenbus_state state)
{
	return xenstore_write_u32(settling->store, state, BACKEND "/state-%u",
				  settling->domid, index);
}

static int attach(const struct settling *settling, uint32_t index,
		  const struct transition *transition, const char *address)
{
	int err =
		settling->ops->attach(settling->data, settling->domid, address);

	xenstore_write(settling->store, NOWHERE, BACKEND "/vdev-%u",
		       settling->domid, index);
	return answer(settling, index,
		      err ? transition->failed : transition->done);
}

static int detach(const struct settling *settling, uint32_t index,
		  const struct transition *transition, const char *address)
{
	int err =
		settling->ops->detach(settling->data, settling->domid, address);

	err = answer(settling, index,
		     err ? transition->failed : transition->done);
	settling->ops->detached(settling->data, settling->domid, address);
	return err;
}

/* Returns whether there was work to do and the toolstack has its answer. */
static bool settle_device(const struct settling *settling, uint32_t index)
{
	const struct transition *transition =
		find_transition(settling->store, settling->domid, index);
	char *address;
	int err;

	if (!transition)
		return false;
	address = xenstore_read(settling->store, BACKEND "/dev-%u",
				settling->domid, index);
	if (!address)
		return false;
	err = transition->work == TRANSITION_ATTACH ?
		      attach(settling, index, transition, address) :
		      detach(settling, index, transition, address);
	free(address);
	return !err;
}

static bool settle_devices(const struct settling *settling)
{
	bool changed = false;
	uint32_t nr;

	if (xenstore_read_u32(settling->store, &nr, BACKEND "/num_devs",
			      settling->domid))
		return false;
	for (uint32_t i = 0; i < nr; i++)
		changed |= settle_device(settling, i);
	return changed;
}

static void connect_bus(const struct settling *settling)
{
	if (is_connected(settling->store, settling->domid) ||
	    !toolstack_has_guest(settling->store, settling->domid))
		return;
	xenstore_write_u32(settling->store, 0, BACKEND "/root_num",
			   settling->domid);
	xenstore_write_u32(settling->store, XenbusStateConnected,
			   BACKEND "/state", settling->domid);
}

void toolstack_settle(struct xenstore *store, uint32_t domid,
		      const struct toolstack_ops *ops, void *data)
{
	const struct settling settling = { store, domid, ops, data };
	bool changed;

	do {
		changed = settle_devices(&settling);
		connect_bus(&settling);
	} while (changed);
}

void toolstack_remove(struct xenstore *store, uint32_t domid)
{
	xenstore_remove(store, TOOLSTACK_BACKENDS "/%u", domid);
}
