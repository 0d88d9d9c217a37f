// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts for guests and event channels: hypercalls on behalf of device
 * drivers, restricted to the domains and devices that these may name.
 */
#include <linux/export.h>
#include <linux/pci.h>

#include <xen/vxi.h>

#include "compat/export.h"
#include "hypercall.h"
#include "xen_dev.h"

int vxi_guest_map_msi(const struct vxi_guest *guest, struct pci_dev *pdev,
		      bool msix, unsigned int vector, int *pirq)
{
	return vxi_hc_map_msi(guest->domid, vxi_sbdf_of(pdev), vector,
			      msix ? vxi_msix_table_base(pdev) : 0, pirq);
}
EXPORT_SYMBOL_NS_GPL(vxi_guest_map_msi, VXI_NS);

int vxi_guest_map_gsi(const struct vxi_guest *guest, int gsi, int *pirq)
{
	return vxi_hc_map_gsi(guest->domid, gsi, pirq);
}
EXPORT_SYMBOL_NS_GPL(vxi_guest_map_gsi, VXI_NS);

int vxi_guest_unmap_pirq(const struct vxi_guest *guest, int pirq)
{
	return vxi_hc_unmap_pirq(guest->domid, pirq);
}
EXPORT_SYMBOL_NS_GPL(vxi_guest_unmap_pirq, VXI_NS);

int vxi_guest_bind_msi(const struct vxi_guest *guest, int pirq, u64 address,
		       u32 data, u64 table, bool unmask)
{
	return vxi_hc_bind_guest_msi(guest->domid, pirq, address, data, table,
				     unmask);
}
EXPORT_SYMBOL_NS_GPL(vxi_guest_bind_msi, VXI_NS);

int vxi_guest_unbind_msi(const struct vxi_guest *guest, int pirq)
{
	return vxi_hc_unbind_guest_msi(guest->domid, pirq);
}
EXPORT_SYMBOL_NS_GPL(vxi_guest_unbind_msi, VXI_NS);

int vxi_guest_bind_intx(const struct vxi_guest *guest, int pirq, u8 slot,
			u8 pin)
{
	return vxi_hc_bind_guest_intx(guest->domid, pirq, slot, pin);
}
EXPORT_SYMBOL_NS_GPL(vxi_guest_bind_intx, VXI_NS);

int vxi_guest_unbind_intx(const struct vxi_guest *guest, int pirq, u8 slot,
			  u8 pin)
{
	return vxi_hc_unbind_guest_intx(guest->domid, pirq, slot, pin);
}
EXPORT_SYMBOL_NS_GPL(vxi_guest_unbind_intx, VXI_NS);

int vxi_restore_msi(struct pci_dev *pdev)
{
	return vxi_hc_restore_msi(vxi_sbdf_of(pdev));
}
EXPORT_SYMBOL_NS_GPL(vxi_restore_msi, VXI_NS);

int vxi_evtchn_connect(domid_t domid, u32 remote_port, u32 *port)
{
	return vxi_hc_bind_interdomain(domid, remote_port, port);
}
EXPORT_SYMBOL_NS_GPL(vxi_evtchn_connect, VXI_NS);

int vxi_evtchn_close(u32 port)
{
	return vxi_hc_close_port(port);
}
EXPORT_SYMBOL_NS_GPL(vxi_evtchn_close, VXI_NS);

int vxi_evtchn_send(u32 port)
{
	return vxi_hc_send(port);
}
EXPORT_SYMBOL_NS_GPL(vxi_evtchn_send, VXI_NS);
