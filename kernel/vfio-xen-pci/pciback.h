/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A driver named pciback, for toolstacks that know how to assign its devices.
 */
#ifndef VFIO_XEN_PCI_PCIBACK_H
#define VFIO_XEN_PCI_PCIBACK_H

/* Nothing without the module parameter. Return: 0, or -errno after a message. */
int pciback_init(void);
void pciback_exit(void);

#endif
