// SPDX-License-Identifier: GPL-2.0-only
/*
 * xl pci-assignable-add, -remove and -list, for devices of vfio-xen-pci.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

#define MAX_NAME 64 /* the same limit as libxl's */

int make_assignable(const struct call *call, const uint32_t *sbdfs, size_t nr)
{
	int err = vfio_xen_bind(call->lib, sbdfs, nr, DRIVER, 0);

	return err ? call_explain(call, err) : 0;
}

static int give_back(const struct call *call, uint32_t sbdf, bool rebind)
{
	int err = vfio_xen_unbind(call->lib, &sbdf, 1,
				  rebind ? 0 : VFIO_XEN_NO_DRIVER);

	return err ? call_explain(call, err) : 0;
}

/* Moving between two VFIO drivers does not go through unbind. */
void undo_assignable(const struct call *call, uint32_t sbdf, const char *former)
{
	int err;

	if (!strstr(former, "vfio")) {
		give_back(call, sbdf, true);
		return;
	}
	err = vfio_xen_bind(call->lib, &sbdf, 1, former, 0);
	if (err)
		call_explain(call, err);
}

/* ---- add ---- */

static int check_name(const struct call *call, const char *name)
{
	if (!name)
		return 0;
	if (strlen(name) > MAX_NAME)
		return call_fail(call, "Name too long");
	for (; *name; name++)
		if (!isgraph((unsigned char)*name))
			return call_fail(call, "Names may only include "
					       "printable characters");
	return 0;
}

static int add(const struct call *call, const libxl_device_pci *pci)
{
	uint32_t sbdf = pci_sbdf(pci);
	char address[VFIO_XEN_SBDF_SIZE];
	int rc = check_name(call, pci->name);

	if (rc)
		return rc;
	vfio_xen_sbdf_format(sbdf, address);
	if (sbdf_is_ours(sbdf))
		call_log(call, XTL_WARN, "%s already assigned to " DRIVER,
			 address);
	else
		rc = make_assignable(call, &sbdf, 1);
	if (!rc)
		name_write(sbdf, pci->name);
	return rc;
}

INTERPOSED int libxl_device_pci_assignable_add(libxl_ctx *ctx,
					       libxl_device_pci *pci,
					       int rebind)
{
	struct call call;
	int rc;

	/* The former driver of the device is always recorded. */
	if (!IS_OURS_TO_ANSWER() || !sbdf_is_for_us(pci_sbdf(pci)))
		return real.libxl_device_pci_assignable_add(ctx, pci, rebind);
	rc = call_begin(&call, ctx, NO_DOMID);
	if (rc)
		return rc;
	rc = add(&call, pci);
	call_end(&call);
	return rc;
}

/* ---- remove ---- */

INTERPOSED int libxl_device_pci_assignable_remove(libxl_ctx *ctx,
						  libxl_device_pci *pci,
						  int rebind)
{
	libxl_device_pci resolved;
	struct call call;
	int rc;

	if (!IS_OURS_TO_ANSWER() || !pci_resolve(pci, &resolved) ||
	    !sbdf_is_ours(pci_sbdf(&resolved)))
		return real.libxl_device_pci_assignable_remove(ctx, pci,
							       rebind);
	rc = call_begin(&call, ctx, NO_DOMID);
	if (rc)
		return rc;
	rc = give_back(&call, pci_sbdf(&resolved), rebind);
	if (!rc)
		name_write(pci_sbdf(&resolved), NULL);
	call_end(&call);
	return rc;
}

/* ---- list ---- */

/*
 * Bound to vfio-xen-pci, and used neither by a guest nor by a program in dom0
 */
static bool is_assignable(const struct call *call,
			  const struct vfio_xen_device *dev)
{
	const char *driver = vfio_xen_device_get_driver(dev);

	return driver && strcmp(driver, DRIVER) == 0 &&
	       vfio_xen_device_get_owner(dev) != VFIO_XEN_OWNER_SHELL &&
	       !sbdf_is_attached(call, vfio_xen_device_get_sbdf(dev));
}

/* The name of pci-assignable-add, or else that of the persistent device */
static char *name_of(const struct vfio_xen_config *config,
		     const struct vfio_xen_device *dev)
{
	char *name = name_read(vfio_xen_device_get_sbdf(dev));

	if (name || !config)
		return name;
	return vfio_xen_config_name_device(config, dev);
}

static libxl_device_pci *append(libxl_device_pci *list, int *num, uint32_t sbdf,
				char *name)
{
	libxl_device_pci *longer =
		realloc(list, ((size_t)*num + 1) * sizeof(*list));

	if (!longer) {
		free(name);
		return list;
	}
	real.libxl_device_pci_init(&longer[*num]);
	pci_set_sbdf(&longer[*num], sbdf);
	longer[*num].name = name;
	++*num;
	return longer;
}

static libxl_device_pci *append_ours(const struct call *call,
				     libxl_device_pci *list, int *num)
{
	const struct vfio_xen_device *dev;
	struct vfio_xen_config *config;

	if (vfio_xen_scan(call->lib))
		return list;
	if (vfio_xen_config_new(call->lib, &config))
		config = NULL;
	vfio_xen_device_foreach(call->lib, dev)
		if (is_assignable(call, dev))
			list = append(list, num, vfio_xen_device_get_sbdf(dev),
				      name_of(config, dev));
	vfio_xen_config_free(config);
	return list;
}

/* libxl would complain about the missing xen-pciback, which is no error. */
INTERPOSED libxl_device_pci *libxl_device_pci_assignable_list(libxl_ctx *ctx,
							      int *num)
{
	libxl_device_pci *list = NULL;
	struct call call;

	*num = 0;
	if (!IS_OURS_TO_ANSWER())
		return real.libxl_device_pci_assignable_list(ctx, num);
	if (pciback_is_loaded())
		list = real.libxl_device_pci_assignable_list(ctx, num);
	if (call_begin(&call, ctx, NO_DOMID))
		return list;
	list = append_ours(&call, list, num);
	call_end(&call);
	return list;
}
