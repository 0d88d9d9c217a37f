// SPDX-License-Identifier: GPL-2.0
/*
 * A device decodes everything that a guest has mapped of it.
 */
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/pci.h>
#include <linux/uaccess.h>
#include <linux/vfio_pci_core.h>

#include <xen/vxi.h>

#include "decode.h"
#include "ports.h"

#define COMMAND_BITS	(PCI_COMMAND_MEMORY | PCI_COMMAND_IO)

void vxp_decode_init(struct decode *decode, struct vfio_pci_core_device *core,
		     struct guest_ports *ports)
{
	mutex_init(&decode->lock);
	decode->core = core;
	decode->ports = ports;
}

void vxp_decode_destroy(struct decode *decode)
{
	mutex_destroy(&decode->lock);
}

static __le16 *virtual_command(const struct vfio_pci_core_device *core)
{
	return (__le16 *)&core->vconfig[PCI_COMMAND];
}

static bool has(const struct vfio_pci_core_device *core, u16 bit)
{
	return !vxi_decode_is_asleep(core->pdev) &&
	       le16_to_cpu(*virtual_command(core)) & bit;
}

bool vxp_decode_has_memory(const struct vfio_pci_core_device *core)
{
	return has(core, PCI_COMMAND_MEMORY) ||
	       (core->pdev->no_command_memory && !vxi_decode_is_asleep(core->pdev));
}

/*
 * While nobody has the device open, vfio-pci-core leaves it enabled and in D0.
 */
void vxp_decode_update(struct decode *decode)
{
	struct vfio_pci_core_device *core = decode->core;
	bool is_open = core->vconfig;

	lockdep_assert_held(&decode->lock);

	vxp_ports_set_decoding(core, decode->ports,
			       !is_open || has(core, PCI_COMMAND_IO));
	vxi_guest_set_decoding(core->pdev,
			       !is_open || vxp_decode_has_memory(core));
}

/*
 * Return: 0 if nothing of the device is mapped in the guest until
 * vxp_decode_update().
 */
static int take_out(struct decode *decode)
{
	vxp_ports_set_decoding(decode->core, decode->ports, false);
	return vxi_guest_set_decoding(decode->core->pdev, false);
}

/* ---- the two registers: the byte of each that matters ---- */

static bool is_power_control(const struct pci_dev *pdev, unsigned int offset)
{
	return pdev->pm_cap && offset == pdev->pm_cap + PCI_PM_CTRL;
}

static bool is_ours(const struct pci_dev *pdev, unsigned int offset)
{
	return offset == PCI_COMMAND || is_power_control(pdev, offset);
}

/* How many bytes precede the first protected register */
static size_t others_before(const struct pci_dev *pdev, unsigned int offset,
			    size_t count)
{
	size_t i;

	for (i = 0; i < count && i < PCI_CFG_SPACE_EXP_SIZE; i++)
		if (is_ours(pdev, offset + i))
			return i;
	return count;
}

/* Whether this write leaves the decoding unchanged */
static bool changes_nothing(const struct vfio_pci_core_device *core,
			    unsigned int offset, u8 value)
{
	u16 command = le16_to_cpu(*virtual_command(core)) & COMMAND_BITS;
	u16 mask = COMMAND_BITS;
	u8 hardware;

	if (is_power_control(core->pdev, offset))
		return !(value & PCI_PM_CTRL_STATE_MASK) &&
		       !vxi_decode_is_asleep(core->pdev);
	if ((value & COMMAND_BITS) != command ||
	    pci_user_read_config_byte(core->pdev, PCI_COMMAND, &hardware))
		return false;
	/* A virtual function has no such bit. */
	if (core->pdev->no_command_memory)
		mask &= ~PCI_COMMAND_MEMORY;
	/* The device may have been reset by its own means. */
	return (hardware & mask) == (command & mask);
}

/*
 * The user can change its buffer between two reads, so vfio-pci-core must not
 * read it here. The power state stays the same.
 */
