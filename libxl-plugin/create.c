// SPDX-License-Identifier: GPL-2.0-only
/*
 * pci=[...]: create a guest without the devices of vfio-xen-pci, and attach
 * these while it is still paused. Also the configuration that xl reads back,
 * and saving a guest.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin.h"

/*
 * The devices of a configuration, by their owner: stock libxl or vfio-xen-pci
 */
struct parts {
	libxl_device_pci *all, *theirs, *ours;
	int nr_all, nr_theirs, nr_ours;
};

/* ---- parting ---- */

/* The copies are shallow: free them, but do not dispose of them. */
static int part(struct parts *parts, const libxl_domain_config *config)
{
	size_t nr = (size_t)config->num_pcidevs;

	*parts = (struct parts){ .all = config->pcidevs,
				 .nr_all = config->num_pcidevs };
	parts->theirs = calloc(nr + 1, sizeof(*parts->theirs));
	parts->ours = calloc(nr + 1, sizeof(*parts->ours));
	if (!parts->theirs || !parts->ours)
		return ERROR_NOMEM;
	for (size_t i = 0; i < nr; i++) {
		libxl_device_pci resolved;

		if (pci_resolve(&config->pcidevs[i], &resolved) &&
		    sbdf_is_for_us(pci_sbdf(&resolved)))
			parts->ours[parts->nr_ours++] = resolved;
		else
			parts->theirs[parts->nr_theirs++] = config->pcidevs[i];
	}
	return 0;
}

static void parts_free(struct parts *parts)
{
	free(parts->theirs);
	free(parts->ours);
}

/* ---- creating ---- */

/* The function of libxl that creates the guest */
struct creation {
	enum {
		CREATE_NEW,
		CREATE_RESTORED,
		CREATE_AGAIN
	} kind;
	libxl_domain_config *config;
	uint32_t *domid;
	const libxl_asyncprogress_how *console_how;
	/* to restore one */
	const libxl_domain_restore_params *params;
	int restore_fd, send_back_fd;
};

static int run_real(libxl_ctx *ctx, const struct creation *creation,
		    const libxl_asyncop_how *ao_how)
{
	switch (creation->kind) {
	case CREATE_RESTORED:
		return real.libxl_domain_create_restore(
			ctx, creation->config, creation->domid,
			creation->restore_fd, creation->send_back_fd,
			creation->params, ao_how, creation->console_how);
	case CREATE_AGAIN:
		return real.libxl_domain_soft_reset(ctx, creation->config,
						    *creation->domid, ao_how,
						    creation->console_how);
	default:
		return real.libxl_domain_create_new(ctx, creation->config,
						    creation->domid, ao_how,
						    creation->console_how);
	}
}

/* libxl makes these checks for stock devices, but does not see these ones. */
static int require_iommu(const struct call *call, libxl_domain_config *config)
{
	libxl_domain_create_info *info = &config->c_info;

	if (info->type == LIBXL_DOMAIN_TYPE_PVH)
		return call_fail(call, "Xen on x86 has no PCI passthrough for "
				       "PVH guests; use type=\"pv\" or "
				       "\"hvm\"");
	if (info->passthrough == LIBXL_PASSTHROUGH_DISABLED)
		return call_fail(call, "passthrough disabled but devices are "
				       "specified");
	if (info->passthrough == LIBXL_PASSTHROUGH_DEFAULT)
		info->passthrough = LIBXL_PASSTHROUGH_ENABLED;
	return 0;
}

/* All or none */
static int attach_ours(struct call *call, const struct parts *parts)
{
	struct attached *attached =
		calloc((size_t)parts->nr_ours, sizeof(*attached));
	struct vfio_xen_status *given;
	int i, rc = attached ? 0 : ERROR_NOMEM;

	/* A rebooting guest gets its devices back without this. */
	domain_get_status(call, &given);
	for (i = 0; !rc && i < parts->nr_ours; i++)
		if (!status_has(given, pci_sbdf(&parts->ours[i])))
			rc = attach(call, &parts->ours[i], true, &attached[i]);
	/* The failed attachment has undone its part. */
	for (i -= 2; rc && i >= 0; i--)
		undo_attach(call, &attached[i]);
	vfio_xen_status_free(given);
	free(attached);
	return rc;
}

