// SPDX-License-Identifier: GPL-2.0
/*
 * BARs in I/O space that an HVM guest accesses by its own ports.
 */
#include <linux/bitops.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/vfio_pci_core.h>

#include <linux/vfio_xen.h>

#include "ports.h"

static bool is_out(const struct guest_ports *ports)
{
	return ports->undecoded || ports->resets;
}

/* Another domain may have the guest's domid by now. */
static void take_out(struct vfio_pci_core_device *core,
		     struct guest_ports *ports, unsigned int bar)
{
	if (!vxi_guest_is_gone(&ports->guest))
		vxi_guest_unmap_ports(&ports->guest, core->pdev, bar,
				      ports->gport[bar]);
}

static int put_in(struct vfio_pci_core_device *core, struct guest_ports *ports,
		  unsigned int bar)
{
	return vxi_guest_map_ports(&ports->guest, core->pdev, bar,
				   ports->gport[bar]);
}

static void unmap(struct vfio_pci_core_device *core, struct guest_ports *ports,
		  unsigned int bar)
{
	if (!is_out(ports))
		take_out(core, ports, bar);
	__clear_bit(bar, &ports->mapped);
}

static int map(struct vfio_pci_core_device *core, struct guest_ports *ports,
	       unsigned int bar, u16 gport)
{
	int ret;

	if (test_bit(bar, &ports->mapped))
		return -EEXIST;
	ret = vxi_guest_of(core->pdev, &ports->guest);
	if (ret)
		return ret;
	if (!ports->guest.hvm)
		return -EOPNOTSUPP;
	ports->gport[bar] = gport;
	ret = put_in(core, ports, bar);
	if (ret)
		return ret;
	/* Map once, to know that it works. */
	if (is_out(ports))
		take_out(core, ports, bar);
	__set_bit(bar, &ports->mapped);
	return 0;
}

int vxp_ports_set(struct vfio_pci_core_device *core, struct guest_ports *ports,
		  const struct vfio_device_feature_xen_ports *want)
{
	if (want->bar >= PCI_STD_NUM_BARS || want->map > 1)
		return -EINVAL;

	/* The guest keeps the device. */
	guard(mutex)(&core->igate);
	guard(mutex)(&ports->lock);
	if (want->map)
		return map(core, ports, want->bar, want->gport);
	if (test_bit(want->bar, &ports->mapped))
		unmap(core, ports, want->bar);
	return 0;
}

void vxp_ports_unmap_all(struct vfio_pci_core_device *core,
			 struct guest_ports *ports)
{
	unsigned int bar;

	guard(mutex)(&ports->lock);
	for_each_set_bit(bar, &ports->mapped, PCI_STD_NUM_BARS)
		unmap(core, ports, bar);
}

static void set_out(struct vfio_pci_core_device *core,
		    struct guest_ports *ports, bool undecoded,
		    unsigned int resets)
{
	bool was_out = is_out(ports);
	unsigned int bar;

	ports->undecoded = undecoded;
	ports->resets = resets;
	if (was_out == is_out(ports))
		return;
	for_each_set_bit(bar, &ports->mapped, PCI_STD_NUM_BARS) {
		if (!was_out)
			take_out(core, ports, bar);
		else if (put_in(core, ports, bar))
			dev_err_ratelimited(&core->pdev->dev,
					    "d%u has lost the ports of BAR %u\n",
					    ports->guest.domid, bar);
	}
}

void vxp_ports_set_decoding(struct vfio_pci_core_device *core,
			    struct guest_ports *ports, bool decoding)
{
	guard(mutex)(&ports->lock);
	set_out(core, ports, !decoding, ports->resets);
}

void vxp_ports_begin_reset(struct vfio_pci_core_device *core,
			   struct guest_ports *ports)
{
	guard(mutex)(&ports->lock);
	set_out(core, ports, ports->undecoded, ports->resets + 1);
}

void vxp_ports_end_reset(struct vfio_pci_core_device *core,
			 struct guest_ports *ports)
{
	guard(mutex)(&ports->lock);
	set_out(core, ports, ports->undecoded, ports->resets - 1);
}
