/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of shell domains in xenstore, for "xl list".
 */
#ifndef VXI_NAME_H
#define VXI_NAME_H

#include <xen/interface/xen.h>

/* Long enough for "vfio-xen:0000:00:00.0". */
#define SHELL_NAME_LEN	24

int vxi_name_init(void);
void vxi_name_exit(void);

/*
 * Both return at once and cannot fail: the work is done later, in the order of
 * the calls, so that a dead xenstored holds nobody up. Without a xenstored
 * shell domains simply have no name.
 */
void vxi_name_set(domid_t domid, const char *name);
void vxi_name_remove(domid_t domid, const char *name);

#endif
