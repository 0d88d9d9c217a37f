/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state that survives a worker: a memfd that supervisor and worker map.
 *
 * Plain data without pointers. The supervisor creates it, and writes a device's entry
 * before it hands the device to the worker; from then on only the worker writes it. A
 * successor trusts nothing in it: see state_check(). VFIO's state (BARs, COMMAND, MSI
 * messages) lives with the device's descriptor, and is not here.
 */
#ifndef DM_STATE_H
#define DM_STATE_H

#include <stdint.h>

#include "vfio-xen-limits.h"

#define STATE_MAGIC 0x78656e76 /* "vnex" */
#define STATE_VERSION 1
#define STATE_MAX_DEVICES VFIO_XEN_MAX_SLOTS
#define STATE_MAX_VECTORS 2048 /* of MSI-X, by its specification */

struct state_pv {
	uint16_t msi_control; /* as the guest has written them: Xen has the */
	uint16_t msix_control; /* real ones */
	uint8_t interrupt_line; /* pirq of INTx; 0: none */
	uint8_t irq_index; /* VFIO_PCI_*_IRQ_INDEX in use + 1; 0: none */
	uint16_t refused; /* vectors that Xen has none left for */
};

/* An entry of the MSI-X table as the guest wrote it */
struct state_vector {
	uint64_t address;
	uint32_t data;
	uint16_t masked;
	uint16_t flags; /* of hvm/msix.c */
};

/* The place of a BAR, or of the ROM, in the guest */
struct state_bar {
	uint64_t address;
	uint32_t phase; /* set by hvm/bars.c; 0: nowhere */
	uint32_t reserved;
};

/* Registers that VFIO does not store, and what follows from them */
struct state_hvm {
	uint32_t live; /* 0: no worker had the device yet */
	uint32_t irq_index; /* VFIO_PCI_*_IRQ_INDEX in use + 1; 0: none */
	uint64_t table; /* where Xen watches the MSI-X table */
	uint64_t msi_address;
	uint32_t msi_mask;
	uint16_t msi_data;
	uint16_t msi_control;
	uint16_t msix_control;
	uint16_t leaving; /* written by the supervisor: the guest should release the device */
	uint16_t refused; /* vectors that Xen has none left for */
	uint16_t reserved;
	struct state_bar bars[7]; /* the last is the ROM */
	struct state_vector vectors[STATE_MAX_VECTORS];
};

struct state_device {
	uint32_t used;
	uint32_t sbdf; /* on the host */
	uint32_t slot; /* on the guest's bus */
	uint32_t permissive;
	union {
		struct state_pv pv;
		struct state_hvm hvm;
	};
};

struct state {
	uint32_t magic;
	uint32_t version;
	uint32_t domid;
	uint32_t kind; /* enum guest_kind */
	struct state_device devices[STATE_MAX_DEVICES];
};

/* Creates a state, or maps a received one. NULL with errno set on failure. */
struct state *state_create(int *fd);
struct state *state_map(int fd);
void state_unmap(struct state *state);
/* Vectors of a device that the guest wants, and Xen has none left for */
unsigned int state_count_refused(const struct state *state, unsigned int index);
/* Returns 0, or -EBADMSG if a value is out of range. */
int state_check(const struct state *state, uint32_t domid, uint32_t kind);

#endif
