// SPDX-License-Identifier: GPL-2.0
/*
 * Vectors that Xen delivers to the guest which has the device: neither dom0's
 * kernel nor a process runs for them.
 *
 * Xen maps a pirq in the guest for each vector. A PV guest binds it to an event
 * channel by itself; for an HVM guest Xen is told the message or the pin.
 */
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/lockdep.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vfio_pci_core.h>

#include <linux/vfio_xen.h>
#include <xen/events.h>
#include <xen/vxi.h>

#include "guest_irqs.h"
#include "intx.h"
#include "memory.h"
#include "pirqs.h"

/* Messages are writes to the page of the local APIC */
#define MESSAGE_BASE	0xfee00000U
#define MESSAGE_MASK	0xfff00000U

/**
 * struct guest_vector - a vector of a device that goes to a guest
 * @connected:	the rest means something
 * @pirq:	the guest's number for it
 * @slot:	INTx of an HVM guest: where it goes
 * @pin:	the same
 */
struct guest_vector {
	bool connected;
	int pirq;
	u8 slot;
	u8 pin;
};

/*
 * Return: the machine's line behind a device's INTA, or -errno. Firmware can
 * leave INTA unconnected: then the number is unused, or belongs to some other
 * interrupt, for which the kernel would BUG() if asked for the pirq.
 */
static int gsi_of(const struct pci_dev *pdev)
{
	const struct irq_chip *chip = irq_get_chip(pdev->irq);

	if (!chip || !chip->name || strcmp(chip->name, "xen-pirq"))
		return -ENODEV;
	return xen_pirq_from_irq(pdev->irq);
}

static void disconnect_intx(struct vfio_pci_core_device *core,
			    struct guest_irqs *irqs,
			    struct guest_vector *vector)
{
	bool gone = vxi_guest_is_gone(&irqs->guest);

	vxp_intx_hold(core);
	if (irqs->guest.hvm && !gone)
		vxi_guest_unbind_intx(&irqs->guest, vector->pirq, vector->slot,
				      vector->pin);
	vxp_pirqs_unmap(&irqs->guest, vector->pirq, gone);
	vxp_line_release(&irqs->line);
}

static void disconnect_msi(struct guest_irqs *irqs, struct guest_vector *vector)
{
	bool gone = vxi_guest_is_gone(&irqs->guest);

	if (irqs->guest.hvm && !gone)
		vxi_guest_unbind_msi(&irqs->guest, vector->pirq);
	vxp_pirqs_unmap(&irqs->guest, vector->pirq, gone);
}

static void disconnect(struct vfio_pci_core_device *core,
		       struct guest_irqs *irqs, struct guest_vector *vector)
{
	u16 command;

	if (!vector->connected)
		return;
	if (irqs->index == VFIO_PCI_INTX_IRQ_INDEX) {
		disconnect_intx(core, irqs, vector);
	} else {
		command = memory_lock(core);
		disconnect_msi(irqs, vector);
		memory_unlock(core, command);
	}
	vector->connected = false;
}

static int connect_intx(struct vfio_pci_core_device *core,
			struct guest_irqs *irqs, struct guest_vector *vector,
			const struct vfio_irq_xen_guest *to)
{
	int gsi = gsi_of(core->pdev);
	int ret;

	disconnect(core, irqs, vector);
	if (gsi < 0)
		return gsi;
	ret = vxp_line_take(core, &irqs->line,
			    to->flags & VFIO_IRQ_XEN_GUEST_SHARED);
	if (ret)
		return ret;

	/* A PV guest reads the number from its INTERRUPT_LINE. */
	vector->pirq = to->flags & VFIO_IRQ_XEN_GUEST_PIRQ ? to->pirq : gsi;
	ret = vxp_pirqs_map_gsi(&irqs->guest, gsi, vector->pirq);
	if (ret)
		goto release;
	if (irqs->guest.hvm)
		ret = vxi_guest_bind_intx(&irqs->guest, vector->pirq, to->slot,
					  to->pin);
	if (ret)
		goto unmap;
	vector->slot = to->slot;
	vector->pin = to->pin;
	vector->connected = true;
	return 0;

unmap:
	vxp_pirqs_unmap(&irqs->guest, vector->pirq, false);
release:
	vxp_line_release(&irqs->line);
	return ret;
}

