// SPDX-License-Identifier: GPL-2.0-only
/*
 * Explain a failure in words, with the way out.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

#define PROGRAM "vfio-xen-ctl"

/* The parts of a problem, which keep the sentences below short. */
struct facts {
	char sbdf[VFIO_XEN_SBDF_SIZE];
	char other[VFIO_XEN_SBDF_SIZE];
	const char *detail;
	const char *step;
	const char *hint;
	const char *why;
	const char *as_root;
	int err;
	int id;
	bool attach; /* the attach command has another way out */
};

static void gather(struct facts *facts, const struct vfio_xen_problem *problem,
		   int err)
{
	bool denied = err == -EACCES || err == -EPERM;

	vfio_xen_sbdf_format(vfio_xen_problem_get_sbdf(problem), facts->sbdf);
	vfio_xen_sbdf_format(vfio_xen_problem_get_other(problem), facts->other);
	facts->detail = vfio_xen_problem_get_detail(problem);
	facts->step = vfio_xen_problem_get_step(problem);
	facts->hint = vfio_xen_problem_get_hint(problem);
	facts->id = vfio_xen_problem_get_id(problem);
	facts->err = err;
	facts->why = strerror(-err);
	facts->as_root = denied && geteuid() ? "; run it as root" : "";
}

/* A device can lack a group for three reasons, each with its own way out. */
static int explain_no_group(struct vfio_xen_ctx *ctx, const struct facts *facts,
			    char **text)
{
	struct vfio_xen_host *host;
	bool xen, loaded;

	if (vfio_xen_host_new(ctx, &host))
		return -1;
	xen = vfio_xen_host_get_version(host) != NULL;
	loaded = vfio_xen_host_has_xen_iommu(host);
	vfio_xen_host_free(host);
	if (!xen)
		return asprintf(text,
				"%s has no IOMMU group: the IOMMU is off; turn "
				"it on in the firmware and with intel_iommu=on "
				"or amd_iommu=on",
				facts->sbdf);
	if (loaded)
		return asprintf(
			text,
			"%s has no IOMMU group: vfio-xen-iommu does not "
			"handle it; see dmesg",
			facts->sbdf);
	return asprintf(text,
			"%s has no IOMMU group: load vfio-xen-iommu (modprobe "
			"vfio-xen-iommu)",
			facts->sbdf);
}

static int explain_io(const struct facts *facts, uint32_t sbdf, char **text)
{
	if (sbdf)
		return asprintf(text, "%s: %s: %s%s", facts->sbdf,
				facts->detail, facts->why, facts->as_root);
	return asprintf(text, "%s: %s%s", facts->detail, facts->why,
			facts->as_root);
}

static int explain_host_use(enum vfio_xen_problem_kind kind,
			    const struct facts *facts, char **text)
{
	const char *force = facts->attach ? "bind --force" : "--force";

	if (kind == VFIO_XEN_PROBLEM_BLOCK_IN_USE)
		return asprintf(text,
				"%s is in use: %s; release it first or use %s",
				facts->sbdf, facts->detail, force);
	return asprintf(text,
			"%s is in use: network interface %s is up; take it "
			"down (ip link set %s down) or use %s",
			facts->sbdf, facts->detail, facts->detail, force);
}

/* Whether a guest has the device through VFIO, and not through stock xl. */
static bool is_vfio(struct vfio_xen_ctx *ctx, const char *address)
{
	struct vfio_xen_device *dev;
	const char *driver;
	uint32_t sbdf;

	if (vfio_xen_sbdf_parse(address, &sbdf))
		return false;
	dev = vfio_xen_device_get_by_sbdf(ctx, sbdf);
	driver = dev ? vfio_xen_device_get_driver(dev) : NULL;
	return driver && strstr(driver, "vfio");
}

static int explain_owner(struct vfio_xen_ctx *ctx,
			 enum vfio_xen_problem_kind kind,
			 const struct facts *facts, char **text)
{
	if (kind == VFIO_XEN_PROBLEM_PCIBACK)
		return asprintf(text,
				"%s is held by pciback; release it first "
				"(xl pci-assignable-remove %s)",
				facts->sbdf, facts->sbdf);
	if (kind == VFIO_XEN_PROBLEM_GUEST)
		return asprintf(text,
				"%s is owned by the guest with domid %d; "
				"detach it first (%s %d %s)",
				facts->sbdf, facts->id,
				is_vfio(ctx, facts->sbdf) ? PROGRAM " detach" :
							    "xl pci-detach",
				facts->id, facts->sbdf);
	if (kind == VFIO_XEN_PROBLEM_REACHABLE)
		return asprintf(
			text,
			"%s is quarantined: the guest with domid %d may still have it mapped; destroy that guest, or attach the device to it again",
			facts->sbdf, facts->id);
	return asprintf(text,
			"%s is open in process %d (%s); end that process, or "
			"use unbind --wait",
			facts->sbdf, facts->id, facts->detail);
}

