// SPDX-License-Identifier: GPL-2.0-only
/*
 * The MSI capability of the guest.
 */
#include "message.h"
#include "msi.h"

/* In struct state_hvm, the device's one vector is bit 0. */
#define MASK_BIT 1U

bool msi_is_enabled(const struct msi *msi)
{
	return msi->cap && (msi->state->msi_control & PCI_MSI_FLAGS_ENABLE);
}

int msi_connect(struct msi *msi)
{
	struct state_hvm *state = msi->state;
	struct vfio_irq_xen_guest entry = { 0 };
	int err;

	message_to_xen(&entry, state->msi_address, state->msi_data,
		       msi->mask_offset && (state->msi_mask & MASK_BIT));
	err = vfio_irq_connect(msi->vfio, VFIO_PCI_MSI_IRQ_INDEX, 0, 1, &entry);
	if (err == -ENOSPC)
		state->msi_control &= (uint16_t)~PCI_MSI_FLAGS_ENABLE;
	return err;
}

void msi_reset(struct msi *msi)
{
	msi->state->msi_control = 0;
	msi->state->msi_address = 0;
	msi->state->msi_data = 0;
	msi->state->msi_mask = 0;
	msi->state->refused = 0;
}

/* The features of the device, and those that the guest has enabled */
static uint32_t read_control(void *data, uint16_t offset)
{
	const struct msi *msi = data;
	uint32_t control;

	if (vfio_config_read(msi->vfio, offset, 2, &control))
		return 0;
	control &= PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_MASKBIT;
	return control | msi->state->msi_control;
}

static void write_control(void *data, uint16_t offset, uint32_t value)
{
	struct msi *msi = data;

	(void)offset;
	msi->state->msi_control = value & PCI_MSI_FLAGS_ENABLE;
	msi->changed(msi->changed_data);
}

static uint32_t read_address(void *data, uint16_t offset)
{
	const struct msi *msi = data;
	bool high = offset == msi->cap + PCI_MSI_ADDRESS_HI;

	return (uint32_t)(msi->state->msi_address >> (high ? 32 : 0));
}

static void write_address(void *data, uint16_t offset, uint32_t value)
{
	struct msi *msi = data;
	uint64_t address = msi->state->msi_address;

	if (offset == msi->cap + PCI_MSI_ADDRESS_HI)
		address = (uint32_t)address | (uint64_t)value << 32;
	else
		address = (address & ~0xffffffffULL) | (value & ~3U);
	msi->state->msi_address = address;
	msi->changed(msi->changed_data);
}

static uint32_t read_data(void *data, uint16_t offset)
{
	(void)offset;
	return ((const struct msi *)data)->state->msi_data;
}

static void write_data(void *data, uint16_t offset, uint32_t value)
{
	struct msi *msi = data;

	(void)offset;
	msi->state->msi_data = (uint16_t)value;
	msi->changed(msi->changed_data);
}

static uint32_t read_mask(void *data, uint16_t offset)
{
	(void)offset;
	return ((const struct msi *)data)->state->msi_mask;
}

/* Xen sees the mask that dom0's kernel writes, and holds back the interrupt. */
static void write_mask(void *data, uint16_t offset, uint32_t value)
{
	struct msi *msi = data;

	msi->state->msi_mask = value & MASK_BIT;
	if (msi_is_enabled(msi))
		vfio_config_write(msi->vfio, offset, 4, value & MASK_BIT);
}

static int add(struct msi *msi, struct config *config, unsigned int offset,
	       unsigned int size, uint32_t (*read)(void *data, uint16_t offset),
	       void (*write)(void *data, uint16_t offset, uint32_t value))
{
	struct config_field field = { (uint16_t)offset, (uint8_t)size, read,
				      write, msi };

	return config_add_field(config, &field);
}

int msi_init(struct msi *msi, struct config *config)
{
	uint32_t control;
	int err;

	msi->cap = vfio_find_capability(msi->vfio, PCI_CAP_ID_MSI);
	if (!msi->cap)
		return 0;
	err = vfio_config_read(msi->vfio, msi->cap + PCI_MSI_FLAGS, 2,
			       &control);
	if (err)
		return err;
	msi->data_offset = PCI_MSI_DATA_32;
	if (control & PCI_MSI_FLAGS_64BIT)
		msi->data_offset = PCI_MSI_DATA_64;
	if (control & PCI_MSI_FLAGS_MASKBIT)
		msi->mask_offset = msi->data_offset + 4;
	err = add(msi, config, msi->cap + PCI_MSI_FLAGS, 2, read_control,
		  write_control);
	if (!err)
		err = add(msi, config, msi->cap + PCI_MSI_ADDRESS_LO, 4,
			  read_address, write_address);
	if (!err && (control & PCI_MSI_FLAGS_64BIT))
		err = add(msi, config, msi->cap + PCI_MSI_ADDRESS_HI, 4,
			  read_address, write_address);
	if (!err)
		err = add(msi, config, msi->cap + msi->data_offset, 2,
			  read_data, write_data);
	if (!err && msi->mask_offset)
		err = add(msi, config, msi->cap + msi->mask_offset, 4,
			  read_mask, write_mask);
	return err;
}