static u16 control_offset(const struct pci_dev *pdev, unsigned int index)
{
	return index == VFIO_PCI_MSIX_IRQ_INDEX ?
	       pdev->msix_cap + PCI_MSIX_FLAGS : pdev->msi_cap + PCI_MSI_FLAGS;
}

static u16 control_enable(unsigned int index)
{
	return index == VFIO_PCI_MSIX_IRQ_INDEX ? PCI_MSIX_FLAGS_ENABLE :
						  PCI_MSI_FLAGS_ENABLE;
}

/*
 * Xen writes messages, and leaves it to dom0 to enable them and to disable
 * INTx. A reset clears both, so more must be restored if the vectors were
 * enabled before. INTx stays off until it is connected.
 */
static void arm(struct vfio_pci_core_device *core, struct guest_irqs *irqs)
{
	struct pci_dev *pdev = core->pdev;
	u16 offset = control_offset(pdev, irqs->index);
	u16 enable = control_enable(irqs->index);
	u16 control;

	pci_read_config_word(pdev, offset, &control);
	if (control & enable)
		return;
	if (irqs->armed)
		vxi_restore_msi(pdev);
	pci_intx(pdev, 0);
	pci_write_config_word(pdev, offset, control | enable);
	irqs->armed = true;
}

static void disarm(struct vfio_pci_core_device *core, struct guest_irqs *irqs)
{
	struct pci_dev *pdev = core->pdev;
	u16 offset = control_offset(pdev, irqs->index);
	u16 control;

	if (!irqs->armed)
		return;
	pci_read_config_word(pdev, offset, &control);
	pci_write_config_word(pdev, offset,
			      control & ~control_enable(irqs->index));
	irqs->armed = false;
}

static int map_vector(struct vfio_pci_core_device *core,
		      struct guest_irqs *irqs, struct guest_vector *vector,
		      const struct vfio_irq_xen_guest *to)
{
	bool msix = irqs->index == VFIO_PCI_MSIX_IRQ_INDEX;

	vector->pirq = to->flags & VFIO_IRQ_XEN_GUEST_PIRQ ? to->pirq : -1;
	return vxp_pirqs_map_msi(&irqs->guest, core->pdev, msix,
				 vector - irqs->vectors, &vector->pirq);
}

/* Any other message would be a write to memory, which Xen does not deliver. */
static bool is_message(u64 address)
{
	return (lower_32_bits(address) & MESSAGE_MASK) == MESSAGE_BASE;
}

static int bind_vector(struct guest_irqs *irqs, struct guest_vector *vector,
		       const struct vfio_irq_xen_guest *to)
{
	if (!irqs->guest.hvm)
		return 0;
	if (!is_message(to->address))
		return -EINVAL;
	return vxi_guest_bind_msi(&irqs->guest, vector->pirq, to->address,
				  to->data, to->table,
				  to->flags & VFIO_IRQ_XEN_GUEST_UNMASKED);
}

static bool is_other_pirq(const struct guest_vector *vector,
			  const struct vfio_irq_xen_guest *to)
{
	return vector->connected && (to->flags & VFIO_IRQ_XEN_GUEST_PIRQ) &&
	       vector->pirq != to->pirq;
}

static int connect_msi(struct vfio_pci_core_device *core,
		       struct guest_irqs *irqs, struct guest_vector *vector,
		       const struct vfio_irq_xen_guest *to)
{
	bool was_connected;
	u16 command;
	int ret = 0;

	if (is_other_pirq(vector, to))
		disconnect(core, irqs, vector);

	command = memory_lock(core);
	was_connected = vector->connected;
	if (vxi_decode_is_asleep(core->pdev)) {
		memory_unlock(core, command);
		return -EIO;
	}
	if (!was_connected)
		ret = map_vector(core, irqs, vector, to);
	if (!ret) {
		ret = bind_vector(irqs, vector, to);
		vector->connected = !ret;
		if (!ret)
			arm(core, irqs);
		else if (was_connected)
			disconnect_msi(irqs, vector);
		else
			vxp_pirqs_unmap(&irqs->guest, vector->pirq, false);
	}
	memory_unlock(core, command);
	return ret;
}

/*
 * Xen cannot mask a single vector of a device that sleeps: it would mask all, for
 * as long as any is mapped.
 */
