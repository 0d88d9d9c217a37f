/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The supervisor: holds all that outlives a worker, for one guest.
 */
#ifndef DM_SUPERVISOR_H
#define DM_SUPERVISOR_H

#include <stdint.h>

#include "guest.h"
#include "vfio-xen.h"

struct supervisor_options {
	struct guest guest; /* which one: the UUID is set */
	const char *run_dir;
	uint32_t first_uid; /* of workers: that of domain 0, if it had one */
	enum vfio_xen_iommu iommu; /* for requests that leave it open */
	unsigned int restart_timeout_s; /* for a guest that reboots */
	unsigned int removal_timeout_s; /* for one that the host wants back */
	int ready_fd; /* gets a byte when requests are taken; -1: none */
};

/* Exit status: there is no such guest, so that starting again is of no use */
#define EXIT_NO_GUEST 3

/* Runs until the guest is gone or has had no device for a while; exit status. */
int supervisor_main(const struct supervisor_options *options);

#endif
