// SPDX-License-Identifier: GPL-2.0
/*
 * Random reads of 4 KiB from an NVMe drive by a process that polls, as lines
 * "# bench NAME VALUE". What is counted is the process's part, to ask for the data
 * and to take it, in ticks of the TSC: where QEMU counts instructions, a tick is
 * one. How long the emulated drive takes is up to QEMU's host, and left out.
 *
 * usage: nvme-bench SBDF
 */
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

#include "nvme.h"
#include "open.h"
#include "tap.h"
#include "util.h"

#define IOVA GIB(1)
#define DEPTH_MAX 16u
#define WARM_UP 10
#define ROUNDS 100
#define PAGES 512u			/* that are written, all over the drive, and read */
#define WAIT_NS 10000000000ull

_Static_assert(DEPTH_MAX <= NVME_DEPTH_MAX, "the queue is long enough");

struct memory {
	struct nvme_rings admin, io;
	uint8_t buffer[DEPTH_MAX][PAGE];
};

#define AT(member) (IOVA + offsetof(struct memory, member))

static struct opened o;
static struct nvme n;
static struct nvme_queue io;
static struct memory *mem;
static uint64_t stride;			/* between these pages, in the drive's blocks */

static void start_controller(void)
{
	mem = pages_alloc(sizeof(*mem));
	n.regs = device_map_bar(&o.device, 0, NULL);
	if (!n.regs || container_map(&o.container, mem, IOVA, sizeof(*mem), RW) ||
	    !nvme_start(&n, &mem->admin, IOVA))
		die("the controller does not start");
}

static int do_admin(struct nvme_command command)
{
	nvme_submit(&n, &n.admin, &command);
	return nvme_poll(&n, &n.admin);
}

static bool create_io_queue(void)
{
	io = (struct nvme_queue){ .rings = &mem->io, .id = 1 };
	return !do_admin(nvme_create_cq(1, AT(io), NVME_NO_VECTOR)) &&
	       !do_admin(nvme_create_sq(1, AT(io)));
}

/* The drive's size in blocks of 512 bytes, which are what the format in use must have; 0 if not. */
static uint64_t drive_size(void)
{
	const uint8_t *ns = mem->buffer[0];
	uint64_t size;

	if (do_admin((struct nvme_command){ .opcode = NVME_OP_IDENTIFY, .nsid = 1,
					    .prp1 = AT(buffer), .cdw10 = NVME_IDENTIFY_NAMESPACE }))
		return 0;
	memcpy(&size, ns, sizeof(size));
	return 1u << ns[128 + 4 * (ns[26] & 15) + 2] == NVME_BLOCK ? size : 0;
}

static uint64_t block_of(uint64_t page)
{
	return page * stride;
}

static bool write_pages(void)
{
	for (uint64_t i = 0; i < PAGES; i++) {
		struct nvme_command c = nvme_transfer(NVME_OP_WRITE, AT(buffer), block_of(i));

		pattern_fill(mem->buffer[0], PAGE, block_of(i));
		nvme_submit(&n, &io, &c);
		if (nvme_poll(&n, &io))
			return false;
	}
	return true;
}

static bool wait_for(unsigned int nr)
{
	uint64_t deadline = now_ns() + WAIT_NS;

	while (!nvme_complete(&io, nr))
		if (now_ns() > deadline)
			return false;
	return true;
}

struct cost {
	uint64_t ours, all;		/* without and with the wait for the drive */
};

/* What it takes to have so many reads in flight and then to take their statuses. */
static struct cost read_batch(const uint64_t *page, unsigned int depth, bool *failed)
{
	uint64_t start = __rdtsc(), asked, waited, taken;

	for (unsigned int i = 0; i < depth; i++) {
		struct nvme_command c = nvme_transfer(NVME_OP_READ, AT(buffer) + i * PAGE,
						      block_of(page[i]));

		nvme_submit(&n, &io, &c);
	}
	asked = __rdtsc();
	*failed |= !wait_for(depth);
	waited = __rdtsc();
	for (unsigned int i = 0; i < depth; i++)
		*failed |= nvme_status(&n, &io) != 0;
	taken = __rdtsc();
	return (struct cost){ .ours = asked - start + taken - waited, .all = taken - start };
}

static bool read_and_check(struct rng *rng, unsigned int depth, struct cost *cost)
{
	uint64_t page[DEPTH_MAX];
	bool failed = false;

	for (unsigned int i = 0; i < depth; i++)
		page[i] = rng_below(rng, PAGES);
	memset(mem->buffer, 0, sizeof(mem->buffer));
	*cost = read_batch(page, depth, &failed);
	for (unsigned int i = 0; i < depth; i++)
		failed |= pattern_check(mem->buffer[i], PAGE, block_of(page[i])) != PAGE;
	return !failed;
}

static int by_ours(const void *a, const void *b)
{
	const struct cost *x = a, *y = b;

	return (x->ours > y->ours) - (x->ours < y->ours);
}

static unsigned long long per_1M(unsigned int reads, uint64_t ticks)
{
	return reads * 1000000ull / ticks;
}

static void measure(unsigned int depth)
{
	struct rng rng = { depth };
	struct cost cost[WARM_UP + ROUNDS];
	unsigned int i = 0;

	while (i < WARM_UP + ROUNDS && read_and_check(&rng, depth, &cost[i]))
		i++;
	if (!ok(i == WARM_UP + ROUNDS, "queue depth %u: %u reads return what was written", depth,
		i * depth))
		return;
	qsort(cost + WARM_UP, ROUNDS, sizeof(*cost), by_ours);
	comment("bench nvme_qd%u_reads_per_1M %llu", depth,
		per_1M(depth, cost[WARM_UP + ROUNDS / 2].ours));
	comment("with the wait for QEMU it was %llu", per_1M(depth, cost[WARM_UP + ROUNDS / 2].all));
}

int main(int argc, char **argv)
{
	uint64_t size;

	if (argc != 2)
		die("usage: nvme-bench SBDF");
	opened_must_open(&o, argv[1]);
	start_controller();
	size = drive_size();
	stride = size / PAGES / (PAGE / NVME_BLOCK) * (PAGE / NVME_BLOCK);
	if (!ok(stride, "the drive has %llu blocks", (unsigned long long)size) ||
	    !ok(create_io_queue(), "it has an I/O queue") ||
	    !ok(write_pages(), "%u pages can be written", PAGES))
		return 1;
	measure(1);
	measure(DEPTH_MAX);
	ok(nvme_stop(&n), "the controller stops");
	opened_close(&o);
	return tap_status();
}
