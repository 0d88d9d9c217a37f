/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VXI_SLEEP_H
#define VXI_SLEEP_H

/* From now on the host does not suspend while a guest has a device. */
void vxi_sleep_init(void);

#endif
