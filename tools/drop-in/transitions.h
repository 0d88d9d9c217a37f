/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The states that a toolstack writes for a device of a PV guest, and the
 * answers that it waits for.
 */
#ifndef DROP_IN_TRANSITIONS_H
#define DROP_IN_TRANSITIONS_H

#include <stdint.h>

#include <xen/io/xenbus.h>

enum transition_work {
	TRANSITION_ATTACH,
	TRANSITION_DETACH,
};

/* A state of a device, the action for it, and the next state */
struct transition {
	enum xenbus_state from;
	enum transition_work work;
	enum xenbus_state done;
	enum xenbus_state failed;
};

/* Returns NULL if the state needs no action. */
const struct transition *transition_find(uint32_t state);

#endif
