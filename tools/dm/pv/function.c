// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device in a PV guest.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log_limited.h"
#include "pv/function.h"
#include "registers.h"
#include "reset.h"
#include "vfio-xen.h"

#define MSI_SIZE_MAX 24
#define MSIX_SIZE 12

/* Offsets of the capabilities; 0: none */
struct function {
	uint8_t msi, msi_size;
	uint8_t msix;
	char name[VFIO_XEN_SBDF_SIZE]; /* 0000:05:00.0 */
	struct reset reset;
	struct registers registers;
};

/* ---- interrupts ---- */

/* Several vectors would have to be consecutive; one suffices. */
static const uint16_t msi_writable = PCI_MSI_FLAGS_ENABLE;
static const uint16_t msix_writable = PCI_MSIX_FLAGS_ENABLE |
				      PCI_MSIX_FLAGS_MASKALL;

/*
 * Write the state first: if this process is killed in between, its successor checks it.
 */
static int connect(struct worker_device *dev, unsigned int index,
		   unsigned int vector, struct vfio_irq_xen_guest *entry)
{
	dev->state->pv.irq_index = (uint8_t)(index + 1);
	entry->flags |= VFIO_IRQ_XEN_GUEST_CONNECT;
	return vfio_irq_connect(&dev->vfio, index, vector, 1, entry);
}

static void disconnect(struct worker_device *dev)
{
	struct state_pv *state = &dev->state->pv;

	if (!state->irq_index)
		return;
	vfio_irq_disable(&dev->vfio, state->irq_index - 1U);
	state->irq_index = 0;
}

/*
 * The guest reads the number once, and may use INTx whenever it has no other interrupts.
 * So the number never changes.
 */
static int connect_intx(struct worker_device *dev)
{
	const struct function *function = dev->kind_data;
	struct state_pv *state = &dev->state->pv;
	struct vfio_irq_xen_guest entry = { .flags =
						    VFIO_IRQ_XEN_GUEST_SHARED };
	int err;

	if (!vfio_has_intx(&dev->vfio))
		return 0;
	if (state->interrupt_line) {
		entry.flags |= VFIO_IRQ_XEN_GUEST_PIRQ;
		entry.pirq = state->interrupt_line;
	}
	err = connect(dev, VFIO_PCI_INTX_IRQ_INDEX, 0, &entry);
	/* It must fit into the register that the guest reads. */
	if (!err && (entry.pirq <= 0 || entry.pirq > 0xff)) {
		disconnect(dev);
		return function->msi || function->msix ? 0 : -ERANGE;
	}
	if (err) {
		disconnect(dev);
		log_limited(LOG_WARNING,
			    "%s: cannot connect INTx to the guest: %s",
			    function->name, vfio_irq_strerror(err));
		return err;
	}
	state->interrupt_line = (uint8_t)entry.pirq;
	return 0;
}

/* The guest's driver has an error to go on with, and INTx if the device has it. */
static void refuse(struct worker_device *dev, const char *kind, unsigned int nr,
		   int err)
{
	const struct function *function = dev->kind_data;

	log_limited(LOG_WARNING,
		    "%s: cannot connect %u vectors of %s to the guest: %s",
		    function->name, nr, kind, vfio_irq_strerror(err));
	disconnect(dev);
	connect_intx(dev);
	dev->state->pv.refused = err == -ENOSPC ? (uint16_t)nr : 0;
}

static int32_t enable_msi(struct worker_device *dev, uint32_t *value)
{
	struct vfio_irq_xen_guest entry = { 0 };
	int err;

	if (!dev->vfio.guest_irqs[VFIO_PCI_MSI_IRQ_INDEX])
		return XEN_PCI_ERR_op_failed;
	disconnect(dev);
	err = connect(dev, VFIO_PCI_MSI_IRQ_INDEX, 0, &entry);
	if (err) {
		refuse(dev, "MSI", 1, err);
		return XEN_PCI_ERR_op_failed;
	}
	dev->state->pv.refused = 0;
	*value = (uint32_t)entry.pirq;
	return XEN_PCI_ERR_success;
}