static bool has_reserved_memory(const libxl_device_pci *pci)
{
	uint32_t sbdf = pci_sbdf(pci);

	if (pci->vfunc_mask != LIBXL_PCI_FUNC_ALL)
		return sbdf_has_reserved_memory(sbdf);
	for (uint32_t fn = 0; fn < MAX_FUNCTIONS; fn++)
		if (sbdf_has_reserved_memory((sbdf & ~7U) | fn))
			return true;
	return false;
}

/*
 * libxl keeps a guest's RAM away from reserved memory of the devices that it sees.
 * For the others it can only do so with that of the whole host. Where RAM has to stay,
 * rdm_policy decides when the device is attached.
 */
static void reserve_memory(libxl_domain_config *config,
			   const struct parts *parts)
{
	if (config->c_info.type != LIBXL_DOMAIN_TYPE_HVM)
		return;
	for (int i = 0; i < parts->nr_ours; i++)
		if (has_reserved_memory(&parts->ours[i]))
			config->b_info.u.hvm.rdm.strategy =
				LIBXL_RDM_RESERVE_STRATEGY_HOST;
}

static int create_parted(struct call *call, const struct creation *creation,
			 const struct parts *parts)
{
	libxl_domain_config *config = creation->config;
	int rc = require_iommu(call, config);

	if (rc)
		return rc;
	reserve_memory(config, parts);
	config->pcidevs = parts->theirs;
	config->num_pcidevs = parts->nr_theirs;
	rc = run_real(call->ctx, creation, NULL);
	config->pcidevs = parts->all;
	config->num_pcidevs = parts->nr_all;
	if (rc)
		return rc;
	call->domid = (int)*creation->domid;
	rc = attach_ours(call, parts);
	if (!rc)
		return 0;
	call_log(call, XTL_ERROR, "unable to add pci devices");
	real.libxl_domain_destroy(call->ctx, *creation->domid, NULL);
	*creation->domid = INVALID_DOMID;
	return rc;
}

static int create(libxl_ctx *ctx, const struct creation *creation,
		  const libxl_asyncop_how *ao_how)
{
	struct parts parts;
	struct call call;
	int rc = part(&parts, creation->config);

	if (rc) {
		parts_free(&parts);
		return rc;
	}
	if (!parts.nr_ours) {
		parts_free(&parts);
		return run_real(ctx, creation, ao_how);
	}
	rc = call_begin(&call, ctx, NO_DOMID);
	if (!rc) {
		rc = create_parted(&call, creation, &parts);
		rc = call_complete(&call, ao_how, rc);
		call_end(&call);
	}
	parts_free(&parts);
	return rc;
}

INTERPOSED int
libxl_domain_create_new(libxl_ctx *ctx, libxl_domain_config *d_config,
			uint32_t *domid, const libxl_asyncop_how *ao_how,
			const libxl_asyncprogress_how *aop_console_how)
{
	const struct creation creation = {
		.kind = CREATE_NEW,
		.config = d_config,
		.domid = domid,
		.console_how = aop_console_how,
	};

	return plugin_is_active() ? create(ctx, &creation, ao_how) :
				    run_real(ctx, &creation, ao_how);
}

INTERPOSED int
libxl_domain_create_restore(libxl_ctx *ctx, libxl_domain_config *d_config,
			    uint32_t *domid, int restore_fd, int send_back_fd,
			    const libxl_domain_restore_params *params,
			    const libxl_asyncop_how *ao_how,
			    const libxl_asyncprogress_how *aop_console_how)
{
	const struct creation creation = {
		.kind = CREATE_RESTORED,
		.config = d_config,
		.domid = domid,
		.console_how = aop_console_how,
		.params = params,
		.restore_fd = restore_fd,
		.send_back_fd = send_back_fd,
	};

	return plugin_is_active() ? create(ctx, &creation, ao_how) :
				    run_real(ctx, &creation, ao_how);
}

/* A soft reset: the domain stays, and libxl builds it again. */
INTERPOSED int
libxl_domain_soft_reset(libxl_ctx *ctx, libxl_domain_config *d_config,
			uint32_t domid, const libxl_asyncop_how *ao_how,
			const libxl_asyncprogress_how *aop_console_how)
{
	const struct creation creation = {
		.kind = CREATE_AGAIN,
		.config = d_config,
		.domid = &domid,
		.console_how = aop_console_how,
	};

	return plugin_is_active() ? create(ctx, &creation, ao_how) :
				    run_real(ctx, &creation, ao_how);
}

