// SPDX-License-Identifier: GPL-2.0
/*
 * Two of Intel's network cards, a cable between them, one container: a frame
 * goes out of one's transmit ring and comes in on the other's receive ring, by
 * polling, in both directions.
 *
 * usage: nic-frame E1000E-SBDF IGB-SBDF
 */
#include <string.h>

#include "session.h"
#include "tap.h"
#include "util.h"

#define RING_ENTRIES 8u
#define BUFFER_SIZE 2048u
#define FRAME_SIZE 256u
#define TIMEOUT_NS 5000000000ull

#define REG_CTRL 0x0
#define REG_STATUS 0x8
#define REG_MDIC 0x20
#define REG_IMC 0xd8
#define REG_RCTL 0x100
#define REG_TCTL 0x400
#define CTRL_SET_LINK_UP (1u << 6)
#define CTRL_RESET (1u << 26)
#define STATUS_LINK_UP (1u << 1)
#define MDIC_RESTART_AUTONEGOTIATION (1u << 26 | 1u << 21 | 0x1200)	/* PHY 1, register 0 */
#define RCTL_ENABLE_ALL (1u << 1 | 1u << 3 | 1u << 4 | 1u << 15)	/* promiscuous */
#define TCTL_ENABLE (1u << 1 | 1u << 3)
#define QUEUE_ENABLE (1u << 25)

/* Offsets within a queue's registers, the same for both directions. */
#define RING_LOW 0x0
#define RING_HIGH 0x4
#define RING_LEN 0x8
#define RING_HEAD 0x10
#define RING_TAIL 0x18
#define RING_CTRL 0x28

struct descriptor {
	uint64_t addr;
	uint32_t word2, word3;
};

/* One card's memory: two rings and two buffers, a page each. */
struct memory {
	struct descriptor rx[PAGE / sizeof(struct descriptor)];
	struct descriptor tx[PAGE / sizeof(struct descriptor)];
	uint8_t in[PAGE], out[PAGE];
};

struct nic {
	const char *sbdf;
	bool igb;
	struct group g;
	struct device d;
	volatile uint8_t *regs;
	volatile struct memory *mem;
	uint64_t iova;
	unsigned int rx_base, tx_base;
};

static uint32_t read32(struct nic *n, unsigned int reg)
{
	return *(volatile uint32_t *)(n->regs + reg);
}

static void write32(struct nic *n, unsigned int reg, uint32_t value)
{
	*(volatile uint32_t *)(n->regs + reg) = value;
}

static void set_ring(struct nic *n, unsigned int base, uint64_t iova)
{
	write32(n, base + RING_LOW, (uint32_t)iova);
	write32(n, base + RING_HIGH, (uint32_t)(iova >> 32));
	write32(n, base + RING_LEN, RING_ENTRIES * sizeof(struct descriptor));
	write32(n, base + RING_HEAD, 0);
	write32(n, base + RING_TAIL, 0);
	write32(n, base + RING_CTRL, read32(n, base + RING_CTRL) | QUEUE_ENABLE);
}

static void start(struct nic *n)
{
	write32(n, REG_CTRL, read32(n, REG_CTRL) | CTRL_RESET);
	write32(n, REG_IMC, ~0u);
	write32(n, REG_CTRL, read32(n, REG_CTRL) | CTRL_SET_LINK_UP);
	write32(n, REG_MDIC, MDIC_RESTART_AUTONEGOTIATION);
	n->mem->rx[0].addr = n->iova + offsetof(struct memory, in);
	n->mem->rx[0].word2 = n->mem->rx[0].word3 = 0;
	set_ring(n, n->rx_base, n->iova + offsetof(struct memory, rx));
	set_ring(n, n->tx_base, n->iova + offsetof(struct memory, tx));
	write32(n, REG_TCTL, TCTL_ENABLE);
	write32(n, REG_RCTL, RCTL_ENABLE_ALL);
	write32(n, n->rx_base + RING_TAIL, 1);
}

static bool link_up(struct nic *n)
{
	uint64_t deadline = now_ns() + TIMEOUT_NS;

	while (!(read32(n, REG_STATUS) & STATUS_LINK_UP)) {
		if (now_ns() > deadline)
			return false;
		sleep_ms(10);
	}
	return true;
}

