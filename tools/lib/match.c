// SPDX-License-Identifier: GPL-2.0-only
/*
 * Find the device of the host that each persistent device means.
 *
 * First, every entry takes the device in its old place: behind the same ports,
 * or at its address if the ports are unknown. Bus numbers change, so another
 * device of the same model may have the old address by now.
 *
 * Only then the other entries search the remaining devices. A serial number
 * identifies a device. Without one, the device must have been, and be, the only
 * one of its model. In doubt, a device is left alone.
 */
#include <errno.h>
#include <string.h>

#include "internal.h"

/* A device, and the entry that means it. */
struct candidate {
	const struct vfio_xen_device *dev;
	struct identity identity;
	const struct vfio_xen_entry *entry;
};

struct candidates {
	struct candidate *all;
	size_t nr;
};

static bool can_be(const struct vfio_xen_entry *entry,
		   const struct candidate *candidate)
{
	return !candidate->entry &&
	       identity_is_same(&entry->identity, &candidate->identity);
}

static void take(struct vfio_xen_entry *entry, struct candidate *candidate)
{
	candidate->entry = entry;
	entry->dev = candidate->dev;
}

static bool is_in_place(const struct vfio_xen_entry *entry,
			const struct candidate *candidate)
{
	const char *was = entry->identity.path;
	const char *is = candidate->identity.path;

	if (*was && *is)
		return !strcmp(was, is);
	return entry->sbdf == candidate->dev->sbdf;
}

static void find_in_place(struct vfio_xen_entry *entry,
			  const struct candidates *candidates)
{
	for (size_t i = 0; i < candidates->nr; i++) {
		struct candidate *candidate = &candidates->all[i];

		if (is_in_place(entry, candidate) && can_be(entry, candidate)) {
			take(entry, candidate);
			return;
		}
	}
}

/*
 * All functions of a card share its serial number, so the function number must
 * match, too.
 */
static bool can_have_moved(const struct vfio_xen_entry *entry,
			   const struct candidate *candidate)
{
	if (!can_be(entry, candidate) ||
	    vfio_xen_device_is_bridge(candidate->dev))
		return false;
	if (!*entry->identity.serial)
		return true;
	return *candidate->identity.serial &&
	       (entry->sbdf & 7) == (candidate->dev->sbdf & 7);
}

static void set_lost(struct vfio_xen_entry *entry,
		     const struct candidates *candidates, size_t nr_alike)
{
	entry->state = nr_alike ? VFIO_XEN_ENTRY_AMBIGUOUS :
				  VFIO_XEN_ENTRY_ABSENT;
	for (size_t i = 0; i < candidates->nr; i++) {
		const struct candidate *there = &candidates->all[i];

		if (there->dev->sbdf == entry->sbdf &&
		    !identity_is_same(&entry->identity, &there->identity))
			entry->state = VFIO_XEN_ENTRY_CHANGED;
	}
}

static void find_moved(struct vfio_xen_entry *entry,
		       const struct candidates *candidates)
{
	struct candidate *last = NULL;
	size_t nr = 0;

	for (size_t i = 0; i < candidates->nr; i++) {
		if (!can_have_moved(entry, &candidates->all[i]))
			continue;
		last = &candidates->all[i];
		nr++;
	}
	if (nr == 1 && (entry->unique || *entry->identity.serial))
		take(entry, last);
	else
		set_lost(entry, candidates, nr);
}

/*
 * Whether the host visibly uses the device. Keeps the problem of the last call.
 */
static bool is_in_use(struct vfio_xen_ctx *ctx,
		      const struct vfio_xen_device *dev)
{
	struct vfio_xen_problem saved = ctx->problem;
	bool in_use;

	ctx->problem = (struct vfio_xen_problem){ 0 };
	in_use = inuse_check(vfio_xen_device_get_by_sbdf(ctx, dev->sbdf)) != 0;
	problem_clear(ctx);
	ctx->problem = saved;
	return in_use;
}

static void set_state(struct vfio_xen_ctx *ctx, struct vfio_xen_entry *entry)
{
	const char *driver = entry->dev->driver;

	if (driver && entry_is_of_host(entry) &&
	    !device_has_vfio_driver(entry->dev))
		entry->state = VFIO_XEN_ENTRY_BOUND;
	else if (driver && !strcmp(driver, entry->driver))
		entry->state = VFIO_XEN_ENTRY_BOUND;
	else if (driver && is_in_use(ctx, entry->dev))
		entry->state = VFIO_XEN_ENTRY_IN_USE;
	else
		entry->state = VFIO_XEN_ENTRY_UNBOUND;
}

/* The serial number counts only where it tells devices apart. */
static void read_candidate(struct candidate *candidate,
			   const struct vfio_xen_entry *entries,
			   size_t nr_entries)
{
	identity_read(candidate->dev, &candidate->identity);
	for (size_t i = 0; i < nr_entries; i++) {
		const struct identity *wanted = &entries[i].identity;

		if (*wanted->serial &&
		    identity_is_alike(wanted, &candidate->identity)) {
			identity_read_serial(candidate->dev,
					     &candidate->identity);
			return;
		}
	}
}

static void find_all(struct vfio_xen_entry *entries, size_t nr_entries,
		     const struct candidates *candidates)
{
	for (size_t i = 0; i < nr_entries; i++)
		find_in_place(&entries[i], candidates);
	for (size_t i = 0; i < nr_entries; i++)
		if (!entries[i].dev)
			find_moved(&entries[i], candidates);
}

int match_entries(struct vfio_xen_ctx *ctx, struct vfio_xen_entry *entries,
		  size_t nr_entries)
{
	struct candidates candidates = { .nr = ctx->nr_devices };

	if (!nr_entries)
		return 0;
	candidates.all = calloc(ctx->nr_devices + 1, sizeof(struct candidate));
	if (!candidates.all)
		return -ENOMEM;
	for (size_t i = 0; i < ctx->nr_devices; i++) {
		candidates.all[i].dev = ctx->devices[i];
		read_candidate(&candidates.all[i], entries, nr_entries);
	}
	find_all(entries, nr_entries, &candidates);
	for (size_t i = 0; i < nr_entries; i++)
		if (entries[i].dev)
			set_state(ctx, &entries[i]);
	free(candidates.all);
	return 0;
}
