/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Recovery of a device from a fatal error on its PCI Express link.
 *
 * Linux resets the link, and with it all devices below the port. The callbacks
 * for resets are not called then. A device loses its configuration, so that it
 * decodes no BAR and raises no interrupt. From the report of the error until the
 * end of the recovery a guest is kept from the device as during any reset. Then
 * the configuration is restored to what it was when the device was opened.
 */
#ifndef VXP_RECOVERY_H
#define VXP_RECOVERY_H

#include <linux/types.h>
#include <linux/workqueue.h>

struct decode;

/**
 * struct recovery - a device's recovery
 * @decode:	keeps guests from the device
 * @after_reset: restores the interrupts
 * @is_running:	between begin and end; under the device's lock
 * @give_up:	ends a recovery that has failed, of which drivers are not told
 */
struct recovery {
	struct decode *decode;
	struct work_struct *after_reset;
	bool is_running;
	struct delayed_work give_up;
};

void vxp_recovery_init(struct recovery *recovery, struct decode *decode,
		       struct work_struct *after_reset);

/*
 * Call all of these with the device's lock held. Beginning again prolongs it; ending what
 * is not running does nothing.
 */
void vxp_recovery_begin(struct recovery *recovery);
void vxp_recovery_end(struct recovery *recovery);

/* The driver is unbound. */
void vxp_recovery_stop(struct recovery *recovery);

#endif
