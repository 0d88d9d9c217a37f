// SPDX-License-Identifier: GPL-2.0
/*
 * Devices that firmware has reserved memory for. An xHCI can be had: a driver for its
 * shortest command, No Op, which it fetches and answers by DMA. The reserved memory
 * stays out of its address space. Any other device cannot be had.
 *
 * usage: rmrr xhci SBDF FIRST LAST	(addresses of the reserved memory)
 *	  rmrr refused SBDF
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "open.h"
#include "tap.h"
#include "util.h"

#define IOVA GIB(1)

/* xHCI 1.2, 5.3 to 5.6: registers, from the start of their part of BAR 0 */
#define DBOFF 0x14
#define RTSOFF 0x18
#define USBCMD 0x00
#define USBCMD_RUN 0x1u
#define USBCMD_RESET 0x2u
#define USBSTS 0x04
#define USBSTS_HALTED 0x1u
#define USBSTS_NOT_READY 0x800u
#define CRCR 0x18
#define CRCR_CYCLE 0x1u
#define DCBAAP 0x30
#define CONFIG 0x38
#define ERSTSZ 0x28
#define ERSTBA 0x30
#define ERDP 0x38

/* 6.4: TRBs */
#define TRB_CYCLE 0x1u
#define TRB_TYPE(control) ((control) >> 10 & 0x3f)
#define TRB_NO_OP_COMMAND 23u
#define TRB_COMMAND_COMPLETION 33u
#define TRB_CODE(status) ((status) >> 24)
#define CODE_SUCCESS 1u
#define EVENTS 16u

struct trb {
	uint64_t parameter;
	uint32_t status;
	uint32_t control;
};

/* What the controller reaches by DMA, in one mapping. */
struct memory {
	uint64_t contexts[256];
	struct {
		uint64_t base;
		uint64_t size;
	} segments[1];
	struct trb commands[16] __attribute__((aligned(64)));
	struct trb events[EVENTS] __attribute__((aligned(64)));
};

struct xhci {
	volatile uint8_t *bar, *op, *run;
	volatile uint32_t *doorbell;
	struct memory *mem;
};

static volatile uint32_t *reg(volatile uint8_t *part, unsigned int offset)
{
	return (volatile uint32_t *)(part + offset);
}

static void write64(volatile uint8_t *part, unsigned int offset, uint64_t value)
{
	*reg(part, offset) = (uint32_t)value;
	*reg(part, offset + 4) = (uint32_t)(value >> 32);
}

static uint64_t iova_of(const struct xhci *x, const void *p)
{
	return IOVA + (uint64_t)((const uint8_t *)p - (const uint8_t *)x->mem);
}

static bool wait_clear(volatile uint32_t *r, uint32_t bits)
{
	for (unsigned int ms = 0; *r & bits; ms++) {
		if (ms == 5000)
			return false;
		sleep_ms(1);
	}
	return true;
}

static bool start(struct xhci *x, volatile uint8_t *bar)
{
	x->bar = bar;
	x->op = bar + *bar;
	x->run = bar + *reg(bar, RTSOFF);
	x->doorbell = reg(bar, *reg(bar, DBOFF));
	*reg(x->op, USBCMD) = USBCMD_RESET;
	if (!wait_clear(reg(x->op, USBCMD), USBCMD_RESET) ||
	    !wait_clear(reg(x->op, USBSTS), USBSTS_NOT_READY))
		return false;
	x->mem->segments[0].base = iova_of(x, x->mem->events);
	x->mem->segments[0].size = EVENTS;
	*reg(x->op, CONFIG) = 1;
	write64(x->op, DCBAAP, iova_of(x, x->mem->contexts));
	write64(x->op, CRCR, iova_of(x, x->mem->commands) | CRCR_CYCLE);
	*reg(x->run, ERSTSZ) = 1;
	write64(x->run, ERDP, iova_of(x, x->mem->events));
	write64(x->run, ERSTBA, iova_of(x, x->mem->segments));
	*reg(x->op, USBCMD) = USBCMD_RUN;
	return wait_clear(reg(x->op, USBSTS), USBSTS_HALTED);
}

/* Its completion code, or 0 if there is none. Ports can have events as well. */
static unsigned int answer(struct xhci *x, const struct trb *command)
{
	for (unsigned int ms = 0; ms < 5000; ms++) {
		for (unsigned int i = 0; i < EVENTS; i++) {
			volatile struct trb *event = &x->mem->events[i];

			if (event->control & TRB_CYCLE &&
			    TRB_TYPE(event->control) == TRB_COMMAND_COMPLETION &&
			    event->parameter == iova_of(x, command))
				return TRB_CODE(event->status);
		}
		sleep_ms(1);
	}
	return 0;
}

static void no_op(struct xhci *x)
{
	struct trb *command = &x->mem->commands[0];

	command->control = TRB_NO_OP_COMMAND << 10 | TRB_CYCLE;
	*x->doorbell = 0;
	ok(answer(x, command) == CODE_SUCCESS, "it fetches a command and writes the answer");
}

static void keeps_out(struct container *c, uint64_t first, uint64_t last)
{
	struct iova_range ranges[16];
	int nr = container_iova_ranges(c, ranges, ARRAY_SIZE(ranges));
	void *page = pages_alloc(PAGE);
	bool meets = false;

	for (int i = 0; i < nr; i++)
		meets |= ranges[i].start <= last && first <= ranges[i].last;
	ok(nr > 1 && !meets, "the reserved memory is in none of %d ranges of iovas", nr);
	ok(container_map(c, page, first, PAGE, RW) < 0, "its first page cannot be mapped");
	ok(container_map(c, page, last + 1 - PAGE, PAGE, RW) < 0, "nor its last");
	ok0(container_map(c, page, last + 1, PAGE, RW), "the page behind it can");
	container_unmap(c, last + 1, PAGE, 0, NULL);
	pages_free(page, PAGE);
}

static void xhci(const char *sbdf, uint64_t first, uint64_t last)
{
	struct xhci x = { 0 };
	struct opened o;
	uint64_t size;
	void *bar;

	if (!ok0(opened_open(&o, sbdf), "%s can be had", sbdf))
		return;
	keeps_out(&o.container, first, last);
	x.mem = pages_alloc(sizeof(*x.mem));
	bar = device_map_bar(&o.device, 0, &size);
	if (!bar)
		die("BAR 0 of %s cannot be mapped", sbdf);
	if (ok0(container_map(&o.container, x.mem, IOVA, (sizeof(*x.mem) + PAGE - 1) & ~(PAGE - 1),
			      RW), "its rings are mapped") &&
	    ok(start(&x, bar), "it starts"))
		no_op(&x);
	opened_close(&o);
}

int main(int argc, char **argv)
{
	struct opened o;

	if (argc == 5 && !strcmp(argv[1], "xhci")) {
		xhci(argv[2], strtoull(argv[3], NULL, 16), strtoull(argv[4], NULL, 16));
	} else if (argc == 3 && !strcmp(argv[1], "refused")) {
		int ret = opened_open(&o, argv[2]);

		ok(ret == -EINVAL, "%s cannot be had: %s", argv[2], strerror(-ret));
	} else {
		die("usage: rmrr xhci SBDF FIRST LAST | refused SBDF");
	}
	return tap_status();
}
