/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the checks of the host.
 *
 * A check reports one finding, or one for each of several devices. The text
 * says what was found, the advice says what to do.
 */
#ifndef VFIO_XEN_HEALTH_H
#define VFIO_XEN_HEALTH_H

#include "internal.h"

/* The input of the checks, and their findings so far */
struct vfio_xen_health {
	struct vfio_xen_ctx *ctx;
	char *release; /* of the running kernel */
	char *xen_log; /* Xen's own messages, one a line; NULL: unreadable */
	bool xen_log_is_whole; /* its beginning is not overwritten */
	const struct vfio_xen_config *config;
	struct vfio_xen_finding *findings;
	size_t nr;
	int err;
};

struct vfio_xen_finding {
	const char *check;
	enum vfio_xen_health_level level;
	char *text;
	char *advice; /* may be NULL */
};

/* finding.c: add a finding: @advice, or NULL, and a text. */
void health_say(struct vfio_xen_health *health, const char *check,
		enum vfio_xen_health_level level, const char *advice,
		const char *fmt, ...) check_format(5, 6);

/* health_xen.c: the first message of Xen's log that begins with this, or NULL */
const char *health_find_message(const struct vfio_xen_health *health,
				const char *text);

/* health_xen.c: the hypervisor, and dom0 in it */
void health_check_xen(struct vfio_xen_health *health);
void health_check_dom0(struct vfio_xen_health *health);
void health_check_xen_iommu(struct vfio_xen_health *health);
void health_check_remapping(struct vfio_xen_health *health);
void health_check_interrupts(struct vfio_xen_health *health);
void health_check_log_level(struct vfio_xen_health *health);
/*
 * Whether Xen's log says that interrupts are remapped. False if the log is
 * unreadable.
 */
bool health_is_remapping(const struct vfio_xen_health *health);
/*
 * Whether modprobe.d sets isolated_msi=1, so that it takes effect at the next
 * boot.
 */
bool health_gets_isolated_msi(const struct vfio_xen_health *health);

/* health_host.c: kernels, modules and programs */
void health_check_module(struct vfio_xen_health *health);
void health_check_kernels(struct vfio_xen_health *health);
void health_check_iommu(struct vfio_xen_health *health);
void health_check_pciback(struct vfio_xen_health *health);
void health_check_service(struct vfio_xen_health *health);
void health_check_xl(struct vfio_xen_health *health);

/* health_devices.c: devices and groups */
void health_check_late(struct vfio_xen_health *health);
void health_check_persistent(struct vfio_xen_health *health);
void health_check_groups(struct vfio_xen_health *health);
void health_check_resets(struct vfio_xen_health *health);
void health_check_reserved(struct vfio_xen_health *health);

#endif
