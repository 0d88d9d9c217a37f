// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests, by the names that an administrator uses.
 */
#include <errno.h>
#include <string.h>

#include "internal.h"

static bool is_number(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

static bool is_called(const struct vfio_xen_guest *guest, const char *text)
{
	uint64_t domid;

	if (is_number(text))
		return !parse_u64(text, &domid) &&
		       domid == (uint64_t)guest->domid;
	return !strcasecmp(guest->uuid, text) ||
	       (guest->name && !strcmp(guest->name, text));
}

/* The shell domains of vfio-xen-iommu look like PVH guests. */
static bool is_shell(struct vfio_xen_ctx *ctx, int domid)
{
	struct vfio_xen_debugfs *debugfs;
	bool found = false;

	if (vfio_xen_debugfs_new(ctx, &debugfs)) {
		problem_clear(ctx);
		return false;
	}
	for (size_t i = 0; i < vfio_xen_debugfs_get_nr_shells(debugfs); i++)
		found |= domid ==
			 vfio_xen_shell_get_domid(
				 vfio_xen_debugfs_get_shell(debugfs, i));
	vfio_xen_debugfs_free(debugfs);
	return found;
}

/* Takes one element out of the array and frees the others. */
static int choose(struct vfio_xen_ctx *ctx, struct vfio_xen_guest *all,
		  size_t nr, const char *text, struct vfio_xen_guest *chosen)
{
	bool found = false;

	for (size_t i = 0; i < nr; i++) {
		if (!found && !all[i].ended && is_called(&all[i], text)) {
			*chosen = all[i];
			found = true;
		} else {
			free(all[i].name);
		}
	}
	free(all);
	if (!found)
		return problem_set(ctx, VFIO_XEN_PROBLEM_NO_GUEST, -ESRCH, 0,
				   text);
	return 0;
}

bool guest_may_run(struct vfio_xen_ctx *ctx, int domid)
{
	struct vfio_xen_guest *all;
	bool runs = false;
	size_t nr;

	if (xen_get_guests(ctx, &all, &nr))
		return true;
	for (size_t i = 0; i < nr; i++) {
		runs |= all[i].domid == domid;
		free(all[i].name);
	}
	free(all);
	return runs;
}

static int find(struct vfio_xen_ctx *ctx, const char *text,
		struct vfio_xen_guest *guest)
{
	struct vfio_xen_guest *all;
	size_t nr;
	int err = xen_get_guests(ctx, &all, &nr);

	if (err)
		return problem_set(ctx, VFIO_XEN_PROBLEM_NO_XEN, err, 0, NULL);
	err = choose(ctx, all, nr, text, guest);
	if (err)
		return err;
	if (is_shell(ctx, guest->domid))
		return problem_set_id(ctx, VFIO_XEN_PROBLEM_NO_GUEST_SHELL,
				      -EINVAL, 0, guest->domid, NULL);
	return 0;
}

int vfio_xen_guest_find(struct vfio_xen_ctx *ctx, const char *text,
			struct vfio_xen_guest **guest)
{
	struct vfio_xen_guest *new = calloc(1, sizeof(*new));
	int err;

	problem_clear(ctx);
	if (!new)
		return -ENOMEM;
	err = find(ctx, text, new);
	if (err) {
		vfio_xen_guest_free(new);
		return err;
	}
	*guest = new;
	return 0;
}

int vfio_xen_guest_find_for_device(struct vfio_xen_ctx *ctx, const char *text,
				   struct vfio_xen_guest **guest)
{
	struct vfio_xen_guest *found;
	int err = vfio_xen_guest_find(ctx, text, &found);

	if (err)
		return err;
	if (found->kind != VFIO_XEN_GUEST_PVH) {
		*guest = found;
		return 0;
	}
	vfio_xen_guest_free(found);
	return problem_set(ctx, VFIO_XEN_PROBLEM_GUEST_IS_PVH, -EOPNOTSUPP, 0,
			   text);
}

void vfio_xen_guest_free(struct vfio_xen_guest *guest)
{
	if (!guest)
		return;
	free(guest->name);
	free(guest);
}

int vfio_xen_guest_get_domid(const struct vfio_xen_guest *guest)
{
	return guest->domid;
}

const char *vfio_xen_guest_get_uuid(const struct vfio_xen_guest *guest)
{
	return guest->uuid;
}

const char *vfio_xen_guest_get_name(const struct vfio_xen_guest *guest)
{
	return guest->name;
}

enum vfio_xen_guest_kind
vfio_xen_guest_get_kind(const struct vfio_xen_guest *guest)
{
	return guest->kind;
}
