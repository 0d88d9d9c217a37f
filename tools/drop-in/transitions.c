// SPDX-License-Identifier: GPL-2.0-only
/*
 * The states of a device that libxl writes, and the answers.
 */
#include <stddef.h>

#include "transitions.h"

/*
 * libxl reports a device as attached in state 3. A device that could not be
 * attached is closed. So is a device that could not be detached, because libxl
 * has deassigned it already.
 */
static const struct transition transitions[] = {
	{ XenbusStateInitialising, TRANSITION_ATTACH, XenbusStateInitialised,
	  XenbusStateClosed },
	{ XenbusStateClosing, TRANSITION_DETACH, XenbusStateClosed,
	  XenbusStateClosed },
};

const struct transition *transition_find(uint32_t state)
{
	for (size_t i = 0; i < sizeof(transitions) / sizeof(transitions[0]);
	     i++)
		if ((uint32_t)transitions[i].from == state)
			return &transitions[i];
	return NULL;
}