static int explain_driver(enum vfio_xen_problem_kind kind,
			  const struct facts *facts, char **text)
{
	if (kind == VFIO_XEN_PROBLEM_NO_DRIVER)
		return asprintf(text,
				"no PCI driver %s, and no module provides it",
				facts->detail);
	if (kind == VFIO_XEN_PROBLEM_MODULE)
		return asprintf(text, "cannot load the module %s: %s%s",
				facts->detail, facts->why, facts->as_root);
	return asprintf(text,
			"%s: the driver %s did not bind to it: %s; see dmesg",
			facts->sbdf, facts->detail, facts->why);
}

static int explain_siblings(const struct facts *facts, char **text)
{
	if (facts->attach)
		return asprintf(text,
				"%s of the same group is bound to %s, and all "
				"of a group go together: " PROGRAM
				" bind --group --driver vfio-xen-pci %s",
				facts->other, facts->detail, facts->sbdf);
	return asprintf(text,
			"%s of the same group is bound to %s; bind it too or "
			"use --group",
			facts->other, facts->detail);
}

static int explain_guest(enum vfio_xen_problem_kind kind,
			 const struct facts *facts, char **text)
{
	if (kind == VFIO_XEN_PROBLEM_NO_XEN)
		return asprintf(text, "cannot ask Xen for its guests: %s%s",
				facts->err == -ENODEV ?
					"this is not its dom0, or " PROGRAM
					" was built without Xen's libraries" :
					facts->why,
				facts->as_root);
	if (kind == VFIO_XEN_PROBLEM_NO_GUEST)
		return asprintf(text, "no guest %s; see xl list",
				facts->detail);
	if (kind == VFIO_XEN_PROBLEM_NO_GUEST_SHELL)
		return asprintf(
			text,
			"domain %d is a shell domain of vfio-xen-iommu, not a guest; see " PROGRAM
			" status",
			facts->id);
	return asprintf(text,
			"the guest %s is PVH, and Xen on x86 has no PCI "
			"passthrough for PVH guests; use type=\"pv\" or "
			"\"hvm\"",
			facts->detail);
}

static int explain_dm(enum vfio_xen_problem_kind kind,
		      const struct facts *facts, char **text)
{
	if (kind == VFIO_XEN_PROBLEM_DM_REFUSED)
		return asprintf(text, "cannot %s: %s%s%s",
				facts->step ? facts->step : "do it",
				*facts->detail ? facts->detail : facts->why,
				facts->hint ? "; " : "",
				facts->hint ? facts->hint : "");
	if (kind == VFIO_XEN_PROBLEM_DM_SILENT)
		return asprintf(
			text,
			"the vfio-xen-dm of guest %s does not answer: %s; see journalctl -t vfio-xen-dm",
			facts->detail, facts->why);
	if (facts->id < 0)
		return asprintf(text, "cannot start %s: %s", facts->detail,
				facts->why);
	return asprintf(text, "%s did not start; see journalctl -t vfio-xen-dm",
			facts->detail);
}

static int explain_entry(enum vfio_xen_problem_kind kind,
			 const struct facts *facts, char **text)
{
	if (kind == VFIO_XEN_PROBLEM_NAME)
		return asprintf(text,
				"%s is neither an address nor the name of a "
				"persistent device; see " PROGRAM " list",
				facts->detail);
	if (kind == VFIO_XEN_PROBLEM_NAME_ABSENT)
		return asprintf(text,
				"the persistent device %s, last at %s, is not "
				"there; " PROGRAM " unbind %s forgets it",
				facts->detail, facts->sbdf, facts->detail);
	if (kind == VFIO_XEN_PROBLEM_NOT_VFIO)
		return asprintf(
			text,
			"%s is not a VFIO driver; use vfio-pci or vfio-xen-pci for a persistent device",
			facts->detail);
	return asprintf(
		text,
		"%s already has that name or address; choose another name, or remove the file",
		facts->detail);
}

