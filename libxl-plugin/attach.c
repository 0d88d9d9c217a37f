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

/* The former owner, which may have ended */
static int check_owner(const struct call *call, uint32_t sbdf)
{
	struct vfio_xen_device *dev;
	int domid, err = vfio_xen_scan(call->lib);

	if (err)
		return call_explain(call, err);
	dev = vfio_xen_device_get_by_sbdf(call->lib, sbdf);
	if (!dev)
		return 0; /* binding reports it */
	domid = vfio_xen_device_get_owner_domid(dev);
	if (vfio_xen_device_get_owner(dev) == VFIO_XEN_OWNER_GUEST &&
	    domid != call->domid)
		return call_fail(call,
				 "PCI device %s, or another one of its group, "
				 "is attached to domain %d; detach it first "
				 "(xl pci-detach %d %s)",
				 vfio_xen_device_get_address(dev), domid, domid,
				 vfio_xen_device_get_address(dev));
	domid = vfio_xen_device_get_bars_exposed_to(dev);
	if (domid >= 0 && domid != call->domid)
		return call_fail(
			call,
			"PCI device %s is quarantined: domain %d may still have it mapped; destroy that domain, or attach the device to it again",
			vfio_xen_device_get_address(dev), domid);
	if (!vfio_xen_device_get_reset_method(dev))
		call_log(
			call, XTL_WARN,
			"PCI device %s has no reset (no reset_method in sysfs): the guest may see state of earlier users, and leave its own behind",
			vfio_xen_device_get_address(dev));
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

static bool is_for_all(const libxl_device_pci *pci)
{
	return pci->vfunc_mask == LIBXL_PCI_FUNC_ALL;
}

/* One function, or with "5:0.*" all that exist */
static void find_functions(const libxl_device_pci *pci,
			   struct attached *functions)
{
	uint32_t first = pci_sbdf(pci) & ~7U;

	functions->nr = 0;
	functions->nr_attached = 0;
	for (uint32_t fn = 0; fn < MAX_FUNCTIONS; fn++)
		if (is_for_all(pci) ? sbdf_exists(first | fn) : fn == pci->func)
			functions->sbdfs[functions->nr++] = first | fn;
}

/*
 * Bind all at once, because they may share a group. Include assignable ones,
 * which checks the other devices of their groups.
 */
static int take_functions(const struct call *call, struct attached *functions,
			  bool seize)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < functions->nr; i++) {
		sbdf_read_driver(functions->sbdfs[i], functions->former[i]);
		rc = check_assignable(call, functions->sbdfs[i], seize);
	}
	return rc ? rc : make_assignable(call, functions->sbdfs, functions->nr);
}

void undo_attach(const struct call *call, const struct attached *functions)
{
	for (size_t i = 0; i < functions->nr_attached; i++)
		guest_detach(call, functions->uuid, functions->sbdfs[i], true);
	for (size_t i = 0; i < functions->nr; i++)
		if (strcmp(functions->former[i], DRIVER) != 0)
			undo_assignable(call, functions->sbdfs[i],
					functions->former[i]);
}

/* libxl's default is strict, too. */
static bool is_relaxed(const libxl_device_pci *pci)
{
	return pci->rdm_policy == LIBXL_RDM_RESERVE_POLICY_RELAXED;
}

/* Attaches all or none. Each has a slot; the first gets the requested one. */
static int attach_functions(const struct call *call, struct attached *functions,
			    const libxl_device_pci *pci, bool at_boot)
{
	struct vfio_xen_request request = VFIO_XEN_REQUEST_INIT;
	int slot = (int)(pci->vdevfn >> 3);
	int rc = take_functions(call, functions, pci->seize);

	if (rc)
		return rc;
	request.uuid = functions->uuid;
	request.flags = (pci->permissive ? VFIO_XEN_PERMISSIVE : 0U) |
			(is_relaxed(pci) ? 0U : VFIO_XEN_RDM_STRICT) |
			(at_boot ? VFIO_XEN_AT_BOOT : 0U);
	for (size_t i = 0; i < functions->nr; i++) {
		request.sbdf = functions->sbdfs[i];
		request.slot = slot ? slot + (int)i : VFIO_XEN_ANY_SLOT;
		rc = guest_attach(call, &request);
		if (rc) {
			undo_attach(call, functions);
			return rc;
		}
		functions->nr_attached++;
	}
	return 0;
}

