/* SPDX-License-Identifier: GPL-2.0 */
/*
 * BARs in I/O space that an HVM guest reaches by ports of its own.
 */
#ifndef VXP_PORTS_H
#define VXP_PORTS_H

#include <linux/pci.h>
#include <linux/types.h>

#include <xen/vxi.h>

struct vfio_device_feature_xen_ports;
struct vfio_pci_core_device;

/**
 * struct guest_ports - what of a device is mapped
 * @guest:	for whom, if @mapped
 * @mapped:	a bit for each BAR
 * @gport:	each one's first port in the guest
 *
 * Locking: vfio_pci_core_device.igate.
 */
struct guest_ports {
	struct vxi_guest guest;
	unsigned long mapped;
	u16 gport[PCI_STD_NUM_BARS];
};

/* VFIO_DEVICE_FEATURE_XEN_PORTS: see linux/vfio_xen.h */
int vxp_ports_set(struct vfio_pci_core_device *core, struct guest_ports *ports,
		  const struct vfio_device_feature_xen_ports *want);

/* Under igate. */
void vxp_ports_unmap_all(struct vfio_pci_core_device *core,
			 struct guest_ports *ports);

#endif
