// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of configuration space that guests may write.
 *
 * VFIO protects the host from the user of a device, but not the device from that user:
 * it passes on writes to all registers that it does not know. The table is stricter,
 * like xen-pciback: registers that it does not name need the administrator's
 * permission.
 */
#include <string.h>

#include "log_limited.h"
#include "registers.h"

#define MAX_EXTENDED ((REGISTERS_NR_BYTES - PCI_CFG_SPACE_SIZE) / 8)
#define WHOLE UINT16_MAX
/* A device with a version 2 capability reserves all of it. */
#define EXPRESS_SIZE_V2 0x3c

#define HEADER(access, offset, size) \
	REGISTERS_##access, REGISTERS_HEADER, 0, offset, size
#define CAPABILITY(access, id, offset, size) \
	REGISTERS_##access, REGISTERS_CAPABILITY, PCI_CAP_ID_##id, offset, size
#define EXTENDED(access, id, offset, size)                                   \
	REGISTERS_##access, REGISTERS_EXTENDED, PCI_EXT_CAP_ID_##id, offset, \
		size

const struct registers_row registers_rows[] = {
	{ "all other registers", REGISTERS_PERMISSIVE, REGISTERS_ELSEWHERE, 0,
	  0, REGISTERS_NR_BYTES,
	  "No standard says what they do; vendor-specific capabilities are among them." },

	{ "vendor and device ID", HEADER(NO, PCI_VENDOR_ID, 4),
	  "Drivers are chosen by them." },
	{ "command", HEADER(YES, PCI_COMMAND, 2),
	  "BARs and interrupts of the guest follow it; what Xen and dom0 rely on stays on." },
	{ "status", HEADER(NO, PCI_STATUS, 2),
	  "Errors on the bus are the host's to see and to clear." },
	{ "revision and class", HEADER(NO, PCI_CLASS_REVISION, 4),
	  "Drivers are chosen by them." },
	{ "cache line size, latency timer", HEADER(YES, PCI_CACHE_LINE_SIZE, 2),
	  "They concern this device's own transfers." },
	{ "header type", HEADER(NO, PCI_HEADER_TYPE, 1),
	  "It says what the other registers are." },
	{ "self-test", HEADER(YES, PCI_BIST, 1),
	  "It concerns this device alone." },
	{ "BARs", HEADER(COPY, PCI_BASE_ADDRESS_0, 24),
	  "The host decides which addresses a device decodes." },
	{ "CIS pointer, subsystem ID", HEADER(NO, PCI_CARDBUS_CIS, 8),
	  "Drivers are chosen by them." },
	{ "expansion ROM", HEADER(COPY, PCI_ROM_ADDRESS, 4),
	  "The host decides which addresses a device decodes." },
	{ "capabilities pointer", HEADER(NO, PCI_CAPABILITY_LIST, 8),
	  "VFIO hides capabilities." },
	{ "interrupt line", HEADER(COPY, PCI_INTERRUPT_LINE, 1),
	  "A PV guest finds the number of its interrupt there." },
	{ "interrupt pin, timing", HEADER(NO, PCI_INTERRUPT_PIN, 3),
	  "They describe the hardware." },

	{ "power management", CAPABILITY(NO, PM, 0, PCI_PM_SIZEOF),
	  "It describes the hardware." },
	{ "power management: control", CAPABILITY(YES, PM, PCI_PM_CTRL, 4),
	  "VFIO changes the power state, and takes BARs from the guest meanwhile." },
	{ "vital product data", CAPABILITY(YES, VPD, PCI_VPD_ADDR, 6),
	  "VFIO reads and writes it for the guest." },
	{ "MSI", CAPABILITY(COPY, MSI, 0, WHOLE),
	  "Xen programs the device; the guest could write to any memory otherwise." },
	{ "MSI-X", CAPABILITY(COPY, MSIX, 0, PCI_CAP_MSIX_SIZEOF),
	  "Xen programs the device; the guest could write to any memory otherwise." },
	{ "PCI-X", CAPABILITY(NO, PCIX, 0, 8), "It describes the hardware." },
	{ "PCI-X: command", CAPABILITY(YES, PCIX, PCI_X_CMD, 2),
	  "It concerns this device's own transfers." },
	{ "PCI Express", CAPABILITY(NO, EXP, 0, WHOLE),
	  "The link belongs to the host, as does the bridge at its other end." },
	{ "PCI Express: device control",
	  CAPABILITY(YES, EXP, PCI_EXP_DEVCTL, 2),
	  "VFIO does the reset; the payload size is a copy, as it depends on bridges." },
	{ "PCI Express: device control 2",
	  CAPABILITY(YES, EXP, PCI_EXP_DEVCTL2, 2),
	  "It concerns this device's own transfers; VFIO keeps ARI as it is." },
	{ "advanced features", CAPABILITY(NO, AF, 0, PCI_CAP_AF_SIZEOF),
	  "They describe the hardware." },
	{ "advanced features: control", CAPABILITY(YES, AF, PCI_AF_CTRL, 1),
	  "VFIO does the reset." },

	{ "error reporting", EXTENDED(YES, ERR, PCI_ERR_UNCOR_STATUS, 24),
	  "VFIO lets through the bits that mask and clear this device's errors." },
	{ "power budget: selector", EXTENDED(YES, PWR, PCI_PWR_DSR, 1),
	  "It selects what can be read." },
	{ "access control services", EXTENDED(NO, ACS, 0, 8),
	  "IOMMU groups follow from it." },
	{ "alternative routing-ID",
	  EXTENDED(NO, ARI, 0, PCI_EXT_CAP_ARI_SIZEOF),
	  "It changes the addresses of functions." },
	{ "address translation services",
	  EXTENDED(NO, ATS, 0, PCI_EXT_CAP_ATS_SIZEOF),
	  "Requests that the device has translated pass the IOMMU unchecked." },
	{ "SR-IOV", EXTENDED(NO, SRIOV, 0, PCI_EXT_CAP_SRIOV_SIZEOF),
	  "Its functions would appear in dom0." },
	{ "page requests", EXTENDED(NO, PRI, 0, PCI_EXT_CAP_PRI_SIZEOF),
	  "Xen does not answer them." },
	{ "resizable BARs", EXTENDED(NO, REBAR, 0, 52),
	  "A larger BAR would cover other devices." },
};