static bool must_wait(const struct vfio_pci_core_device *core,
		      const struct guest_irqs *irqs)
{
	return irqs->index != VFIO_PCI_INTX_IRQ_INDEX &&
	       vxi_decode_is_asleep(core->pdev);
}

static int set_one(struct vfio_pci_core_device *core, struct guest_irqs *irqs,
		   struct guest_vector *vector, struct vfio_irq_xen_guest *to)
{
	int ret = 0;

	if (must_wait(core, irqs))
		ret = -EIO;
	else if (!(to->flags & VFIO_IRQ_XEN_GUEST_CONNECT))
		disconnect(core, irqs, vector);
	else if (irqs->index == VFIO_PCI_INTX_IRQ_INDEX)
		ret = connect_intx(core, irqs, vector, to);
	else
		ret = connect_msi(core, irqs, vector, to);
	to->pirq = vector->connected ? vector->pirq : -1;
	return ret;
}

static void unmask_all(struct vfio_pci_core_device *core)
{
	u16 command = memory_lock(core);

	if (!vxi_decode_is_asleep(core->pdev))
		vxi_guest_unmask_msix(core->pdev);
	memory_unlock(core, command);
}

static int enable(struct vfio_pci_core_device *core, struct guest_irqs *irqs,
		  unsigned int index, unsigned int nr)
{
	int ret = vxi_guest_of(core->pdev, &irqs->guest);

	if (ret)
		return ret;
	irqs->vectors = kcalloc(nr, sizeof(*irqs->vectors), GFP_KERNEL_ACCOUNT);
	if (!irqs->vectors)
		return -ENOMEM;
	irqs->nr = nr;
	irqs->index = index;
	if (index == VFIO_PCI_MSIX_IRQ_INDEX)
		unmask_all(core);
	/*
	 * vfio-pci-core then refuses all other indices. It must not assume that
	 * it has INTx, because it would use its context for that.
	 */
	if (index != VFIO_PCI_INTX_IRQ_INDEX)
		core->irq_type = index;
	return 0;
}

int vxp_guest_irqs_set(struct vfio_pci_core_device *core,
		       struct guest_irqs *irqs, const struct vfio_irq_set *hdr,
		       struct vfio_irq_xen_guest *entries, unsigned int nr)
{
	bool was_enabled = irqs->nr;
	unsigned int i;
	int ret;

	lockdep_assert_held(&core->igate);

	if (was_enabled) {
		if (irqs->index != hdr->index)
			return -EINVAL;
		ret = vxi_guest_check(&irqs->guest);
	} else {
		if (core->irq_type != VFIO_PCI_NUM_IRQS)
			return -EINVAL;
		ret = enable(core, irqs, hdr->index, nr);
	}

	for (i = 0; i < hdr->count && !ret; i++)
		ret = set_one(core, irqs, &irqs->vectors[hdr->start + i],
			      &entries[i]);
	if (ret && !was_enabled)
		vxp_guest_irqs_disable(core, irqs);
	return ret;
}

bool vxp_guest_irqs_can_have_intx(const struct vfio_pci_core_device *core)
{
	return gsi_of(core->pdev) >= 0;
}

bool vxp_guest_irqs_have_intx(const struct guest_irqs *irqs)
{
	return irqs->nr && irqs->index == VFIO_PCI_INTX_IRQ_INDEX &&
	       irqs->vectors[0].connected && !READ_ONCE(irqs->line.throttled);
}

void vxp_guest_irqs_rearm(struct vfio_pci_core_device *core,
			  struct guest_irqs *irqs)
{
	u16 command;

	lockdep_assert_held(&core->igate);

	if (!irqs->armed)
		return;
	command = memory_lock(core);
	/* It is done when the device wakes. */
	if (!vxi_decode_is_asleep(core->pdev))
		arm(core, irqs);
	memory_unlock(core, command);
}

void vxp_guest_irqs_disable(struct vfio_pci_core_device *core,
			    struct guest_irqs *irqs)
{
	unsigned int i;

	lockdep_assert_held(&core->igate);

	if (!irqs->nr)
		return;
	disarm(core, irqs);
	for (i = 0; i < irqs->nr; i++)
		disconnect(core, irqs, &irqs->vectors[i]);
	kfree(irqs->vectors);
	irqs->vectors = NULL;
	irqs->nr = 0;
	core->irq_type = VFIO_PCI_NUM_IRQS;
}