/* The guest takes 0 in @value for success, and reads the pirqs from the entries. */
static int32_t enable_msix(struct worker_device *dev,
			   const struct pciif_request *req, uint32_t *value,
			   uint16_t *pirqs)
{
	int err = 0;

	*value = 0;
	if (!dev->vfio.guest_irqs[VFIO_PCI_MSIX_IRQ_INDEX])
		return XEN_PCI_ERR_op_failed;
	disconnect(dev);
	for (unsigned int i = 0; i < req->nr_vectors && !err; i++) {
		struct vfio_irq_xen_guest entry = { 0 };

		err = connect(dev, VFIO_PCI_MSIX_IRQ_INDEX, req->vectors[i],
			      &entry);
		pirqs[i] = (uint16_t)entry.pirq;
	}
	dev->state->pv.refused = 0;
	if (!err)
		return XEN_PCI_ERR_success;
	refuse(dev, "MSI-X", req->nr_vectors, err);
	return XEN_PCI_ERR_op_failed;
}

/* Disabling an index that has been replaced by another one has no effect. */
static void disable(struct worker_device *dev, unsigned int index)
{
	dev->state->pv.refused = 0;
	if (dev->state->pv.irq_index != index + 1)
		return;
	disconnect(dev);
	connect_intx(dev);
}

/* ---- registers ---- */

static bool within(uint32_t offset, uint8_t start, uint8_t size)
{
	return start && offset >= start && offset < start + size;
}

static void replace_byte(uint32_t *value, unsigned int index, uint8_t byte)
{
	*value &= ~(0xffU << 8 * index);
	*value |= (uint32_t)byte << 8 * index;
}

static void overlay_control(uint32_t offset, unsigned int index,
			    unsigned int where, uint16_t control,
			    uint32_t *value)
{
	if (offset == where)
		replace_byte(value, index, (uint8_t)control);
	else if (offset == where + 1)
		replace_byte(value, index, (uint8_t)(control >> 8));
}

/* Registers that are stored for the guest, a byte at a time */
static void overlay_byte(const struct worker_device *dev, uint32_t offset,
			 unsigned int index, uint32_t *value)
{
	const struct function *function = dev->kind_data;
	const struct state_pv *state = &dev->state->pv;

	if (offset == PCI_INTERRUPT_LINE)
		replace_byte(value, index, state->interrupt_line);
	/* The device does not decode its ROM, so the guest must not access it. */
	if (within(offset, PCI_ROM_ADDRESS, 4))
		replace_byte(value, index, 0);
	if (function->msi)
		overlay_control(offset, index, function->msi + PCI_MSI_FLAGS,
				state->msi_control, value);
	if (function->msix)
		overlay_control(offset, index, function->msix + PCI_MSIX_FLAGS,
				state->msix_control, value);
}

static int32_t read_register(struct worker_device *dev,
			     const struct pciif_request *req, uint32_t *value)
{
	int err = vfio_config_read(&dev->vfio, req->offset, req->size, value);

	if (err)
		return err == -EINVAL ? XEN_PCI_ERR_invalid_offset :
					XEN_PCI_ERR_op_failed;
	for (unsigned int i = 0; i < req->size; i++)
		overlay_byte(dev, req->offset + i, i, value);
	return XEN_PCI_ERR_success;
}

/* Stores the bits of a control register that the guest may write. */
static void write_control(uint16_t *control, uint16_t writable, uint8_t where,
			  const struct pciif_request *req)
{
	for (unsigned int i = 0; i < req->size; i++) {
		unsigned int at = req->offset + i - where;
		uint16_t mask;

		if (at > 1)
			continue;
		mask = writable & (uint16_t)(0xff << 8 * at);
		*control &= (uint16_t)~mask;
		*control |= mask &
			    (uint16_t)((req->value >> 8 * i & 0xff) << 8 * at);
	}
}

/*
 * As after a reset. BARs stay where the guest has them. So do interrupts: it asks for
 * them by request, and would not do so again; without bus mastering none can come.
 */
static void clear_registers(struct worker_device *dev)
{
	struct state_pv *state = &dev->state->pv;

	state->msi_control &= (uint16_t)~msi_writable;
	state->msix_control &= (uint16_t)~msix_writable;
	vfio_config_write(&dev->vfio, PCI_COMMAND, 2, 0);
}

