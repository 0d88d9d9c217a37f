/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that tells the next supervisor of a guest what its dead predecessor may have
 * left in Xen and xenstore. VFIO undoes its part by itself.
 */
#ifndef DM_RECORD_H
#define DM_RECORD_H

#include <stdbool.h>

#include "devices.h"

/*
 * The file is <run_dir>/<uuid>.json. It is missing if the guest has no devices and no
 * wanted ones.
 */
void record_write(struct devices *all);
/*
 * Whether the record is of a guest that was there a short time ago, and can still return
 * from a reboot. all->guest is its last domain then, and all->returns_by_s its time.
 */
bool record_finds_reboot(struct devices *all);
/*
 * Have @kind clean up, if there is a record of this very domain. How many devices
 * the guest had, and which: as this domain, or before it rebooted.
 */
unsigned int record_recover(struct devices *all,
			    const struct devices_kind *kind,
			    struct device_request requests[STATE_MAX_DEVICES]);

#endif