/* Word 2 holds length and command; igb wants its own kind of descriptor. */
static void send(struct nic *n)
{
	uint32_t eop_ifcs_rs = 0xbu << 24, advanced = 1u << 29 | 3u << 20;

	n->mem->tx[0].addr = n->iova + offsetof(struct memory, out);
	n->mem->tx[0].word2 = FRAME_SIZE | eop_ifcs_rs | (n->igb ? advanced : 0);
	n->mem->tx[0].word3 = n->igb ? FRAME_SIZE << 14 : 0;
	write32(n, n->tx_base + RING_TAIL, 1);
}

/* The "done" bit of a transmit descriptor is at the same place in both kinds. */
static bool sent(struct nic *n)
{
	return n->mem->tx[0].word3 & 1;
}

/* The received length, 0 if nothing came. */
static unsigned int received(struct nic *n)
{
	uint32_t low = n->mem->rx[0].word2, high = n->mem->rx[0].word3;

	if (n->igb)
		return low & 1 ? high & 0xffff : 0;
	return high & 1 ? low & 0xffff : 0;
}

static bool poll_until(struct nic *from, struct nic *to)
{
	uint64_t deadline = now_ns() + TIMEOUT_NS;

	while (!sent(from) || !received(to)) {
		if (now_ns() > deadline)
			return false;
		sleep_ms(5);
	}
	return true;
}

static void frame(struct nic *from, struct nic *to)
{
	uint8_t *out = (uint8_t *)(uintptr_t)from->mem->out, *in = (uint8_t *)(uintptr_t)to->mem->in;

	start(from);
	start(to);
	if (!ok(link_up(from) && link_up(to), "%s and %s: both links are up", from->sbdf, to->sbdf))
		return;
	pattern_fill(out, FRAME_SIZE, now_ns());
	memset(out, 0xff, 6);			/* to everybody */
	memcpy(out + 6, "\x52\x54\0\0\0\1\x88\xb5", 8);
	memset(in, 0, PAGE);
	send(from);
	ok(poll_until(from, to), "a frame left %s (%d) and reached %s (%u bytes)", from->sbdf,
	   sent(from), to->sbdf, received(to));
	ok(!memcmp(in, out, FRAME_SIZE), "its %u bytes are right", FRAME_SIZE);
	write32(from, REG_CTRL, read32(from, REG_CTRL) | CTRL_RESET);
	write32(to, REG_CTRL, read32(to, REG_CTRL) | CTRL_RESET);
}

static void open_nic(struct nic *n, struct container *c, unsigned int type)
{
	if (group_open(&n->g, n->sbdf) || group_join(&n->g, c) ||
	    (type && container_set_type(c, type)) || device_open(&n->d, &n->g, n->sbdf))
		die("%s can't be opened", n->sbdf);
	device_memory_decode(&n->d, true);
	n->regs = device_map_bar(&n->d, 0, NULL);
	n->mem = pages_alloc(sizeof(*n->mem));
	if (!n->regs || device_bus_master(&n->d, true))
		die("%s has no registers", n->sbdf);
	ok0(container_map(c, (void *)(uintptr_t)n->mem, n->iova, sizeof(*n->mem), RW),
	    "%s: map its rings", n->sbdf);
}

int main(int argc, char **argv)
{
	struct nic e1000e = { .iova = 0x100000, .rx_base = 0x2800, .tx_base = 0x3800 };
	struct nic igb = { .igb = true, .iova = GIB(8), .rx_base = 0xc000, .tx_base = 0xe000 };
	struct container c;

	if (argc != 3)
		die("usage: nic-frame E1000E-SBDF IGB-SBDF");
	e1000e.sbdf = argv[1];
	igb.sbdf = argv[2];
	if (container_open(&c))
		die("no container");
	open_nic(&e1000e, &c, VFIO_TYPE1v2_IOMMU);
	open_nic(&igb, &c, 0);
	frame(&e1000e, &igb);
	frame(&igb, &e1000e);
	device_close(&igb.d);
	group_close(&igb.g);
	device_close(&e1000e.d);
	group_close(&e1000e.g);
	container_close(&c);
	return tap_status();
}
