// SPDX-License-Identifier: GPL-2.0-only
/*
 * xl pci-attach, -detach and -list.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

static int find_guest(const struct call *call, struct vfio_xen_guest **guest)
{
	char domid[16];
	int err;

	snprintf(domid, sizeof(domid), "%d", call->domid);
	err = vfio_xen_guest_find_for_device(call->lib, domid, guest);
	return err ? call_explain(call, err) : 0;
}

/* ---- attach ---- */

/* Whose it was, and may not be any more. */
static int check_owner(const struct call *call, uint32_t sbdf)
{
	struct vfio_xen_device *dev;
	int domid, err = vfio_xen_scan(call->lib);

	if (err)
		return call_explain(call, err);
	dev = vfio_xen_device_get_by_sbdf(call->lib, sbdf);
	if (!dev)
		return 0; /* binding it says so */
	domid = vfio_xen_device_get_owner_domid(dev);
	if (vfio_xen_device_get_owner(dev) == VFIO_XEN_OWNER_GUEST &&
	    domid != call->domid)
		return call_fail(call,
				 "PCI device %s, or another one of its group, "
				 "is attached to domain %d; detach it first "
				 "(xl pci-detach %d %s)",
				 vfio_xen_device_get_address(dev), domid, domid,
				 vfio_xen_device_get_address(dev));
	domid = vfio_xen_device_get_reachable_domid(dev);
	if (domid >= 0 && domid != call->domid)
		return call_fail(call,
				 "PCI device %s stays quarantined until domain "
				 "%d has ended, which may have kept a mapping "
				 "of it",
				 vfio_xen_device_get_address(dev), domid);
	return 0;
}

static int check_assignable(const struct call *call, uint32_t sbdf, bool seize)
{
	char address[VFIO_XEN_SBDF_SIZE];

	if (sbdf_is_ours(sbdf) || seize)
		return check_owner(call, sbdf);
	vfio_xen_sbdf_format(sbdf, address);
	if (!sbdf_exists(sbdf))
		return call_fail(call, "no PCI device %s; see lspci -D",
				 address);
	return call_fail(call,
			 "PCI device %s is not assignable; make it so first "
			 "(xl pci-assignable-add %s)",
			 address, address);
}

/* Also for one that is assignable: that checks the others of its group. */
static int attach_one(const struct call *call, const char *uuid,
		      const struct guest_device *device, bool seize,
		      bool at_boot)
{
	int rc = check_assignable(call, device->sbdf, seize);
	char former[DRIVER_SIZE];

	sbdf_read_driver(device->sbdf, former);
	if (!rc)
		rc = make_assignable(call, device->sbdf);
	if (rc)
		return rc;
	rc = guest_attach(call, uuid, device, at_boot);
	if (rc && strcmp(former, DRIVER) != 0)
		undo_assignable(call, device->sbdf, former);
	return rc;
}

/* Which functions "5:0.*" stands for, as bits */
static unsigned int find_functions(const struct call *call, uint32_t sbdf)
{
	unsigned int found = 0;

	if (vfio_xen_scan(call->lib))
		return 0;
	for (uint32_t fn = 0; fn < 8; fn++)
		if (vfio_xen_device_get_by_sbdf(call->lib, (sbdf & ~7U) | fn))
			found |= 1U << fn;
	return found;
}

static bool is_for_all(const libxl_device_pci *pci)
{
	return pci->vfunc_mask == LIBXL_PCI_FUNC_ALL;
}

static void detach_functions(const struct call *call, const char *uuid,
			     uint32_t sbdf, unsigned int functions)
{
	for (uint32_t fn = 0; fn < 8; fn++)
		if (functions & 1U << fn)
			guest_detach(call, uuid, (sbdf & ~7U) | fn, true);
}

/* All or none. Each has a slot: the first one that was asked for, and the next. */
static int attach_all(const struct call *call, const char *uuid,
		      struct guest_device device, bool seize, bool at_boot)
{
	unsigned int functions = find_functions(call, device.sbdf), done = 0;
	uint32_t first = device.sbdf & ~7U;
	int rc = 0;

	if (device.slot == ANY_SLOT)
		return call_fail(call, "Must specify a v-slot for "
				       "multi-function devices");
	if (!functions)
		return call_fail(call, "there is no such PCI device");
	for (uint32_t fn = 0; !rc && fn < 8; fn++) {
		if (!(functions & 1U << fn))
			continue;
		device.sbdf = first | fn;
		rc = attach_one(call, uuid, &device, seize, at_boot);
		if (!rc)
			done |= 1U << fn;
		device.slot++;
	}
	if (rc)
		detach_functions(call, uuid, first, done);
	return rc;
}

