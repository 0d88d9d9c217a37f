/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A driver named pciback, for toolstacks that know how to assign its devices.
 */
#ifndef VXP_PCIBACK_H
#define VXP_PCIBACK_H

/*
 * Does nothing without the module parameter. Return: 0, or -errno after a
 * message.
 */
int vxp_pciback_init(void);
void vxp_pciback_exit(void);

#endif
