// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of kernels, modules and programs.
 */
#include <dirent.h>
#include <string.h>

#include "health.h"

/* ---- the module ---- */

/* The name may end in .ko.xz or the like. */
static bool has_module(struct vfio_xen_ctx *ctx, const char *release)
{
	return file_count_lines(ctx, "/vfio-xen-iommu.ko",
				"/lib/modules/%s/modules.dep", release);
}

void health_check_module(struct vfio_xen_health *health)
{
	if (file_exists(health->ctx, "/sys/module/vfio_xen_iommu"))
		health_say(health, "module", VFIO_XEN_OK, NULL,
			   "vfio-xen-iommu is loaded");
	else if (has_module(health->ctx, health->release))
		health_say(health, "module", VFIO_XEN_FAIL,
			   "modprobe vfio-xen-iommu; dmesg tells why not",
			   "vfio-xen-iommu is not loaded");
	else
		health_say(health, "module", VFIO_XEN_FAIL,
			   "install the headers of this kernel and see dkms "
			   "status",
			   "Linux %s has no module vfio-xen-iommu",
			   health->release);
}

static int is_kernel(const struct dirent *entry)
{
	return *entry->d_name != '.';
}

/* The host may boot each of these kernels next. */
void health_check_kernels(struct vfio_xen_health *health)
{
	autofree char *dir = file_path(health->ctx, "/lib/modules");
	struct dirent **kernels;
	int nr = dir ? scandir(dir, &kernels, is_kernel, alphasort) : -1;

	for (int i = 0; i < nr; i++) {
		const char *release = kernels[i]->d_name;

		/* The remains of a removed kernel have no list of modules. */
		if (strcmp(release, health->release) &&
		    file_exists(health->ctx, "/lib/modules/%s/modules.dep",
				release) &&
		    !has_module(health->ctx, release))
			health_say(
				health, "kernels", VFIO_XEN_WARN,
				"install its headers and see dkms status, or "
				"remove it",
				"Linux %s is installed, and has no module "
				"vfio-xen-iommu",
				release);
		free(kernels[i]);
	}
	if (nr >= 0)
		free(kernels);
}

static int is_other_iommu(const struct dirent *entry)
{
	return *entry->d_name != '.' &&
	       strcmp(entry->d_name, "vfio-xen-iommu") != 0;
}

void health_check_iommu(struct vfio_xen_health *health)
{
	autofree char *dir = file_path(health->ctx, "/sys/class/iommu");
	struct dirent **others;
	int nr = dir ? scandir(dir, &others, is_other_iommu, alphasort) : -1;

	if (nr > 0)
		health_say(health, "iommu", VFIO_XEN_FAIL,
			   "boot a kernel without that driver",
			   "another IOMMU driver has registered %s, so "
			   "vfio-xen-iommu cannot",
			   others[0]->d_name);
	for (int i = 0; i < nr; i++)
		free(others[i]);
	if (nr >= 0)
		free(others);
}

/* ---- what is beside it ---- */

void health_check_pciback(struct vfio_xen_health *health)
{
	if (file_exists(health->ctx, "/sys/module/xen_pciback"))
		health_say(health, "pciback", VFIO_XEN_WARN,
			   "unload xen-pciback, and take it from "
			   "/etc/modules; see vfio-xen-drop-in(8)",
			   "xen-pciback is loaded: PV guests cannot have "
			   "devices of vfio-xen-pci");
	else
		health_say(health, "pciback", VFIO_XEN_OK, NULL,
			   "xen-pciback is not in the way");
}

/* Without systemd nothing is missing: vfio-xen-dm then runs as a daemon. */
void health_check_service(struct vfio_xen_health *health)
{
	static const char *const dirs[] = { "/etc/systemd/system",
					    "/usr/local/lib/systemd/system",
					    "/usr/lib/systemd/system",
					    "/lib/systemd/system" };

	if (!file_exists(health->ctx, "/run/systemd/system"))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (file_exists(health->ctx, "%s/vfio-xen-dm@.service",
				dirs[i]))
			return;
	health_say(health, "service", VFIO_XEN_WARN,
		   "install vfio-xen again, with systemd's directory "
		   "(--with-systemdunitdir)",
		   "systemd has no vfio-xen-dm@.service: guests cannot have "
		   "devices");
}

/* ---- xl ---- */

#ifndef XENLIGHT_SONAME
#define XENLIGHT_SONAME ""
#endif

/* The first xl in PATH counts. */
static bool xl_has_plugin(struct vfio_xen_ctx *ctx)
{
	static const char *const places[] = { "/usr/local/sbin/xl",
					      "/usr/sbin/xl" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (file_exists(ctx, "%s", places[i]))
			return file_count_lines(ctx, "libxl-vfio-xen.so", "%s",
						places[i]);
	return false;
}

/* "libxenlight.so.4.20" belongs to Xen 4.20. */
static bool is_for_this_xen(struct vfio_xen_ctx *ctx)
{
	autofree char *version = host_read_xen_version(ctx);
	const char *soname = XENLIGHT_SONAME;
	size_t len;

	if (!version || !*soname)
		return true;
	soname += strlen("libxenlight.so.");
	len = strlen(soname);
	return !strncmp(version, soname, len) &&
	       !strchr("0123456789", version[len] ? version[len] : '.');
}

void health_check_xl(struct vfio_xen_health *health)
{
	if (!host_is_xen(health->ctx))
		return;
	if (!xl_has_plugin(health->ctx))
		health_say(
			health, "xl", VFIO_XEN_WARN,
			"install xl-vfio-xen, or use vfio-xen-ctl attach",
			"xl does not know devices of vfio-xen-pci: it has no "
			"plugin");
	else if (!is_for_this_xen(health->ctx))
		health_say(
			health, "xl", VFIO_XEN_WARN,
			"install the xl-vfio-xen of this Xen",
			"xl runs without its plugin, which is for " XENLIGHT_SONAME);
	else
		health_say(health, "xl", VFIO_XEN_OK, NULL,
			   "xl has its plugin");
}
