// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resets that a guest requests through configuration space.
 */
#include "reset.h"

/* The byte of PCI_EXP_DEVCTL with the bit, and the bit in it */
#define EXPRESS_BYTE (PCI_EXP_DEVCTL + 1)
#define EXPRESS_FLR (PCI_EXP_DEVCTL_BCR_FLR >> 8)

void reset_init(struct reset *reset, const struct vfio_device *vfio)
{
	const uint32_t advanced = PCI_AF_CAP_TP | PCI_AF_CAP_FLR;
	uint8_t cap;

	*reset = (struct reset){ .vfio = vfio };
	cap = vfio_find_capability(vfio, PCI_CAP_ID_EXP);
	if (cap && (vfio_config_value(vfio, cap + PCI_EXP_DEVCAP, 4) &
		    PCI_EXP_DEVCAP_FLR))
		reset->express = cap;
	cap = vfio_find_capability(vfio, PCI_CAP_ID_AF);
	if (cap && (vfio_config_value(vfio, cap + PCI_AF_CAP, 1) & advanced) ==
			   advanced)
		reset->advanced = cap;
	cap = vfio_find_capability(vfio, PCI_CAP_ID_PM);
	if (cap && !(vfio_config_value(vfio, cap + PCI_PM_CTRL, 2) &
		     PCI_PM_CTRL_NO_SOFT_RESET))
		reset->power = cap;
}

/* Whether the byte at @at is written, and its value */
static bool find_byte(uint32_t offset, unsigned int size, uint32_t value,
		      uint32_t at, uint32_t *byte)
{
	if (at < offset || at - offset >= size)
		return false;
	*byte = value >> 8 * (at - offset) & 0xff;
	return true;
}

static bool wakes_up(const struct reset *reset, uint32_t byte)
{
	uint32_t now =
		vfio_config_value(reset->vfio, reset->power + PCI_PM_CTRL, 2);

	return (now & PCI_PM_CTRL_STATE_MASK) == PCI_PM_CTRL_STATE_MASK &&
	       !(byte & PCI_PM_CTRL_STATE_MASK);
}

bool reset_is_asked(const struct reset *reset, uint32_t offset,
		    unsigned int size, uint32_t value)
{
	uint32_t byte;

	if (size > sizeof(value))
		return false;
	if (reset->express &&
	    find_byte(offset, size, value, reset->express + EXPRESS_BYTE,
		      &byte) &&
	    (byte & EXPRESS_FLR))
		return true;
	if (reset->advanced &&
	    find_byte(offset, size, value, reset->advanced + PCI_AF_CTRL,
		      &byte) &&
	    (byte & PCI_AF_CTRL_FLR))
		return true;
	return reset->power &&
	       find_byte(offset, size, value, reset->power + PCI_PM_CTRL,
			 &byte) &&
	       wakes_up(reset, byte);
}
