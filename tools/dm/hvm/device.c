// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device in an HVM guest: the effects of its registers.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include "device.h"

#define MULTIFUNCTION 0x80
#define FIRST_PIN 1

static void irqs_changed(void *data)
{
	struct hvm_device *dev = data;

	irqs_update(&dev->irqs, dev->command);
}

/*
 * Interrupts come first when decoding ends, because Xen accesses the MSI-X table through
 * a BAR; they come last when it starts.
 */
static void write_command(void *data, uint16_t offset, uint32_t value)
{
	struct hvm_device *dev = data;

	dev->command = (uint16_t)value;
	irqs_update(&dev->irqs, dev->command);
	bars_leave(&dev->bars, dev->command);
	vfio_config_write(dev->vfio, offset, 2, value);
	bars_enter(&dev->bars, dev->command);
	irqs_update(&dev->irqs, dev->command);
}

static void write_bar(void *data, uint16_t offset, uint32_t value)
{
	struct hvm_device *dev = data;

	vfio_config_write(dev->vfio, offset, 4, value);
	bars_leave(&dev->bars, dev->command);
	bars_enter(&dev->bars, dev->command);
	irqs_update(&dev->irqs, dev->command);
}

/*
 * Between the guest's eject and the release of the slot, a scan for new devices must not
 * find this one again. While it is bus master, its driver still needs to see it.
 */
static uint32_t read_id(void *data, uint16_t offset)
{
	struct hvm_device *dev = data;
	uint32_t value;

	if ((dev->state->leaving && !(dev->command & PCI_COMMAND_MASTER)) ||
	    vfio_config_read(dev->vfio, offset, 4, &value))
		return ~0U;
	return value;
}

/* The guest sees one function, even if the slot has more on the host. */
static uint32_t read_header_type(void *data, uint16_t offset)
{
	struct hvm_device *dev = data;
	uint32_t value;

	if (vfio_config_read(dev->vfio, offset, 1, &value))
		return 0;
	return value & ~(uint32_t)MULTIFUNCTION;
}

static uint32_t read_pin(void *data, uint16_t offset)
{
	struct hvm_device *dev = data;

	(void)offset;
	return vfio_has_intx(dev->vfio) ? FIRST_PIN : 0;
}

static int add_fields(struct hvm_device *dev)
{
	const struct config_field fields[] = {
		{ PCI_VENDOR_ID, 4, read_id, NULL, dev },
		{ PCI_COMMAND, 2, NULL, write_command, dev },
		{ PCI_HEADER_TYPE, 1, read_header_type, NULL, dev },
		{ PCI_BASE_ADDRESS_0, 4, NULL, write_bar, dev },
		{ PCI_BASE_ADDRESS_1, 4, NULL, write_bar, dev },
		{ PCI_BASE_ADDRESS_2, 4, NULL, write_bar, dev },
		{ PCI_BASE_ADDRESS_3, 4, NULL, write_bar, dev },
		{ PCI_BASE_ADDRESS_4, 4, NULL, write_bar, dev },
		{ PCI_BASE_ADDRESS_5, 4, NULL, write_bar, dev },
		{ PCI_ROM_ADDRESS, 4, NULL, write_bar, dev },
		{ PCI_INTERRUPT_PIN, 1, read_pin, NULL, dev },
	};
	int err = 0;

	config_init(&dev->config, &dev->registers);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]) && !err; i++)
		err = config_add_field(&dev->config, &fields[i]);
	if (!err)
		err = msi_init(&dev->msi, &dev->config);
	return err ? err : msix_init(&dev->msix, &dev->config);
}

/* Checks for RAM, other devices and other BARs of this one */
static bool is_free(void *data, const struct bars *bars, uint64_t address,
		    uint64_t size)
{
	const struct hvm_devices *all = data;

	(void)bars;
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++)
		if (all->devices[i] &&
		    bars_overlap(&all->devices[i]->bars, address, size))
			return false;
	return !guest_memory_is_ram(all->memory, address, size);
}

static void init_parts(struct hvm_device *dev, struct hvm_devices *all,
		       unsigned int slot)
{
	dev->msi = (struct msi){
		.vfio = dev->vfio,
		.state = dev->state,
		.changed = irqs_changed,
		.changed_data = dev,
	};
	dev->msix = (struct msix){
		.vfio = dev->vfio,
		.state = dev->state,
		.name = dev->name,
		.changed = irqs_changed,
		.changed_data = dev,
	};
	dev->bars = (struct bars){
		.vfio = dev->vfio,
		.server = &all->server,
		.state = dev->state->bars,
		.name = dev->name,
		.is_free = is_free,
		.data = all,
	};
	dev->irqs = (struct irqs){
		.vfio = dev->vfio,
		.state = dev->state,
		.msi = &dev->msi,
		.msix = &dev->msix,
		.bars = &dev->bars,
		.slot = slot,
		.name = dev->name,
	};
}

