/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The supervisor: for one guest, holds everything that outlives a worker.
 */
#ifndef DM_SUPERVISOR_H
#define DM_SUPERVISOR_H

#include <stdint.h>

#include "guest.h"
#include "vfio-xen.h"

struct supervisor_options {
	struct guest guest; /* identified by its UUID */
	const char *run_dir;
	uint32_t first_uid; /* of workers: that of domain 0, if it had one */
	enum vfio_xen_iommu iommu; /* for requests without one */
	unsigned int restart_timeout_s; /* for a rebooting guest */
	unsigned int removal_timeout_s; /* for the host's requests */
	int ready_fd; /* gets a byte when requests are accepted; -1: none */
};

/* Exit status: no such guest, so a restart is useless */
#define EXIT_NO_GUEST 3

/*
 * Runs until the guest has ended, or has had no device for a while. Returns the exit
 * status.
 */
int supervisor_main(const struct supervisor_options *options);

#endif