const size_t registers_nr_rows =
	sizeof(registers_rows) / sizeof(registers_rows[0]);

const char *registers_access_name(enum registers_access access)
{
	static const char *const names[] = {
		[REGISTERS_NO] = "no",
		[REGISTERS_COPY] = "copy",
		[REGISTERS_YES] = "yes",
		[REGISTERS_PERMISSIVE] = "permissive",
	};

	return names[access];
}

/* ---- where it is in a device ---- */

/* Returns for any list, even a looping one. */
static uint32_t find_extended(const struct vfio_device *vfio, uint16_t id)
{
	uint32_t offset = PCI_CFG_SPACE_SIZE, header;

	if (vfio->config_size <= offset)
		return 0;
	for (unsigned int i = 0; i < MAX_EXTENDED; i++) {
		header = vfio_config_value(vfio, offset, 4);
		if (!header)
			return 0;
		if (PCI_EXT_CAP_ID(header) == id)
			return offset;
		offset = PCI_EXT_CAP_NEXT(header);
		if (offset < PCI_CFG_SPACE_SIZE)
			return 0;
	}
	return 0;
}

static uint32_t msi_size(uint32_t control)
{
	uint32_t size = 10;

	if (control & PCI_MSI_FLAGS_64BIT)
		size += 4;
	if (control & PCI_MSI_FLAGS_MASKBIT)
		size += 10;
	return size;
}

/* The size of a capability that comes in several sizes */
static uint32_t capability_size(const struct vfio_device *vfio, uint16_t id,
				uint32_t cap)
{
	uint32_t flags = vfio_config_value(vfio, cap + PCI_CAP_FLAGS, 2);

	if (id == PCI_CAP_ID_MSI)
		return msi_size(flags);
	if (id == PCI_CAP_ID_EXP)
		return (flags & PCI_EXP_FLAGS_VERS) > 1 ?
			       EXPRESS_SIZE_V2 :
			       PCI_CAP_EXP_ENDPOINT_SIZEOF_V1;
	return WHOLE;
}

/* Finds the start and size of a row's place. Returns false if the device lacks it. */
static bool find_place(const struct vfio_device *vfio,
		       const struct registers_row *row, uint32_t *start,
		       uint32_t *size)
{
	*start = 0;
	*size = REGISTERS_NR_BYTES;
	switch (row->place) {
	case REGISTERS_HEADER:
	case REGISTERS_ELSEWHERE:
		return true;
	case REGISTERS_CAPABILITY:
		*start = vfio_find_capability(vfio, (uint8_t)row->id);
		*size = capability_size(vfio, row->id, *start);
		break;
	case REGISTERS_EXTENDED:
		*start = find_extended(vfio, row->id);
		break;
	}
	return *start;
}

static void apply(struct registers *registers, const struct registers_row *row)
{
	uint32_t start, size, end;

	if (!find_place(registers->vfio, row, &start, &size) ||
	    row->offset >= size)
		return;
	end = row->size < size - row->offset ? row->offset + row->size : size;
	for (uint32_t at = start + row->offset;
	     at < start + end && at < REGISTERS_NR_BYTES; at++)
		registers->access[at] = (uint8_t)row->access;
}

void registers_init(struct registers *registers, const struct vfio_device *vfio,
		    const char *name, bool permissive)
{
	registers->vfio = vfio;
	registers->name = name;
	registers->permissive = permissive;
	registers->told = false;
	for (size_t i = 0; i < registers_nr_rows; i++)
		apply(registers, &registers_rows[i]);
}

/* ---- writes ---- */

static bool is_allowed(const struct registers *registers, uint32_t at)
{
	uint8_t access = registers->access[at];

	return access == REGISTERS_PERMISSIVE ? registers->permissive :
						access != REGISTERS_NO;
}

/* Logs once, because a driver may repeat the write. */
static void tell(struct registers *registers, uint32_t offset)
{
	if (registers->told ||
	    registers->access[offset] != REGISTERS_PERMISSIVE)
		return;
	registers->told = true;
	log_limited(
		LOG_INFO,
		"%s: ignored a write of the guest to register %#x of configuration space: no standard defines it; if its driver needs that, attach with --permissive",
		registers->name, offset);
}

static unsigned int count_allowed(const struct registers *registers,
				  uint32_t offset, unsigned int size)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < size; i++)
		nr += is_allowed(registers, offset + i);
	return nr;
}

int registers_write(struct registers *registers, uint32_t offset,
		    unsigned int size, uint32_t value)
{
	uint32_t end = registers->vfio->config_size;
	unsigned int nr, half = size / 2;
	int err;

	if (end > REGISTERS_NR_BYTES)
		end = REGISTERS_NR_BYTES;

	if (offset >= end || size > end - offset)
		return vfio_config_write(registers->vfio, offset, size, value);
	nr = count_allowed(registers, offset, size);
	if (nr == size)
		return vfio_config_write(registers->vfio, offset, size, value);
	if (!nr) {
		tell(registers, offset);
		return 0;
	}
	err = registers_write(registers, offset, half,
			      value & ((1U << 8 * half) - 1));
	if (err)
		return err;
	return registers_write(registers, offset + half, half,
			       value >> 8 * half);
}
