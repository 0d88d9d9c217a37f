// SPDX-License-Identifier: GPL-2.0
/*
 * BARs in I/O space that an HVM guest reaches by ports of its own.
 */
#include <linux/bitops.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/vfio_pci_core.h>

#include <linux/vfio_xen.h>

#include "ports.h"

static void unmap(struct vfio_pci_core_device *core, struct guest_ports *ports,
		  unsigned int bar)
{
	/* Another domain may have the guest's number by now. */
	if (!vxi_guest_is_gone(&ports->guest))
		vxi_guest_unmap_ports(&ports->guest, core->pdev, bar,
				      ports->gport[bar]);
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
	ret = vxi_guest_map_ports(&ports->guest, core->pdev, bar, gport);
	if (ret)
		return ret;
	ports->gport[bar] = gport;
	__set_bit(bar, &ports->mapped);
	return 0;
}

int vxp_ports_set(struct vfio_pci_core_device *core, struct guest_ports *ports,
		  const struct vfio_device_feature_xen_ports *want)
{
	if (want->bar >= PCI_STD_NUM_BARS || want->map > 1)
		return -EINVAL;

	guard(mutex)(&core->igate);
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

	lockdep_assert_held(&core->igate);

	for_each_set_bit(bar, &ports->mapped, PCI_STD_NUM_BARS)
		unmap(core, ports, bar);
}
