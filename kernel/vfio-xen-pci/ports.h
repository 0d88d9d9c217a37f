/* SPDX-License-Identifier: GPL-2.0 */
/*
 * BARs in I/O space that an HVM guest reaches by ports of its own.
 */
#ifndef VXP_PORTS_H
#define VXP_PORTS_H

#include <linux/mutex.h>
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
 * @undecoded:	the device does not decode its ports
 * @resets:	how many resets of it are under way
 * @lock:	for all of that; after igate and memory_lock of vfio_pci_core_device
 *
 * With @undecoded or @resets the guest has none of what is mapped.
 */
struct guest_ports {
	struct vxi_guest guest;
	unsigned long mapped;
	u16 gport[PCI_STD_NUM_BARS];
	bool undecoded;
	unsigned int resets;
	struct mutex lock; /* see above */
};

/* VFIO_DEVICE_FEATURE_XEN_PORTS: see linux/vfio_xen.h */
int vxp_ports_set(struct vfio_pci_core_device *core, struct guest_ports *ports,
		  const struct vfio_device_feature_xen_ports *want);

void vxp_ports_unmap_all(struct vfio_pci_core_device *core,
			 struct guest_ports *ports);

/* As vxi_guest_set_decoding() and its neighbours, for ports */
void vxp_ports_set_decoding(struct vfio_pci_core_device *core,
			    struct guest_ports *ports, bool decoding);
void vxp_ports_begin_reset(struct vfio_pci_core_device *core,
			   struct guest_ports *ports);
void vxp_ports_end_reset(struct vfio_pci_core_device *core,
			 struct guest_ports *ports);

#endif
