// SPDX-License-Identifier: GPL-2.0
/* See edu.h. */
#include "edu.h"

#include <errno.h>
#include <sys/mman.h>

#include "util.h"

#define REG_IRQ_STATUS 0x24
#define REG_DMA_DST 0x88
#define REG_DMA_COUNT 0x90
#define REG_DMA_CMD 0x98
#define CMD_RUN 1u
#define CMD_STORE 2u
#define MEM_BASE 0x40000u		/* the device's memory in its DMA engine's eyes */
#define DMA_TIMEOUT_NS 10000000000ull

static uint64_t read64(struct edu *e, uint32_t offset)
{
	return *(volatile uint64_t *)(e->regs + offset);
}

static void write64(struct edu *e, uint32_t offset, uint64_t value)
{
	*(volatile uint64_t *)(e->regs + offset) = value;
}

uint32_t edu_reg32(struct edu *e, uint32_t offset)
{
	return *(volatile uint32_t *)(e->regs + offset);
}

static void write32(struct edu *e, uint32_t offset, uint32_t value)
{
	*(volatile uint32_t *)(e->regs + offset) = value;
}

void edu_irq_raise(struct edu *e)
{
	write32(e, EDU_REG_IRQ_RAISE, 1);
}

void edu_irq_ack(struct edu *e)
{
	write32(e, EDU_REG_IRQ_ACK, edu_reg32(e, REG_IRQ_STATUS));
}

/* Waits out a DMA that a former owner left in the device: it must not run in a new address space. */
int edu_init(struct edu *e, struct device *d)
{
	e->sbdf = d->sbdf;
	e->regs = device_map_bar(d, 0, &e->size);
	if (!e->regs)
		return -ENXIO;
	if (edu_reg32(e, EDU_REG_ID) != EDU_ID)
		return -ENODEV;
	return edu_wait(e);
}

void edu_fini(struct edu *e)
{
	if (e->regs)
		munmap((void *)(uintptr_t)e->regs, e->size);
	e->regs = NULL;
}

bool edu_alive(struct edu *e)
{
	uint32_t value = (uint32_t)now_ns();

	*(volatile uint32_t *)(e->regs + EDU_REG_LIVENESS) = value;
	return edu_reg32(e, EDU_REG_LIVENESS) == ~value;
}

void edu_start(struct edu *e, uint64_t iova, uint32_t offset, uint32_t n, bool store)
{
	uint64_t mem = MEM_BASE + offset;

	write64(e, EDU_REG_DMA_SRC, store ? mem : iova);
	write64(e, REG_DMA_DST, store ? iova : mem);
	write64(e, REG_DMA_COUNT, n);
	write64(e, REG_DMA_CMD, CMD_RUN | (store ? CMD_STORE : 0));
}

int edu_wait(struct edu *e)
{
	uint64_t deadline = now_ns() + DMA_TIMEOUT_NS;

	while (read64(e, REG_DMA_CMD) & CMD_RUN) {
		if (now_ns() > deadline)
			return -ETIMEDOUT;
		sleep_ms(2);
	}
	return 0;
}

int edu_load(struct edu *e, uint64_t iova, uint32_t offset, uint32_t n)
{
	edu_start(e, iova, offset, n, false);
	return edu_wait(e);
}

int edu_store(struct edu *e, uint64_t iova, uint32_t offset, uint32_t n)
{
	edu_start(e, iova, offset, n, true);
	return edu_wait(e);
}

int edu_copy(struct edu *e, uint64_t from, uint64_t to, uint32_t n)
{
	int ret = edu_load(e, from, 0, n);

	return ret ? ret : edu_store(e, to, 0, n);
}
