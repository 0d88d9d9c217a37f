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
#define CONTIGUOUS 1u
#define INTERRUPTS 2u
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

static uint32_t size_and_id(unsigned int id)
{
	return (NVME_QUEUE_ENTRIES - 1) << 16 | id;
}

struct nvme_command nvme_create_cq(unsigned int id, uint64_t iova, int vector)
{
	return (struct nvme_command){
		.opcode = NVME_OP_CREATE_CQ,
		.prp1 = iova + PAGE,
		.cdw10 = size_and_id(id),
		.cdw11 = vector == NVME_NO_VECTOR ? CONTIGUOUS :
			 (uint32_t)vector << 16 | INTERRUPTS | CONTIGUOUS,
	};
}

struct nvme_command nvme_create_sq(unsigned int id, uint64_t iova)
{
	return (struct nvme_command){
		.opcode = NVME_OP_CREATE_SQ,
		.prp1 = iova,
		.cdw10 = size_and_id(id),
		.cdw11 = id << 16 | CONTIGUOUS,
	};
}

struct nvme_command nvme_transfer(uint8_t opcode, uint64_t iova, uint64_t block)
{
	return (struct nvme_command){
		.opcode = opcode,
		.nsid = 1,
		.prp1 = iova,
		.cdw10 = (uint32_t)block,
		.cdw11 = (uint32_t)(block >> 32),
		.cdw12 = PAGE / NVME_BLOCK - 1,
	};
}

void nvme_submit(struct nvme *n, struct nvme_queue *q, const struct nvme_command *command)
{
	unsigned int next = (q->tail + 1) % NVME_QUEUE_ENTRIES;

	if (next == q->head)
		die("queue %u is full", q->id);
	q->rings->sq[q->tail] = *command;
	q->rings->sq[q->tail].id = (uint16_t)q->tail;
	q->tail = next;
	write32(n, REG_SQ_TAIL(q->id), q->tail);
}

bool nvme_complete(const struct nvme_queue *q, unsigned int nr)
{
	unsigned int last = q->head + nr - 1;
	bool flipped = q->flipped ^ (last >= NVME_QUEUE_ENTRIES);

	return (q->rings->cq[last % NVME_QUEUE_ENTRIES].status & 1) != flipped;
}

int nvme_status(struct nvme *n, struct nvme_queue *q)
{
	uint16_t status = q->rings->cq[q->head].status;

	if ((status & 1) == q->flipped)
		return -1;
	q->head = (q->head + 1) % NVME_QUEUE_ENTRIES;
	q->flipped ^= !q->head;
	write32(n, REG_CQ_HEAD(q->id), q->head);
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
