// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devices that a guest should have.
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

bool wanted_has(const struct wanted *wanted, uint32_t sbdf)
{
	for (unsigned int i = 0; i < wanted->nr; i++) {
		if (wanted->devices[i].request.sbdf == sbdf)
			return true;
	}
	return false;
}

void wanted_add(struct wanted *wanted, const struct device_request *request)
{
	struct wanted_device *device = wanted_find(wanted, request->sbdf);

	if (!device && wanted->nr < STATE_MAX_DEVICES)
		device = &wanted->devices[wanted->nr++];
	if (device)
		*device = (struct wanted_device){ .request = *request };
}

/* Keep the order: it is also the order of the guest's slots. */
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

/* Keep the problem until it is over, so that it is not logged twice. */
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