static int32_t write_register(struct worker_device *dev,
			      const struct pciif_request *req)
{
	struct function *function = dev->kind_data;
	struct state_pv *state = &dev->state->pv;
	bool resets;
	int err;

	if (within(req->offset, function->msi, function->msi_size)) {
		write_control(&state->msi_control, msi_writable,
			      function->msi + PCI_MSI_FLAGS, req);
		return XEN_PCI_ERR_success;
	}
	if (within(req->offset, function->msix, MSIX_SIZE)) {
		write_control(&state->msix_control, msix_writable,
			      function->msix + PCI_MSIX_FLAGS, req);
		return XEN_PCI_ERR_success;
	}
	if (req->offset == PCI_INTERRUPT_LINE ||
	    within(req->offset, PCI_ROM_ADDRESS, 4))
		return XEN_PCI_ERR_success;
	resets = reset_is_asked(&function->reset, req->offset, req->size,
				req->value);
	err = registers_write(&function->registers, req->offset, req->size,
			      req->value);
	if (err)
		return err == -EINVAL ? XEN_PCI_ERR_invalid_offset :
					XEN_PCI_ERR_op_failed;
	if (resets)
		clear_registers(dev);
	return XEN_PCI_ERR_success;
}

/* ---- the device ---- */

static uint8_t msi_size(uint16_t control)
{
	uint8_t size = 10;

	if (control & PCI_MSI_FLAGS_64BIT)
		size += 4;
	if (control & PCI_MSI_FLAGS_MASKBIT)
		size += 10;
	return size <= MSI_SIZE_MAX ? size : MSI_SIZE_MAX;
}

/* Bits that the guest cannot write come from the device, whatever the state contains. */
static void find_capabilities(struct worker_device *dev,
			      struct function *function)
{
	struct state_pv *state = &dev->state->pv;
	uint32_t control;

	function->msi = vfio_find_capability(&dev->vfio, PCI_CAP_ID_MSI);
	function->msix = vfio_find_capability(&dev->vfio, PCI_CAP_ID_MSIX);
	if (function->msi &&
	    !vfio_config_read(&dev->vfio, function->msi + PCI_MSI_FLAGS, 2,
			      &control)) {
		function->msi_size = msi_size((uint16_t)control);
		control &= ~(uint32_t)(PCI_MSI_FLAGS_QMASK |
				       PCI_MSI_FLAGS_QSIZE | msi_writable);
		state->msi_control &= msi_writable;
		state->msi_control |= (uint16_t)control;
	}
	if (function->msix &&
	    !vfio_config_read(&dev->vfio, function->msix + PCI_MSIX_FLAGS, 2,
			      &control)) {
		state->msix_control &= msix_writable;
		state->msix_control |= (uint16_t)control &
				       (uint16_t)~msix_writable;
	}
}

int pv_function_add(struct worker_device *dev)
{
	struct function *function = calloc(1, sizeof(*function));
	int err = 0;

	if (!function)
		return -ENOMEM;
	dev->kind_data = function;
	find_capabilities(dev, function);
	reset_init(&function->reset, &dev->vfio);
	vfio_xen_sbdf_format(dev->state->sbdf, function->name);
	registers_init(&function->registers, &dev->vfio, function->name,
		       dev->state->permissive);
	if (!dev->state->pv.irq_index)
		err = connect_intx(dev);
	if (err)
		pv_function_remove(dev);
	return err;
}

void pv_function_remove(struct worker_device *dev)
{
	disconnect(dev);
	free(dev->kind_data);
	dev->kind_data = NULL;
}

int32_t pv_function_serve(struct worker_device *dev,
			  const struct pciif_request *req, uint32_t *value,
			  uint16_t *pirqs)
{
	switch (req->kind) {
	case PCIIF_READ:
		return read_register(dev, req, value);
	case PCIIF_WRITE:
		return write_register(dev, req);
	case PCIIF_ENABLE_MSI:
		return enable_msi(dev, value);
	case PCIIF_ENABLE_MSIX:
		return enable_msix(dev, req, value, pirqs);
	case PCIIF_DISABLE_MSI:
		disable(dev, VFIO_PCI_MSI_IRQ_INDEX);
		break;
	case PCIIF_DISABLE_MSIX:
		disable(dev, VFIO_PCI_MSIX_IRQ_INDEX);
		break;
	}
	*value = dev->state->pv.interrupt_line;
	return XEN_PCI_ERR_success;
}
