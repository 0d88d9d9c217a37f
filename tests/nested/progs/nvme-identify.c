// SPDX-License-Identifier: GPL-2.0
/*
 * A driver for one NVMe command: Identify Controller through the admin queue,
 * by polling. Then the same with a buffer that is not mapped.
 *
 * usage: nvme-identify SBDF
 */
#include <string.h>

#include "session.h"
#include "tap.h"
#include "util.h"

#define IOVA GIB(1)
#define QUEUE_ENTRIES 16u
#define TIMEOUT_NS 10000000000ull

#define REG_CC 0x14
#define REG_CSTS 0x1c
#define REG_AQA 0x24
#define REG_ASQ 0x28
#define REG_ACQ 0x30
#define REG_SQ0_TAIL 0x1000
#define REG_CQ0_HEAD 0x1004
#define CC_ENABLE (1u | 6u << 16 | 4u << 20)	/* entries of 64 and 16 bytes */
#define OP_IDENTIFY 6
#define IDENTIFY_CONTROLLER 1

struct command {
	uint8_t opcode, flags;
	uint16_t id;
	uint32_t nsid;
	uint64_t reserved, metadata, prp1, prp2;
	uint32_t cdw10, cdw11, cdw12, cdw13, cdw14, cdw15;
};

struct completion {
	uint32_t result, reserved;
	uint16_t sq_head, sq_id, id, status;	/* bit 0 of status is the phase */
};

/* All three in one mapping, a page each. */
struct memory {
	struct command sq[QUEUE_ENTRIES];
	uint8_t pad0[PAGE - QUEUE_ENTRIES * sizeof(struct command)];
	volatile struct completion cq[QUEUE_ENTRIES];
	uint8_t pad1[PAGE - QUEUE_ENTRIES * sizeof(struct completion)];
	uint8_t buffer[PAGE];
};

static volatile uint8_t *regs;
static struct memory *mem;
static unsigned int tail;

static void write32(unsigned int reg, uint32_t value)
{
	*(volatile uint32_t *)(regs + reg) = value;
}

static void write64(unsigned int reg, uint64_t value)
{
	*(volatile uint64_t *)(regs + reg) = value;
}

static bool ready_becomes(uint32_t want)
{
	uint64_t deadline = now_ns() + TIMEOUT_NS;

	while ((*(volatile uint32_t *)(regs + REG_CSTS) & 1) != want)
		if (now_ns() > deadline)
			return false;
	return true;
}

static bool enable(void)
{
	write32(REG_CC, 0);
	if (!ready_becomes(0))
		return false;
	write32(REG_AQA, (QUEUE_ENTRIES - 1) << 16 | (QUEUE_ENTRIES - 1));
	write64(REG_ASQ, IOVA);
	write64(REG_ACQ, IOVA + PAGE);
	write32(REG_CC, CC_ENABLE);
	return ready_becomes(1);
}

/* The command's status, or -1 if it does not complete. */
static int identify(uint64_t buffer_iova)
{
	volatile struct completion *done = &mem->cq[tail];
	uint64_t deadline = now_ns() + TIMEOUT_NS;

	mem->sq[tail] = (struct command){
		.opcode = OP_IDENTIFY,
		.id = (uint16_t)tail,
		.prp1 = buffer_iova,
		.cdw10 = IDENTIFY_CONTROLLER,
	};
	write32(REG_SQ0_TAIL, ++tail);
	while (!(done->status & 1))
		if (now_ns() > deadline)
			return -1;
	write32(REG_CQ0_HEAD, tail);
	return done->status >> 1;
}

int main(int argc, char **argv)
{
	struct container c;
	struct group g;
	struct device d;
	struct edu named = { .sbdf = argc > 1 ? argv[1] : "" };
	int status;

	if (argc != 2)
		die("usage: nvme-identify SBDF");
	if (container_open(&c) || group_open(&g, argv[1]) || group_join(&g, &c) ||
	    container_set_type(&c, VFIO_TYPE1v2_IOMMU) || device_open(&d, &g, argv[1]))
		die("%s can't be opened", argv[1]);
	mem = pages_alloc(sizeof(*mem));
	device_memory_decode(&d, true);
	regs = device_map_bar(&d, 0, NULL);
	if (!regs || device_bus_master(&d, true))
		die("the registers can't be reached");
	ok0(container_map(&c, mem, IOVA, sizeof(*mem), RW), "map queues and buffer");
	if (!ok(enable(), "the controller is ready"))
		return 1;
	status = identify(IOVA + 2 * PAGE);
	ok(!status, "Identify completes with status 0x%x", status);
	ok(!memcmp(mem->buffer + 24, "QEMU NVMe Ctrl", 14), "the buffer names it: %.14s",
	   mem->buffer + 24);
	memset(mem->buffer, 0, PAGE);
	status = identify(IOVA + GIB(1));
	expect_fault(&named, IOVA + GIB(1), true);
	/* QEMU's controller calls it a success even though the data went nowhere. */
	ok(status >= 0, "with a buffer that is not mapped it completes (status 0x%x)", status);
	ok(!mem->buffer[24], "and the mapped buffer is untouched");
	status = identify(IOVA + 2 * PAGE);
	ok(!status && !memcmp(mem->buffer + 24, "QEMU", 4), "and works again after that");
	write32(REG_CC, 0);
	ok(ready_becomes(0), "the controller stops");
	device_close(&d);
	group_close(&g);
	container_close(&c);
	return tap_status();
}