/* ---- telling ---- */

/*
 * Find the guest by its UUID: xl also reads the configuration of a guest that
 * has crashed or shut down, to restart it with the same devices.
 */
INTERPOSED int
libxl_retrieve_domain_configuration(libxl_ctx *ctx, uint32_t domid,
				    libxl_domain_config *d_config,
				    const libxl_asyncop_how *ao_how)
{
	int rc = real.libxl_retrieve_domain_configuration(ctx, domid, d_config,
							  ao_how);
	struct vfio_xen_status *status;
	char uuid[LIBXL_UUID_FMTLEN + 1];
	struct call call;
	int err;

	if (rc || ao_how || !plugin_is_active() ||
	    call_begin(&call, ctx, (int)domid))
		return rc;
	snprintf(uuid, sizeof(uuid), LIBXL_UUID_FMT,
		 LIBXL_UUID_BYTES(d_config->c_info.uuid));
	err = guest_get_status(&call, uuid, &status);
	/* xl then restarts the guest with its former configuration, which has pci=. */
	rc = err ? call_explain(&call, err) :
		   append_devices(status, &d_config->pcidevs,
				  &d_config->num_pcidevs);
	vfio_xen_status_free(status);
	call_end(&call);
	return rc;
}

/* ---- saving ---- */

/* The first device that the guest has or should have, or NULL */
static const struct vfio_xen_attachment *
first_device(const struct vfio_xen_status *status)
{
	size_t nr = status ? vfio_xen_status_get_nr_attachments(status) : 0;

	for (size_t i = 0; i < nr; i++) {
		const struct vfio_xen_attachment *attachment =
			vfio_xen_status_get_attachment(status, i);

		if (vfio_xen_attachment_get_state(attachment) !=
		    VFIO_XEN_ATTACHMENT_HUNG)
			return attachment;
	}
	return NULL;
}

/* After a restore, the guest's drivers would find no devices. */
static int check_suspend(libxl_ctx *ctx, uint32_t domid)
{
	struct vfio_xen_status *status;
	struct call call;
	int err, rc = 0;

	if (!plugin_is_active() || call_begin(&call, ctx, (int)domid))
		return 0;
	err = domain_get_status(&call, &status);
	if (err) {
		rc = call_fail(&call,
			       "cannot ask vfio-xen-dm whether the guest has "
			       "PCI devices: %s; a guest that has any must not "
			       "be suspended, saved or migrated",
			       strerror(-err));
	} else if (first_device(status)) {
		char address[VFIO_XEN_SBDF_SIZE];

		vfio_xen_sbdf_format(
			vfio_xen_attachment_get_sbdf(first_device(status)),
			address);
		rc = call_fail(&call,
			       "a guest with PCI devices cannot be suspended, "
			       "saved or migrated; detach them first (xl "
			       "pci-detach %u %s)",
			       domid, address);
	}
	vfio_xen_status_free(status);
	call_end(&call);
	return rc;
}

/*
 * xl has created the file and written the guest's configuration to it. At the
 * next boot, xendomains would try to restore the guest from it, and would not
 * start the guest when that fails.
 */
static void remove_saved(int fd)
{
	char link[32], path[PATH_MAX];
	struct stat stat;
	ssize_t len;

	if (fstat(fd, &stat) || !S_ISREG(stat.st_mode))
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len <= 0)
		return;
	path[len] = '\0';
	unlink(path);
}

INTERPOSED int libxl_domain_suspend(libxl_ctx *ctx, uint32_t domid, int fd,
				    int flags, const libxl_asyncop_how *ao_how)
{
	int rc = check_suspend(ctx, domid);

	if (!rc)
		return real.libxl_domain_suspend(ctx, domid, fd, flags, ao_how);
	remove_saved(fd);
	return rc;
}

INTERPOSED int libxl_domain_suspend_only(libxl_ctx *ctx, uint32_t domid,
					 const libxl_asyncop_how *ao_how)
{
	int rc = check_suspend(ctx, domid);

	return rc ? rc : real.libxl_domain_suspend_only(ctx, domid, ao_how);
}
