// SPDX-License-Identifier: GPL-2.0
/*
 * A driver for one NVMe command: Identify Controller through the admin queue,
 * by polling. Then the same with a buffer that is not mapped.
 *
 * usage: nvme-identify SBDF
 */
#include <string.h>

#include "nvme.h"
#include "session.h"
#include "tap.h"

#define IOVA GIB(1)

/* All in one mapping. */
struct memory {
	struct nvme_rings admin;
	uint8_t buffer[PAGE];
};

static struct nvme n;
static struct memory *mem;

/* The command's status, or -1 if it does not complete. */
static int identify(uint64_t buffer_iova)
{
	const struct nvme_command command = {
		.opcode = NVME_OP_IDENTIFY,
		.prp1 = buffer_iova,
		.cdw10 = NVME_IDENTIFY_CONTROLLER,
	};

	nvme_submit(&n, &n.admin, &command);
	return nvme_poll(&n, &n.admin);
}

/* Its data is a page: where 8 bytes of it are a fault, that is a flood of them. */
static void stopped(struct edu *named)
{
	int status;

	memset(mem->buffer, 0, PAGE);
	status = identify(IOVA + GIB(1));
	expect_fault(named, IOVA + GIB(1), true);
	/* QEMU's controller calls it a success even though the data went nowhere. */
	ok(status >= 0, "with a buffer that is not mapped it completes (status 0x%x)", status);
	ok(!mem->buffer[24], "and the mapped buffer is untouched");
	status = identify(IOVA + 2 * PAGE);
	ok(!status && !memcmp(mem->buffer + 24, "QEMU", 4), "and works again after that");
}

int main(int argc, char **argv)
{
	struct container c;
	struct group g;
	struct device d;
	struct edu named = { .sbdf = argc > 1 ? argv[1] : "" };
	int status;

	if (argc != 2 && (argc != 3 || strcmp(argv[2], "mapped")))
		die("usage: nvme-identify SBDF [mapped]");
	if (container_open(&c) || group_open(&g, argv[1]) || group_join(&g, &c) ||
	    container_set_type(&c, VFIO_TYPE1v2_IOMMU) || device_open(&d, &g, argv[1]))
		die("%s can't be opened", argv[1]);
	mem = pages_alloc(sizeof(*mem));
	device_memory_decode(&d, true);
	n.regs = device_map_bar(&d, 0, NULL);
	if (!n.regs || device_bus_master(&d, true))
		die("the registers can't be reached");
	ok0(container_map(&c, mem, IOVA, sizeof(*mem), RW), "map queues and buffer");
	if (!ok(nvme_start(&n, &mem->admin, IOVA), "the controller is ready"))
		return 1;
	status = identify(IOVA + 2 * PAGE);
	ok(!status, "Identify completes with status 0x%x", status);
	ok(!memcmp(mem->buffer + 24, "QEMU NVMe Ctrl", 14), "the buffer names it: %.14s",
	   mem->buffer + 24);
	if (argc == 2)
		stopped(&named);
	ok(nvme_stop(&n), "the controller stops");
	device_close(&d);
	group_close(&g);
	container_close(&c);
	return tap_status();
}