int attach(const struct call *call, const libxl_device_pci *pci, bool at_boot,
	   struct attached *attached)
{
	struct vfio_xen_guest *guest;
	int rc = find_guest(call, &guest);

	if (rc)
		return rc;
	snprintf(attached->uuid, sizeof(attached->uuid), "%s",
		 vfio_xen_guest_get_uuid(guest));
	find_functions(pci, attached);
	if (is_for_all(pci) && !(pci->vdevfn >> 3))
		rc = call_fail(call, "Must specify a v-slot for "
				     "multi-function devices");
	else if (!attached->nr)
		rc = call_fail(call, "no such PCI device");
	else
		rc = attach_functions(call, attached, pci, at_boot);
	vfio_xen_guest_free(guest);
	return rc;
}

INTERPOSED int libxl_device_pci_add(libxl_ctx *ctx, uint32_t domid,
				    libxl_device_pci *pci,
				    const libxl_asyncop_how *ao_how)
{
	libxl_device_pci resolved;
	struct attached attached;
	struct call call;
	int rc;

	if (!IS_OURS_TO_ANSWER() || !pci_resolve(pci, &resolved) ||
	    !sbdf_is_for_us(pci_sbdf(&resolved)))
		return real.libxl_device_pci_add(ctx, domid, pci, ao_how);
	rc = call_begin(&call, ctx, (int)domid);
	if (rc)
		return rc;
	rc = call_complete(&call, ao_how,
			   attach(&call, &resolved, false, &attached));
	call_end(&call);
	return rc;
}

/* ---- detach ---- */

/* Detaches as many as possible. Returns the first error. */
static int detach(const struct call *call, const libxl_device_pci *pci,
		  bool force)
{
	struct vfio_xen_guest *guest;
	struct attached functions;
	int rc = find_guest(call, &guest);

	if (rc)
		return rc;
	find_functions(pci, &functions);
	for (size_t i = 0; i < functions.nr; i++) {
		int one = guest_detach(call, vfio_xen_guest_get_uuid(guest),
				       functions.sbdfs[i], force);

		rc = rc ? rc : one;
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

static void append_device(const struct vfio_xen_attachment *attachment,
			  libxl_device_pci *pci)
{
	int slot = vfio_xen_attachment_get_slot(attachment);

	real.libxl_device_pci_init(pci);
	pci_set_sbdf(pci, vfio_xen_attachment_get_sbdf(attachment));
	pci->permissive = vfio_xen_attachment_is_permissive(attachment);
	pci->rdm_policy = vfio_xen_attachment_is_rdm_strict(attachment) ?
				  LIBXL_RDM_RESERVE_POLICY_STRICT :
				  LIBXL_RDM_RESERVE_POLICY_RELAXED;
	if (slot != VFIO_XEN_ANY_SLOT)
		pci->vdevfn = (uint32_t)slot << 3;
}

int append_devices(const struct vfio_xen_status *status,
		   libxl_device_pci **pcis, int *num)
{
	size_t nr = status ? vfio_xen_status_get_nr_attachments(status) : 0;
	libxl_device_pci *longer;

	if (!nr)
		return 0;
	longer = reallocarray(*pcis, (size_t)*num + nr, sizeof(*longer));
	if (!longer)
		return ERROR_NOMEM;
	*pcis = longer;
	for (size_t i = 0; i < nr; i++) {
		const struct vfio_xen_attachment *attachment =
			vfio_xen_status_get_attachment(status, i);

		if (vfio_xen_attachment_get_state(attachment) !=
		    VFIO_XEN_ATTACHMENT_HUNG)
			append_device(attachment, &longer[(*num)++]);
	}
	return 0;
}

INTERPOSED libxl_device_pci *libxl_device_pci_list(libxl_ctx *ctx,
						   uint32_t domid, int *num)
{
	libxl_device_pci *list = real.libxl_device_pci_list(ctx, domid, num);
	struct vfio_xen_status *status;
	struct call call;
	int err;

	if (!IS_OURS_TO_ANSWER() || call_begin(&call, ctx, (int)domid))
		return list;
	err = domain_get_status(&call, &status);
	if (err)
		call_explain(&call, err);
	append_devices(status, &list, num);
	vfio_xen_status_free(status);
	call_end(&call);
	return list;
}