static void hide_table(struct hvm_device *dev)
{
	const struct msix *msix = &dev->msix;

	dev->bars.hidden[0] = (struct bars_hidden){ msix->table_bar,
						    msix->table_offset,
						    msix_table_size(msix) };
	dev->bars.hidden[1] = (struct bars_hidden){ msix->pending_bar,
						    msix->pending_offset,
						    msix_pending_size(msix) };
}

/* As after a reset: the guest finds an unconfigured device. */
static void clear_registers(struct hvm_device *dev)
{
	dev->command = 0;
	msi_reset(&dev->msi);
	msix_reset(&dev->msix);
	vfio_config_write(dev->vfio, PCI_COMMAND, 2, 0);
	for (unsigned int i = 0; i < VFIO_NR_BARS; i++)
		vfio_config_write(dev->vfio, PCI_BASE_ADDRESS_0 + 4 * i, 4, 0);
	vfio_config_write(dev->vfio, PCI_ROM_ADDRESS, 4, 0);
	vfio_config_write(dev->vfio, PCI_INTERRUPT_LINE, 1, 0);
}

/* What the guest has of the device */
static void withdraw(struct hvm_device *dev)
{
	irqs_disconnect(&dev->irqs);
	bars_leave(&dev->bars, 0);
	clear_registers(dev);
}

/* Continues the work of a predecessor, which may have died in the middle of a change. */
static int adopt(struct hvm_device *dev)
{
	uint32_t command;
	int err = vfio_config_read(dev->vfio, PCI_COMMAND, 2, &command);

	if (err)
		return err;
	dev->command = (uint16_t)command;
	if (dev->state->irq_index > VFIO_PCI_MSIX_IRQ_INDEX + 1)
		dev->state->irq_index = 0;
	bars_adopt(&dev->bars);
	bars_leave(&dev->bars, dev->command);
	return 0;
}

void hvm_device_resume(struct hvm_device *dev)
{
	bars_enter(&dev->bars, dev->command);
	irqs_update(&dev->irqs, dev->command);
}

int hvm_device_init(struct hvm_device *dev, struct hvm_devices *all,
		    const struct vfio_device *vfio, struct state_device *state)
{
	int err;

	*dev = (struct hvm_device){ .vfio = vfio, .state = &state->hvm };
	vfio_xen_sbdf_format(state->sbdf, dev->name);
	init_parts(dev, all, state->slot);
	registers_init(&dev->registers, vfio, dev->name, state->permissive);
	err = add_fields(dev);
	if (err)
		return err;
	hide_table(dev);
	reset_init(&dev->reset, vfio);
	dev->rom.vfio = vfio;
	if (dev->state->live)
		return adopt(dev);
	clear_registers(dev);
	dev->state->live = 1;
	return 0;
}

void hvm_device_clear(struct hvm_device *dev)
{
	withdraw(dev);
	rom_drop(&dev->rom);
	dev->state->live = 0;
}

uint32_t hvm_device_config_read(const struct hvm_device *dev, uint32_t offset,
				unsigned int size)
{
	uint32_t value;

	if (config_read(&dev->config, offset, size, &value))
		return ~0U;
	return value;
}

void hvm_device_config_write(struct hvm_device *dev, uint32_t offset,
			     unsigned int size, uint32_t value)
{
	bool resets = reset_is_asked(&dev->reset, offset, size, value);

	if (!config_write(&dev->config, offset, size, value) && resets)
		withdraw(dev);
}

/* Whether an access is to the MSI-X table, and the offset in it */
static bool in_table(const struct hvm_device *dev, unsigned int bar,
		     uint64_t offset, unsigned int size, uint64_t *at)
{
	uint64_t table_size = msix_table_size(&dev->msix);

	if (!table_size || bar != dev->msix.table_bar ||
	    offset < dev->msix.table_offset)
		return false;
	*at = offset - dev->msix.table_offset;
	return *at < table_size && size <= table_size - *at;
}

uint64_t hvm_device_bar_read(struct hvm_device *dev, unsigned int bar,
			     uint64_t offset, unsigned int size)
{
	uint64_t value = 0, at;
	int err;

	if (in_table(dev, bar, offset, size, &at))
		return msix_table_read(&dev->msix, at, size);
	if (bar == BARS_ROM)
		err = rom_read(&dev->rom, offset, &value, size);
	else
		err = vfio_bar_read(dev->vfio, bar, offset, &value, size);
	return err ? ~0ULL : value;
}

void hvm_device_bar_write(struct hvm_device *dev, unsigned int bar,
			  uint64_t offset, unsigned int size, uint64_t value)
{
	uint64_t at;

	if (in_table(dev, bar, offset, size, &at))
		msix_table_write(&dev->msix, at, size, value);
	else if (bar != BARS_ROM)
		vfio_bar_write(dev->vfio, bar, offset, &value, size);
}
