// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devices that a guest is to have.
 */
#include <stddef.h>

#include "wanted.h"

struct wanted_device *wanted_find(struct wanted *wanted, uint32_t sbdf)
{
	for (unsigned int i = 0; i < wanted->nr; i++) {
		if (wanted->devices[i].request.sbdf == sbdf)
			return &wanted->devices[i];
	}
	return NULL;
}

void wanted_add(struct wanted *wanted, const struct device_request *request)
{
	struct wanted_device *device = wanted_find(wanted, request->sbdf);

	if (!device && wanted->nr < STATE_MAX_DEVICES)
		device = &wanted->devices[wanted->nr++];
	if (device)
		*device = (struct wanted_device){ .request = *request };
}

/* The order stays: it is that of the guest's slots, too. */
void wanted_remove(struct wanted *wanted, uint32_t sbdf)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < wanted->nr; i++) {
		if (wanted->devices[i].request.sbdf != sbdf)
			wanted->devices[kept++] = wanted->devices[i];
	}
	wanted->nr = kept;
}

void wanted_restart(struct wanted *wanted)
{
	for (unsigned int i = 0; i < wanted->nr; i++) {
		wanted->devices[i].pending = true;
		wanted->devices[i].problem = (struct problem){ 0 };
	}
}

bool wanted_misses_any(const struct wanted *wanted)
{
	for (unsigned int i = 0; i < wanted->nr; i++) {
		if (wanted->devices[i].problem.err)
			return true;
	}
	return false;
}

/* The problem stays until there is none: the same one is not logged twice. */
void wanted_retry(struct wanted *wanted)
{
	for (unsigned int i = 0; i < wanted->nr; i++) {
		if (wanted->devices[i].problem.err)
			wanted->devices[i].pending = true;
	}
}

struct wanted_device *wanted_next(struct wanted *wanted)
{
	for (unsigned int i = 0; i < wanted->nr; i++) {
		if (!wanted->devices[i].pending)
			continue;
		wanted->devices[i].pending = false;
		return &wanted->devices[i];
	}
	return NULL;
}
