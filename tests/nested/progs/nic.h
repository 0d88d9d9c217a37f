/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Intel's network cards as sources of interrupts: a register makes them raise
 * any vector, without traffic.
 */
#ifndef NIC_H
#define NIC_H

#include <stdint.h>

#include "vfio.h"

#define NIC_VECTORS_MAX 10u
#define NIC_WAIT_MS 3000

struct nic_kind;

struct nic {
	const struct nic_kind *kind;
	struct device *d;
	volatile uint8_t *regs;
	uint64_t size;
	unsigned int nr_vectors;
};

/* Maps the registers of an open device. kind is e1000e, igb or igbvf. 0 or -errno. */
int nic_init(struct nic *n, struct device *d, const char *kind);
void nic_fini(struct nic *n);

/* Let it raise MSI-X vectors: after each reset. */
void nic_arm(struct nic *n);
void nic_raise(struct nic *n, unsigned int vector);

/* The one interrupt of INTx and MSI; e1000e only. */
void nic_arm_single(struct nic *n);
void nic_raise_single(struct nic *n);
void nic_ack_single(struct nic *n);

/* True if a raised vector arrives at fd, once. Any other count is printed. */
bool nic_fires(struct nic *n, unsigned int vector, int fd);

/*
 * Raises each vector in turn; true if each arrives at its eventfd once, and
 * nothing arrives at another one. What went wrong is printed.
 */
bool nic_all_fire(struct nic *n, int *fds);

/* Nothing is left in any of these eventfds. */
bool nic_quiet(const int *fds, unsigned int count);

#endif
