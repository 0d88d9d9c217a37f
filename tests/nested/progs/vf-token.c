// SPDX-License-Identifier: GPL-2.0
/*
 * A card's physical function and its virtual ones, each opened by another
 * process in a container of its own. A VF token shows that their users know of
 * each other.
 *
 * usage: vf-token pf SBDF TOKEN	open, set the token, make two virtual
 *					functions, go on
 *        vf-token vf SBDF TOKEN	open with the token, go on
 *        vf-token refused SBDF TOKEN|-	opening it fails with EACCES
 *
 * Going on is to use DMA and all interrupts again and again until killed, with
 * a comment for each round. All have their memory at the same iova.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "irq.h"
#include "nic.h"
#include "open.h"
#include "tap.h"
#include "util.h"

#define NR_VFS 2u
#define IOVA GIB(1)
#define FRAME_SIZE 128u
#define RING_ENTRIES 8u
#define DMA_TIMEOUT_NS 5000000000ull

#define REG_TCTL 0x400
#define TCTL_ENABLE (1u << 1 | 1u << 3)
#define REG_TX_QUEUE(n) (0x3800u + (n)*0x100u)
#define RING_LOW 0x0
#define RING_HIGH 0x4
#define RING_LEN 0x8
#define RING_HEAD 0x10
#define RING_TAIL 0x18
#define RING_CTRL 0x28
#define QUEUE_ENABLE (1u << 25)

struct descriptor {
	uint64_t addr;
	uint32_t word2, word3;
};

struct memory {
	struct descriptor tx[PAGE / sizeof(struct descriptor)];
	uint8_t out[PAGE];
};

static struct opened o;
static struct nic n;
static volatile struct memory *mem;
static int fds[NIC_VECTORS_MAX];
static unsigned int queue, tail;

static void write32(unsigned int reg, uint32_t value)
{
	*(volatile uint32_t *)(n.regs + reg) = value;
}

/* QEMU's card keeps head and tail of a virtual function across its reset. */
static void set_ring(void)
{
	unsigned int base = REG_TX_QUEUE(queue);

	write32(base + RING_LOW, (uint32_t)IOVA);
	write32(base + RING_HIGH, (uint32_t)(IOVA >> 32));
	write32(base + RING_LEN, RING_ENTRIES * sizeof(struct descriptor));
	write32(base + RING_HEAD, 0);
	write32(base + RING_TAIL, 0);
	write32(base + RING_CTRL, QUEUE_ENABLE);
}

/* The card fetches a descriptor and a frame, and writes to the descriptor that it has. */
static bool send_frame(void)
{
	volatile struct descriptor *d = &mem->tx[tail];
	uint64_t deadline = now_ns() + DMA_TIMEOUT_NS;

	d->addr = IOVA + offsetof(struct memory, out);
	d->word2 = FRAME_SIZE | 0x2bu << 24 | 3u << 20;
	d->word3 = FRAME_SIZE << 14;
	tail = (tail + 1) % RING_ENTRIES;
	write32(REG_TX_QUEUE(queue) + RING_TAIL, tail);
	while (!(d->word3 & 1)) {
		if (now_ns() > deadline)
			return false;
		sleep_ms(1);
	}
	return true;
}

static void start(const char *kind)
{
	if (nic_init(&n, &o.device, kind))
		die("%s has no registers", o.device.sbdf);
	mem = pages_alloc(sizeof(*mem));
	memset((void *)(uintptr_t)mem->out, 0xff, 12);
	if (!ok0(container_map(&o.container, (void *)(uintptr_t)mem, IOVA, sizeof(*mem), RW),
		 "%s: map its memory", kind) ||
	    !ok0(irq_enable(&o.device, VFIO_PCI_MSIX_IRQ_INDEX, 0, n.nr_vectors, fds),
		 "%s: enable %u vectors", kind, n.nr_vectors))
		exit(tap_status());
	nic_arm(&n);
	set_ring();
}

static void go_on(const char *kind)
{
	bool dma, irqs;

	for (unsigned int round = 0;; round++) {
		dma = send_frame();
		irqs = nic_all_fire(&n, fds);
		if (!round || !dma || !irqs) {
			ok(dma, "%s: DMA works", kind);
			ok(irqs, "%s: %u vectors arrive, each once and alone", kind, n.nr_vectors);
		}
		comment("round %u: DMA %s, interrupts %s", round, dma ? "fine" : "bad",
			irqs ? "fine" : "bad");
		fflush(stdout);
		if (!dma || !irqs)
			exit(tap_status());
	}
}

/* Of the queues that stay the card's own, the first */
static void own_physical(const char *sbdf, const char *token)
{
	char path[PATH_MAX];
	FILE *f;
	int ret;

	ok0(opened_open(&o, sbdf), "open the physical function");
	ok0(device_set_token(&o.device, token), "set the token");
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/sriov_numvfs", sbdf);
	f = fopen(path, "w");
	if (!f)
		die("no %s", path);
	ret = fprintf(f, "%u\n", NR_VFS) < 0 || fclose(f) ? -errno : 0;
	if (!ok0(ret, "make %u virtual functions of it while it is open", NR_VFS))
		exit(tap_status());
	queue = NR_VFS;
	start("igb");
	write32(REG_TCTL, TCTL_ENABLE);
	go_on("igb");
}

static void own_virtual(const char *sbdf, const char *token)
{
	if (!ok0(opened_open_token(&o, sbdf, token), "open a virtual function with the token"))
		exit(tap_status());
	start("igbvf");
	go_on("igbvf");
}

int main(int argc, char **argv)
{
	const char *token;
	int ret;

	if (argc != 4)
		die("usage: vf-token pf|vf|refused SBDF TOKEN");
	token = strcmp(argv[3], "-") ? argv[3] : NULL;
	if (!strcmp(argv[1], "pf"))
		own_physical(argv[2], token);
	if (!strcmp(argv[1], "vf"))
		own_virtual(argv[2], token);
	ret = opened_open_token(&o, argv[2], token);
	ok(ret == -EACCES, "opening it with %s is refused: %s", token ? "that token" : "no token",
	   strerror(-ret));
	return tap_status();
}