static int explain_vfs(enum vfio_xen_problem_kind kind,
		       const struct facts *facts, char **text)
{
	if (kind == VFIO_XEN_PROBLEM_NO_SRIOV)
		return asprintf(
			text,
			"%s cannot have virtual functions: it does not support SR-IOV",
			facts->sbdf);
	if (kind == VFIO_XEN_PROBLEM_TOO_MANY_VFS)
		return asprintf(text,
				"%s can have %d virtual functions at most",
				facts->sbdf, facts->id);
	if (!*facts->detail)
		return asprintf(
			text,
			"%s has no driver that could create virtual functions; load its host driver",
			facts->sbdf);
	return asprintf(
		text,
		"cannot create virtual functions of %s: its driver %s does not support that; use its host driver",
		facts->sbdf, facts->detail);
}

static int explain(struct vfio_xen_ctx *ctx, enum vfio_xen_problem_kind kind,
		   uint32_t sbdf, const struct facts *facts, char **text)
{
	switch (kind) {
	case VFIO_XEN_PROBLEM_IO:
		return explain_io(facts, sbdf, text);
	case VFIO_XEN_PROBLEM_SCAN:
		return asprintf(text, "cannot read the PCI devices: %s",
				facts->detail);
	case VFIO_XEN_PROBLEM_NO_DEVICE:
		return asprintf(text, "no PCI device %s; see lspci -D",
				facts->sbdf);
	case VFIO_XEN_PROBLEM_NO_GROUP:
		return explain_no_group(ctx, facts, text);
	case VFIO_XEN_PROBLEM_BRIDGE:
		return asprintf(text,
				"%s is a bridge; bridges stay with the host",
				facts->sbdf);
	case VFIO_XEN_PROBLEM_SIBLING_BOUND:
		return explain_siblings(facts, text);
	case VFIO_XEN_PROBLEM_BLOCK_IN_USE:
	case VFIO_XEN_PROBLEM_NET_IN_USE:
		return explain_host_use(kind, facts, text);
	case VFIO_XEN_PROBLEM_PCIBACK:
	case VFIO_XEN_PROBLEM_GUEST:
	case VFIO_XEN_PROBLEM_REACHABLE:
	case VFIO_XEN_PROBLEM_HELD:
		return explain_owner(ctx, kind, facts, text);
	case VFIO_XEN_PROBLEM_NO_DRIVER:
	case VFIO_XEN_PROBLEM_MODULE:
	case VFIO_XEN_PROBLEM_NOT_TAKEN:
		return explain_driver(kind, facts, text);
	case VFIO_XEN_PROBLEM_NO_XEN:
	case VFIO_XEN_PROBLEM_NO_GUEST:
	case VFIO_XEN_PROBLEM_NO_GUEST_SHELL:
	case VFIO_XEN_PROBLEM_GUEST_IS_PVH:
		return explain_guest(kind, facts, text);
	case VFIO_XEN_PROBLEM_DM_START:
	case VFIO_XEN_PROBLEM_DM_REFUSED:
	case VFIO_XEN_PROBLEM_DM_SILENT:
		return explain_dm(kind, facts, text);
	case VFIO_XEN_PROBLEM_NAME:
	case VFIO_XEN_PROBLEM_NAME_ABSENT:
	case VFIO_XEN_PROBLEM_ENTRY_EXISTS:
	case VFIO_XEN_PROBLEM_NOT_VFIO:
		return explain_entry(kind, facts, text);
	case VFIO_XEN_PROBLEM_NO_SRIOV:
	case VFIO_XEN_PROBLEM_TOO_MANY_VFS:
	case VFIO_XEN_PROBLEM_VF_DRIVER:
		return explain_vfs(kind, facts, text);
	case VFIO_XEN_PROBLEM_NONE:
		break;
	}
	return asprintf(text, "%s%s", facts->why, facts->as_root);
}

char *vfio_xen_explain(struct vfio_xen_ctx *ctx, int err, bool attach)
{
	const struct vfio_xen_problem *problem = vfio_xen_get_problem(ctx);
	struct facts facts = { .attach = attach };
	char *text;

	gather(&facts, problem, err);
	if (explain(ctx, vfio_xen_problem_get_kind(problem),
		    vfio_xen_problem_get_sbdf(problem), &facts, &text) < 0)
		return NULL;
	return text;
}