static int write_kept(struct vfio_pci_core_device *core, unsigned int offset,
		      u8 value, u16 keep)
{
	int ret;

	if (offset != PCI_COMMAND)
		return 0;
	down_write(&core->memory_lock);
	ret = pci_user_write_config_byte(core->pdev, PCI_COMMAND, value | keep);
	*virtual_command(core) |= cpu_to_le16(keep);
	up_write(&core->memory_lock);
	return pcibios_err_to_errno(ret);
}

static ssize_t write_byte(struct decode *decode, const char __user *buf,
			  loff_t *ppos, bool always)
{
	struct vfio_pci_core_device *core = decode->core;
	unsigned int offset = *ppos & VFIO_PCI_OFFSET_MASK;
	u16 keep = always ? vxi_decode_bits(core->pdev) : 0;
	ssize_t ret;
	u8 value;

	if (get_user(value, (const u8 __user *)buf))
		return -EFAULT;
	if (always || changes_nothing(core, offset, value)) {
		ret = write_kept(core, offset, value, keep);
		if (ret)
			return ret;
		(*ppos)++;
		return 1;
	}
	ret = take_out(decode);
	if (!ret)
		ret = vfio_pci_core_write(&core->vdev, buf, 1, ppos);
	vxp_decode_update(decode);
	return ret;
}

static ssize_t write_part(struct decode *decode, const char __user *buf,
			  size_t count, loff_t *ppos, bool always)
{
	struct vfio_pci_core_device *core = decode->core;
	unsigned int offset = *ppos & VFIO_PCI_OFFSET_MASK;
	size_t others = others_before(core->pdev, offset, count);

	if (others)
		return vfio_pci_core_write(&core->vdev, buf, others, ppos);
	return write_byte(decode, buf, ppos, always);
}

static ssize_t write_for_guest(struct decode *decode, const char __user *buf,
			       size_t count, loff_t *ppos, bool always)
{
	size_t done = 0;

	while (done < count) {
		ssize_t ret = write_part(decode, buf + done, count - done, ppos,
					 always);

		if (ret <= 0)
			return done ?: ret;
		done += ret;
	}
	return done;
}

static bool concerns_us(const struct pci_dev *pdev, size_t count, loff_t pos)
{
	unsigned int offset = pos & VFIO_PCI_OFFSET_MASK;

	return VFIO_PCI_OFFSET_TO_INDEX(pos) == VFIO_PCI_CONFIG_REGION_INDEX &&
	       others_before(pdev, offset, count) < count;
}

ssize_t vxp_decode_write(struct decode *decode, const char __user *buf,
			 size_t count, loff_t *ppos)
{
	struct vfio_pci_core_device *core = decode->core;
	enum vxi_reach reach;
	ssize_t ret;

	if (!concerns_us(core->pdev, count, *ppos))
		return vfio_pci_core_write(&core->vdev, buf, count, ppos);

	ret = mutex_lock_killable(&decode->lock);
	if (ret)
		return ret;
	reach = vxi_guest_reach(core->pdev);
	if (reach == VXI_REACH_NONE) {
		ret = vfio_pci_core_write(&core->vdev, buf, count, ppos);
		vxp_decode_update(decode);
	} else {
		ret = write_for_guest(decode, buf, count, ppos,
				      reach == VXI_REACH_ALWAYS);
	}
	mutex_unlock(&decode->lock);
	return ret;
}

/* ---- resets ---- */

void vxp_decode_begin_reset(struct decode *decode)
{
	vxp_ports_begin_reset(decode->core, decode->ports);
	vxi_guest_begin_reset(decode->core->pdev);
}

/*
 * The holder of the lock checks again before it finishes. During a reset the
 * device is in D0.
 */
void vxp_decode_end_reset(struct decode *decode)
{
	if (mutex_trylock(&decode->lock)) {
		vxp_decode_update(decode);
		mutex_unlock(&decode->lock);
	}
	vxi_guest_end_reset(decode->core->pdev);
	vxp_ports_end_reset(decode->core, decode->ports);
}