int attach(const struct call *call, const libxl_device_pci *pci, bool at_boot)
{
	struct guest_device device = {
		.sbdf = pci_sbdf(pci),
		.slot = pci->vdevfn >> 3 ? (int)(pci->vdevfn >> 3) : ANY_SLOT,
		.permissive = pci->permissive,
	};
	struct vfio_xen_guest *guest;
	const char *uuid;
	int rc = find_guest(call, &guest);

	if (rc)
		return rc;
	uuid = vfio_xen_guest_get_uuid(guest);
	rc = is_for_all(pci) ?
		     attach_all(call, uuid, device, pci->seize, at_boot) :
		     attach_one(call, uuid, &device, pci->seize, at_boot);
	vfio_xen_guest_free(guest);
	return rc;
}

INTERPOSED int libxl_device_pci_add(libxl_ctx *ctx, uint32_t domid,
				    libxl_device_pci *pci,
				    const libxl_asyncop_how *ao_how)
{
	libxl_device_pci resolved;
	struct call call;
	int rc;

	if (!IS_OURS_TO_ANSWER() || !pci_resolve(pci, &resolved) ||
	    !sbdf_is_for_us(pci_sbdf(&resolved)))
		return real.libxl_device_pci_add(ctx, domid, pci, ao_how);
	rc = call_begin(&call, ctx, (int)domid);
	if (rc)
		return rc;
	rc = call_complete(&call, ao_how, attach(&call, &resolved, false));
	call_end(&call);
	return rc;
}

/* ---- detach ---- */

static int detach(const struct call *call, const libxl_device_pci *pci,
		  bool force)
{
	uint32_t sbdf = pci_sbdf(pci);
	unsigned int functions = is_for_all(pci) ? find_functions(call, sbdf) :
						   1U << (sbdf & 7);
	struct vfio_xen_guest *guest;
	int first, rc = find_guest(call, &guest);

	if (rc)
		return rc;
	for (uint32_t fn = 0; fn < 8; fn++) {
		if (!(functions & 1U << fn))
			continue;
		first = guest_detach(call, vfio_xen_guest_get_uuid(guest),
				     (sbdf & ~7U) | fn, force);
		rc = rc ? rc : first;
	}
	vfio_xen_guest_free(guest);
	return rc;
}

static int remove_ours(libxl_ctx *ctx, uint32_t domid,
		       const libxl_device_pci *pci, bool force,
		       const libxl_asyncop_how *ao_how)
{
	struct call call;
	int rc = call_begin(&call, ctx, (int)domid);

	if (rc)
		return rc;
	rc = call_complete(&call, ao_how, detach(&call, pci, force));
	call_end(&call);
	return rc;
}

INTERPOSED int libxl_device_pci_remove(libxl_ctx *ctx, uint32_t domid,
				       libxl_device_pci *pci,
				       const libxl_asyncop_how *ao_how)
{
	libxl_device_pci resolved;

	if (!IS_OURS_TO_ANSWER() || !pci_resolve(pci, &resolved) ||
	    !sbdf_is_for_us(pci_sbdf(&resolved)))
		return real.libxl_device_pci_remove(ctx, domid, pci, ao_how);
	return remove_ours(ctx, domid, &resolved, false, ao_how);
}

INTERPOSED int libxl_device_pci_destroy(libxl_ctx *ctx, uint32_t domid,
					libxl_device_pci *pci,
					const libxl_asyncop_how *ao_how)
{
	libxl_device_pci resolved;

	if (!IS_OURS_TO_ANSWER() || !pci_resolve(pci, &resolved) ||
	    !sbdf_is_for_us(pci_sbdf(&resolved)))
		return real.libxl_device_pci_destroy(ctx, domid, pci, ao_how);
	return remove_ours(ctx, domid, &resolved, true, ao_how);
}

/* ---- list ---- */

int append_devices(const struct guest_devices *devices, libxl_device_pci **pcis,
		   int *num)
{
	libxl_device_pci *longer;

	if (!devices->nr)
		return 0;
	longer = realloc(*pcis, ((size_t)*num + devices->nr) * sizeof(*longer));
	if (!longer)
		return ERROR_NOMEM;
	*pcis = longer;
	for (size_t i = 0; i < devices->nr; i++) {
		const struct guest_device *device = &devices->list[i];
		libxl_device_pci *pci = &longer[(*num)++];

		real.libxl_device_pci_init(pci);
		pci_set_sbdf(pci, device->sbdf);
		pci->permissive = device->permissive;
		pci->rdm_policy = LIBXL_RDM_RESERVE_POLICY_STRICT;
		if (device->slot != ANY_SLOT)
			pci->vdevfn = (uint32_t)device->slot << 3;
	}
	return 0;
}

INTERPOSED libxl_device_pci *libxl_device_pci_list(libxl_ctx *ctx,
						   uint32_t domid, int *num)
{
	libxl_device_pci *list = real.libxl_device_pci_list(ctx, domid, num);
	struct guest_devices devices;
	struct call call;

	if (!IS_OURS_TO_ANSWER() || call_begin(&call, ctx, (int)domid))
		return list;
	domain_get_devices(&call, &devices);
	append_devices(&devices, &list, num);
	call_end(&call);
	return list;
}
