/* SPDX-License-Identifier: GPL-2.0 */
/*
 * QEMU's edu device: 4 KiB of its own memory and a DMA engine that copies
 * between it and an iova, about 100 ms after it was asked to. A DMA that the
 * IOMMU stops completes like any other, so callers look at memory.
 */
#ifndef EDU_H
#define EDU_H

#include <stdbool.h>
#include <stdint.h>

#include "vfio.h"

#define EDU_MEM 4096u

struct edu {
	volatile uint8_t *regs;
	uint64_t size;
	const char *sbdf;
};

/* Maps the registers of an open device; leaves bus mastering as it is. */
int edu_init(struct edu *e, struct device *d);
void edu_fini(struct edu *e);
bool edu_alive(struct edu *e);

/* Registers a peer may reach: its id (read only), and the word whose bits a read inverts. */
#define EDU_REG_ID 0x0
#define EDU_REG_LIVENESS 0x4
#define EDU_REG_DMA_SRC 0x80
#define EDU_ID 0x010000edu
uint32_t edu_reg32(struct edu *e, uint32_t offset);

/* Raise an interrupt, and end all that are raised. */
#define EDU_REG_IRQ_RAISE 0x60
#define EDU_REG_IRQ_ACK 0x64
void edu_irq_raise(struct edu *e);
void edu_irq_ack(struct edu *e);

/* Memory at iova to the device's memory at offset, and the other way. 0 or -ETIMEDOUT. */
int edu_load(struct edu *e, uint64_t iova, uint32_t offset, uint32_t n);
int edu_store(struct edu *e, uint64_t iova, uint32_t offset, uint32_t n);
/* One load and one store. */
int edu_copy(struct edu *e, uint64_t from, uint64_t to, uint32_t n);

/* The same without waiting. */
void edu_start(struct edu *e, uint64_t iova, uint32_t offset, uint32_t n, bool store);
int edu_wait(struct edu *e);

#endif
