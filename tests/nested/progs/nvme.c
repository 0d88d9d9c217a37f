// SPDX-License-Identifier: GPL-2.0
/* See nvme.h. */
#include "nvme.h"

#define TIMEOUT_NS 10000000000ull

#define REG_CC 0x14
#define REG_CSTS 0x1c
#define REG_AQA 0x24
#define REG_ASQ 0x28
#define REG_ACQ 0x30
#define REG_SQ_TAIL(id) (0x1000 + 8 * (id))
#define REG_CQ_HEAD(id) (0x1004 + 8 * (id))
#define CC_ENABLE (1u | 6u << 16 | 4u << 20)	/* entries of 64 and 16 bytes */

static void write32(struct nvme *n, unsigned int reg, uint32_t value)
{
	*(volatile uint32_t *)(n->regs + reg) = value;
}

static void write64(struct nvme *n, unsigned int reg, uint64_t value)
{
	*(volatile uint64_t *)(n->regs + reg) = value;
}

static bool ready_becomes(struct nvme *n, uint32_t want)
{
	uint64_t deadline = now_ns() + TIMEOUT_NS;

	while ((*(volatile uint32_t *)(n->regs + REG_CSTS) & 1) != want)
		if (now_ns() > deadline)
			return false;
	return true;
}

bool nvme_start(struct nvme *n, struct nvme_rings *rings, uint64_t iova)
{
	if (!nvme_stop(n))
		return false;
	n->admin = (struct nvme_queue){ .rings = rings };
	write32(n, REG_AQA, (NVME_QUEUE_ENTRIES - 1) << 16 | (NVME_QUEUE_ENTRIES - 1));
	write64(n, REG_ASQ, iova);
	write64(n, REG_ACQ, iova + PAGE);
	write32(n, REG_CC, CC_ENABLE);
	return ready_becomes(n, 1);
}

bool nvme_stop(struct nvme *n)
{
	write32(n, REG_CC, 0);
	return ready_becomes(n, 0);
}

void nvme_submit(struct nvme *n, struct nvme_queue *q, const struct nvme_command *command)
{
	if (q->tail == NVME_QUEUE_ENTRIES - 1)
		die("queue %u is used up", q->id);
	q->rings->sq[q->tail] = *command;
	q->rings->sq[q->tail].id = (uint16_t)q->tail;
	q->tail++;
	write32(n, REG_SQ_TAIL(q->id), q->tail);
}

int nvme_status(struct nvme *n, struct nvme_queue *q)
{
	uint16_t status = q->rings->cq[q->tail - 1].status;

	if (!(status & 1))
		return -1;
	write32(n, REG_CQ_HEAD(q->id), q->tail);
	return status >> 1;
}

int nvme_poll(struct nvme *n, struct nvme_queue *q)
{
	uint64_t deadline = now_ns() + TIMEOUT_NS;
	int status;

	do
		status = nvme_status(n, q);
	while (status < 0 && now_ns() < deadline);
	return status;
}
