// SPDX-License-Identifier: GPL-2.0
/* See nic.h. */
#include "nic.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "irq.h"
#include "tap.h"

#define QUIET_MS 20
#define REPEAT_MS 20

/* e1000e */
#define REG_CTRL_EXT 0x18
#define REG_ICR 0xc0
#define REG_ICS 0xc8
#define REG_IMS 0xd0
#define REG_IMC 0xd8
#define REG_EIAC_E1000E 0xdc
#define REG_IVAR 0xe4
#define CTRL_EXT_PBA_CLEAR (1u << 31)
/* Causes 20 to 24 go to vectors 0 to 4: four bits each, the highest says valid. */
#define IVAR_ONE_TO_ONE 0xcba98u
#define FIRST_CAUSE 20
#define LINK_CHANGE (1u << 2)

/* igb, and the same places in its virtual functions */
#define REG_GPIE 0x1514
#define REG_EICS 0x1520
#define REG_EIMS 0x1524
#define REG_EIMC 0x1528
#define REG_EIAC 0x152c
#define REG_EICR 0x1580
#define GPIE_MSIX (1u << 4)

struct nic_kind {
	const char *name;
	unsigned int nr_vectors;
	/* QEMU up to 10.0 sends each MSI-X again when the throttling time is over. */
	unsigned int repeats;
	void (*arm)(struct nic *n);
	void (*raise)(struct nic *n, unsigned int vector);
};

static void write32(struct nic *n, unsigned int reg, uint32_t value)
{
	*(volatile uint32_t *)(n->regs + reg) = value;
}

static uint32_t all_vectors(const struct nic *n)
{
	return (1u << n->nr_vectors) - 1;
}

static void e1000e_arm(struct nic *n)
{
	write32(n, REG_IMC, ~0u);
	write32(n, REG_ICR, ~0u);
	write32(n, REG_CTRL_EXT, CTRL_EXT_PBA_CLEAR);
	write32(n, REG_IVAR, IVAR_ONE_TO_ONE);
	write32(n, REG_EIAC_E1000E, all_vectors(n) << FIRST_CAUSE);
	write32(n, REG_IMS, all_vectors(n) << FIRST_CAUSE);
}

/* A cause that is still there would not count as a new one. */
static void e1000e_raise(struct nic *n, unsigned int vector)
{
	write32(n, REG_ICR, ~0u);
	write32(n, REG_IMS, all_vectors(n) << FIRST_CAUSE);
	write32(n, REG_ICS, 1u << (FIRST_CAUSE + vector));
}

static void igbvf_arm(struct nic *n)
{
	write32(n, REG_EIAC, all_vectors(n));
	write32(n, REG_EIMS, all_vectors(n));
}

static void igb_arm(struct nic *n)
{
	write32(n, REG_EIMC, ~0u);
	write32(n, REG_GPIE, GPIE_MSIX);
	write32(n, REG_EICR, ~0u);
	igbvf_arm(n);
}

static void igb_raise(struct nic *n, unsigned int vector)
{
	write32(n, REG_EICR, ~0u);
	write32(n, REG_EIMS, all_vectors(n));
	write32(n, REG_EICS, 1u << vector);
}

static const struct nic_kind kinds[] = {
	{ "e1000e", 5, 1, e1000e_arm, e1000e_raise },
	{ "igb", 10, 0, igb_arm, igb_raise },
	{ "igbvf", 3, 0, igbvf_arm, igb_raise },
	{ NULL, 0, 0, NULL, NULL },
};

int nic_init(struct nic *n, struct device *d, const char *kind)
{
	for (n->kind = kinds; n->kind->name; n->kind++)
		if (!strcmp(n->kind->name, kind))
			break;
	if (!n->kind->name)
		return -EINVAL;
	n->d = d;
	n->nr_vectors = n->kind->nr_vectors;
	n->regs = device_map_bar(d, 0, &n->size);
	return n->regs ? 0 : -ENXIO;
}

void nic_fini(struct nic *n)
{
	munmap((void *)(uintptr_t)n->regs, n->size);
	n->regs = NULL;
}

void nic_arm(struct nic *n)
{
	n->kind->arm(n);
}

void nic_raise(struct nic *n, unsigned int vector)
{
	n->kind->raise(n, vector);
}

void nic_arm_single(struct nic *n)
{
	write32(n, REG_IMC, ~0u);
	write32(n, REG_ICR, ~0u);
	write32(n, REG_CTRL_EXT, 0);
	write32(n, REG_IMS, LINK_CHANGE);
}

void nic_raise_single(struct nic *n)
{
	write32(n, REG_ICS, LINK_CHANGE);
}

void nic_ack_single(struct nic *n)
{
	write32(n, REG_ICR, ~0u);
}

bool nic_fires(struct nic *n, unsigned int vector, int fd)
{
	uint64_t got;

	nic_raise(n, vector);
	got = irq_wait(fd, NIC_WAIT_MS);
	if (got == 1 && n->kind->repeats)
		got += irq_wait(fd, REPEAT_MS);
	if (got >= 1 && got <= 1 + n->kind->repeats)
		return true;
	comment("vector %u arrives %llu times", vector, (unsigned long long)got);
	return false;
}

/* A repeat can be late on a busy machine, and come with the next vector. */
static bool fires_alone(struct nic *n, int *fds, unsigned int vector)
{
	bool fine = nic_fires(n, vector, fds[vector]);

	for (unsigned int i = 0; i < n->nr_vectors; i++) {
		uint64_t stray = irq_wait(fds[i], 0);

		if (stray > n->kind->repeats) {
			comment("vector %u arrives %llu times with vector %u", i,
				(unsigned long long)stray, vector);
			fine = false;
		}
	}
	return fine;
}

bool nic_all_fire(struct nic *n, int *fds)
{
	bool fine = true;

	for (unsigned int i = 0; i < n->nr_vectors; i++)
		fine &= fires_alone(n, fds, i);
	return (nic_quiet(fds, n->nr_vectors) || n->kind->repeats) && fine;
}

bool nic_quiet(const int *fds, unsigned int count)
{
	bool quiet = true;

	for (unsigned int i = 0; i < count; i++)
		quiet &= irq_wait(fds[i], i ? 0 : QUIET_MS) == 0;
	return quiet;
}
