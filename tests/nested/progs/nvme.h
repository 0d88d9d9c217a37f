/* SPDX-License-Identifier: GPL-2.0 */
/* An NVMe controller as a program drives it, queue by queue. */
#ifndef NVME_H
#define NVME_H

#include <stdbool.h>
#include <stdint.h>

#include "util.h"

#define NVME_QUEUE_ENTRIES 32u
#define NVME_DEPTH_MAX (NVME_QUEUE_ENTRIES - 1)	/* a full queue looks like an empty one */

#define NVME_BLOCK 512u

#define NVME_OP_CREATE_SQ 1
#define NVME_OP_CREATE_CQ 5
#define NVME_OP_IDENTIFY 6
#define NVME_OP_WRITE 1
#define NVME_OP_READ 2
#define NVME_IDENTIFY_NAMESPACE 0
#define NVME_IDENTIFY_CONTROLLER 1
#define NVME_NO_VECTOR (-1)

struct nvme_command {
	uint8_t opcode, flags;
	uint16_t id;
	uint32_t nsid;
	uint64_t reserved, metadata, prp1, prp2;
	uint32_t cdw10, cdw11, cdw12, cdw13, cdw14, cdw15;
};

struct nvme_completion {
	uint32_t result, reserved;
	uint16_t sq_head, sq_id, id, status;	/* bit 0 of status is the phase */
};

/* The memory of a pair of queues, a page each. */
struct nvme_rings {
	struct nvme_command sq[PAGE / sizeof(struct nvme_command)];
	volatile struct nvme_completion cq[PAGE / sizeof(struct nvme_completion)];
};

struct nvme_queue {
	struct nvme_rings *rings;
	unsigned int id, tail;			/* tail: where the next command goes */
	unsigned int head;			/* where the next completion is */
	bool flipped;				/* what a completion's phase is not, this time round */
};

struct nvme {
	volatile uint8_t *regs;
	struct nvme_queue admin;
};

/* Starts the controller with an admin queue whose rings are mapped at iova. */
bool nvme_start(struct nvme *n, struct nvme_rings *rings, uint64_t iova);
bool nvme_stop(struct nvme *n);

/* Commands that create the two halves of a queue whose rings are mapped at iova. */
struct nvme_command nvme_create_cq(unsigned int id, uint64_t iova, int vector);
struct nvme_command nvme_create_sq(unsigned int id, uint64_t iova);
/* A page, from or to the drive's 512-byte block. */
struct nvme_command nvme_transfer(uint8_t opcode, uint64_t iova, uint64_t block);

void nvme_submit(struct nvme *n, struct nvme_queue *q, const struct nvme_command *command);

/* Whether so many commands are complete, beyond those whose status has been taken. */
bool nvme_complete(const struct nvme_queue *q, unsigned int nr);
/* Takes the status of the next that is complete, or -1 if none is. */
int nvme_status(struct nvme *n, struct nvme_queue *q);
/* The same, but waits 10 s. */
int nvme_poll(struct nvme *n, struct nvme_queue *q);

#endif
