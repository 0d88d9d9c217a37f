// SPDX-License-Identifier: GPL-2.0
/*
 * Vectors that notify event channels: the interrupt handler sends the event
 * itself, and no process has to run for it.
 */
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/lockdep.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/vfio_pci_core.h>

#include <linux/vfio_xen.h>
#include <xen/vxi.h>

#include "evtchn.h"
#include "memory.h"

/*
 * The port is the handler's data: it never changes while the interrupt is
 * requested.
 */
static irqreturn_t send_event(int irq, void *data)
{
	vxi_evtchn_send((unsigned long)data);
	return IRQ_HANDLED;
}

static void *as_data(u32 port)
{
	return (void *)(unsigned long)port;
}

static void disconnect(struct vfio_pci_core_device *core,
		       struct evtchns *evtchns, unsigned int vector)
{
	u32 port = evtchns->ports[vector];

	if (!port)
		return;
	kfree(free_irq(pci_irq_vector(core->pdev, vector), as_data(port)));
	vxi_evtchn_close(port);
	evtchns->ports[vector] = 0;
}

static int connect(struct vfio_pci_core_device *core, struct evtchns *evtchns,
		   unsigned int vector, const struct vfio_irq_xen_evtchn *to)
{
	char *name;
	u32 port;
	int ret;

	disconnect(core, evtchns, vector);
	if (!to->port)
		return 0;

	ret = vxi_evtchn_connect(to->domid, to->port, &port);
	if (ret)
		return ret;
	ret = -ENOMEM;
	name = kasprintf(GFP_KERNEL_ACCOUNT, "vfio-xen-evtchn[%u](%s)", vector,
			 pci_name(core->pdev));
	if (!name)
		goto close_port;
	ret = request_irq(pci_irq_vector(core->pdev, vector), send_event, 0,
			  name, as_data(port));
	if (ret)
		goto free_name;
	evtchns->ports[vector] = port;
	return 0;

free_name:
	kfree(name);
close_port:
	vxi_evtchn_close(port);
	return ret;
}

static int enable(struct vfio_pci_core_device *core, struct evtchns *evtchns,
		  unsigned int index, unsigned int nr)
{
	unsigned int type = index == VFIO_PCI_MSIX_IRQ_INDEX ? PCI_IRQ_MSIX :
							       PCI_IRQ_MSI;
	u32 *ports = kcalloc(nr, sizeof(*ports), GFP_KERNEL_ACCOUNT);
	u16 command;
	int ret;

	if (!ports)
		return -ENOMEM;
	command = memory_lock(core);
	ret = pci_alloc_irq_vectors(core->pdev, nr, nr, type);
	memory_unlock(core, command);
	if (ret < 0) {
		kfree(ports);
		return ret;
	}
	evtchns->ports = ports;
	evtchns->nr = nr;
	/* vfio-pci-core then refuses all other indices. */
	core->irq_type = index;
	return 0;
}

int vxp_evtchns_set(struct vfio_pci_core_device *core, struct evtchns *evtchns,
		    const struct vfio_irq_set *hdr,
		    const struct vfio_irq_xen_evtchn *entries)
{
	bool was_enabled = evtchns->nr;
	unsigned int i;
	int ret = 0;

	lockdep_assert_held(&core->igate);

	if (was_enabled) {
		if (core->irq_type != hdr->index ||
		    hdr->start + hdr->count > evtchns->nr)
			return -EINVAL;
	} else {
		if (core->irq_type != VFIO_PCI_NUM_IRQS)
			return -EINVAL;
		ret = enable(core, evtchns, hdr->index,
			     hdr->start + hdr->count);
		if (ret)
			return ret;
	}

	for (i = 0; i < hdr->count && !ret; i++)
		ret = connect(core, evtchns, hdr->start + i, &entries[i]);
	if (ret && !was_enabled)
		vxp_evtchns_disable(core, evtchns);
	return ret;
}

void vxp_evtchns_disable(struct vfio_pci_core_device *core,
			 struct evtchns *evtchns)
{
	unsigned int vector;
	u16 command;

	lockdep_assert_held(&core->igate);

	if (!evtchns->nr)
		return;
	for (vector = 0; vector < evtchns->nr; vector++)
		disconnect(core, evtchns, vector);

	command = memory_lock(core);
	pci_free_irq_vectors(core->pdev);
	memory_unlock(core, command);
	kfree(evtchns->ports);
	evtchns->ports = NULL;
	evtchns->nr = 0;
	core->irq_type = VFIO_PCI_NUM_IRQS;
}
