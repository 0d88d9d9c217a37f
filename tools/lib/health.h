/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the checks of a host's health share.
 *
 * A check says one thing, or one of each of several devices. Its text is about what is
 * there, its advice about what to do, and both belong to the check.
 */
#ifndef VFIO_XEN_HEALTH_H
#define VFIO_XEN_HEALTH_H

#include "internal.h"

/* What the checks look at, and what they have said so far. */
struct vfio_xen_health {
	struct vfio_xen_ctx *ctx;
	char *release; /* of the running kernel */
	char *xen_log; /* NULL: it cannot be read */
	bool xen_log_is_whole; /* its beginning is still there */
	const struct vfio_xen_config *config;
	struct vfio_xen_finding *findings;
	size_t nr;
	int err;
};

struct vfio_xen_finding {
	const char *check;
	enum vfio_xen_health_level level;
	char *text;
	char *advice; /* NULL: none */
};

/* finding.c: add a finding: @advice, or NULL, and a text. */
void health_say(struct vfio_xen_health *health, const char *check,
		enum vfio_xen_health_level level, const char *advice,
		const char *fmt, ...) check_format(5, 6);

/* health_xen.c: the hypervisor, and dom0 in it */
void health_check_xen(struct vfio_xen_health *health);
void health_check_dom0(struct vfio_xen_health *health);
void health_check_xen_iommu(struct vfio_xen_health *health);
void health_check_remapping(struct vfio_xen_health *health);
void health_check_interrupts(struct vfio_xen_health *health);
void health_check_log_level(struct vfio_xen_health *health);
/* Whether Xen's log says that interrupts are remapped, as far as there is one. */
bool health_is_remapping(const struct vfio_xen_health *health);
/* Whether modprobe.d has isolated_msi=1, so that it is set from the next boot on. */
bool health_gets_isolated_msi(const struct vfio_xen_health *health);

/* health_host.c: kernels, modules and programs */
void health_check_module(struct vfio_xen_health *health);
void health_check_kernels(struct vfio_xen_health *health);
void health_check_iommu(struct vfio_xen_health *health);
void health_check_pciback(struct vfio_xen_health *health);
void health_check_user(struct vfio_xen_health *health);
void health_check_service(struct vfio_xen_health *health);
void health_check_xl(struct vfio_xen_health *health);

/* health_devices.c: devices and groups */
void health_check_late(struct vfio_xen_health *health);
void health_check_persistent(struct vfio_xen_health *health);
void health_check_groups(struct vfio_xen_health *health);
void health_check_resets(struct vfio_xen_health *health);
void health_check_reserved(struct vfio_xen_health *health);

#endif
