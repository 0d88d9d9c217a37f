/* SPDX-License-Identifier: GPL-2.0 */
/*
 * BARs in I/O space that are mapped to I/O ports of an HVM guest.
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
 * struct guest_ports - the BARs in I/O space that are mapped to a guest
 * @guest:	the guest, if any BAR is mapped
 * @mapped:	a bit for each mapped BAR
 * @gport:	the first guest port of each mapped BAR
 * @undecoded:	the device does not decode its ports
 * @resets:	how many resets of it are under way
 * @lock:	protects all members; taken after igate and memory_lock of
 *		vfio_pci_core_device
 *
 * While @undecoded or @resets is set, no port is mapped in Xen.
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
