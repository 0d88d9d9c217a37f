// SPDX-License-Identifier: GPL-2.0
/*
 * A driver for NVMe that waits for interrupts: Identify by vector 0, and I/O by
 * a queue of its own on vector 1.
 *
 * usage: nvme-irq SBDF native|xen
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "irq.h"
#include "nvme.h"
#include "open.h"
#include "tap.h"

#define MSIX VFIO_PCI_MSIX_IRQ_INDEX
#define IOVA GIB(1)
#define WAIT_MS 5000
#define XEN_VECTORS 64			/* vfio-xen-iommu's msi_vectors */
#define BLOCK 65536u			/* of 512 bytes: half of the drive */

struct memory {
	struct nvme_rings admin, io;
	uint8_t in[PAGE], out[PAGE];
};

#define AT(member) (IOVA + offsetof(struct memory, member))

static struct opened o;
static struct nvme n;
static struct nvme_queue io;
static struct memory *mem;
static int fds[2];

/* Waits for the queue's interrupt: the completion is there when it comes, and no sooner asked for. */
static bool by_irq(struct nvme_queue *q, const struct nvme_command *command, const char *what)
{
	uint64_t mine, others;
	int status;

	nvme_submit(&n, q, command);
	mine = irq_wait(fds[q->id], WAIT_MS);
	status = nvme_status(&n, q);
	others = irq_wait(fds[!q->id], 10);
	return ok(mine == 1 && !others && !status, "%s: vector %u %llu times, the other %llu, status 0x%x",
		  what, q->id, (unsigned long long)mine, (unsigned long long)others, status);
}

static void identify(const char *when)
{
	const struct nvme_command command = {
		.opcode = NVME_OP_IDENTIFY,
		.prp1 = AT(in),
		.cdw10 = NVME_IDENTIFY_CONTROLLER,
	};

	memset(mem->in, 0, PAGE);
	by_irq(&n.admin, &command, when);
	ok(!memcmp(mem->in + 24, "QEMU NVMe Ctrl", 14), "%s: its name is there", when);
}

static bool create_io_queue(void)
{
	const struct nvme_command cq = nvme_create_cq(1, AT(io), 1);
	const struct nvme_command sq = nvme_create_sq(1, AT(io));

	io = (struct nvme_queue){ .rings = &mem->io, .id = 1 };
	return by_irq(&n.admin, &cq, "create a completion queue on vector 1") &&
	       by_irq(&n.admin, &sq, "create its submission queue");
}

static void transfer(uint8_t opcode, uint64_t iova, const char *what)
{
	const struct nvme_command command = nvme_transfer(opcode, iova, BLOCK);

	by_irq(&io, &command, what);
}

static void write_and_read(void)
{
	uint64_t seed = now_ns();

	pattern_fill(mem->out, PAGE, seed);
	memset(mem->in, 0, PAGE);
	transfer(NVME_OP_WRITE, AT(out), "write 4 KiB");
	transfer(NVME_OP_READ, AT(in), "read them");
	ok(pattern_check(mem->in, PAGE, seed) == PAGE, "they are what was written");
}

static int enable_and_disable(unsigned int nr)
{
	int *all = calloc(nr, sizeof(*all)), ret;

	ret = irq_enable(&o.device, MSIX, 0, nr, all);
	if (!ret) {
		ret = irq_disable(&o.device, MSIX);
		irq_close(all, nr);
	}
	free(all);
	return ret;
}

/* Xen's vectors are mapped ahead, up to a limit. */
static void all_vectors(bool on_xen)
{
	int nr = irq_count(&o.device, MSIX, NULL), ret;

	if (!ok(nr > 2, "there are %d vectors", nr))
		return;
	ret = enable_and_disable((unsigned int)nr);
	if (!on_xen || nr <= XEN_VECTORS) {
		ok0(ret, "all of them can be enabled");
		return;
	}
	ok(ret == -ENOSPC, "more than %d can't be enabled (%d)", XEN_VECTORS, ret);
	ok0(enable_and_disable(XEN_VECTORS), "%d can", XEN_VECTORS);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		die("usage: nvme-irq SBDF native|xen");
	opened_must_open(&o, argv[1]);
	mem = pages_alloc(sizeof(*mem));
	n.regs = device_map_bar(&o.device, 0, NULL);
	if (!n.regs)
		die("the registers can't be reached");
	ok0(container_map(&o.container, mem, IOVA, sizeof(*mem), RW), "map queues and buffers");
	all_vectors(!strcmp(argv[2], "xen"));
	if (!ok0(irq_enable(&o.device, MSIX, 0, 2, fds), "enable two vectors") ||
	    !ok(nvme_start(&n, &mem->admin, IOVA), "the controller is ready"))
		return 1;
	identify("Identify");
	if (create_io_queue())
		write_and_read();
	identify("Identify again");
	ok(nvme_stop(&n), "the controller stops");
	opened_close(&o);
	return tap_status();
}
