// SPDX-License-Identifier: GPL-2.0
/*
 * The interrupts of an edu device: MSI and INTx, counted one for one.
 *
 * usage: edu-irq SBDF [RAISES]
 *        edu-irq SBDF hold	enable the MSI, raise it once and once more for
 *				each line on stdin, and wait to be killed
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "irq.h"
#include "session.h"
#include "tap.h"
#include "util.h"

#define IOVA GIB(4)
#define WAIT_MS 3000

static struct session s;
static uint8_t *va;

static void raise(void)
{
	edu_irq_raise(&s.m.edu);
}

static void ack(void)
{
	edu_irq_ack(&s.m.edu);
}

/* Raise and wait, @n times. INTx comes masked and has to be unmasked. */
static unsigned int count_raises(unsigned int index, int fd, unsigned int n)
{
	unsigned int got = 0;

	for (unsigned int i = 0; i < n; i++) {
		raise();
		got += (unsigned int)irq_wait(fd, WAIT_MS);
		if (got != i + 1)
			break;
		ack();
		if (index == VFIO_PCI_INTX_IRQ_INDEX)
			irq_unmask(&s.m.device, index, 0);
	}
	return got;
}

static void one_for_one(unsigned int index, const char *name, unsigned int n)
{
	unsigned int got;
	int fd;

	if (!ok0(irq_enable(&s.m.device, index, 0, 1, &fd), "%s: enable", name))
		return;
	got = count_raises(index, fd, n);
	ok(got == n, "%s: %u of %u raises arrive, one each", name, got, n);
	ok(irq_wait(fd, 50) == 0, "%s: and no more", name);
	ok0(irq_loopback(&s.m.device, index, 0), "%s: loopback trigger", name);
	ok(irq_wait(fd, WAIT_MS) == 1, "%s: arrives", name);
	ok0(irq_disable(&s.m.device, index), "%s: disable", name);
	raise();
	ok(irq_wait(fd, 50) == 0, "%s: nothing arrives after that", name);
	ack();
	irq_close(&fd, 1);
}

/* The kernel's side of a vector changes while DMA is under way. */
static void change_during_dma(void)
{
	const unsigned int index = VFIO_PCI_MSI_IRQ_INDEX;
	unsigned int bad = 0, failed = 0;
	int fd;

	for (unsigned int i = 0; i < 20; i++) {
		pattern_fill(va, PAGE, i);
		failed += edu_load(&s.m.edu, IOVA, 0, EDU_MEM) != 0;
		pattern_fill(va + PAGE, PAGE, ~i);
		edu_start(&s.m.edu, IOVA + PAGE, 0, EDU_MEM, true);
		failed += irq_enable(&s.m.device, index, 0, 1, &fd) != 0;
		raise();
		failed += irq_wait(fd, WAIT_MS) != 1;
		ack();
		failed += irq_disable(&s.m.device, index) != 0;
		irq_close(&fd, 1);
		failed += edu_wait(&s.m.edu) != 0;
		bad += pattern_check(va + PAGE, PAGE, i) != PAGE;
	}
	ok(!failed, "20 changes of the vector during DMA");
	ok(!bad, "and no write of the device is lost");
}

static void hold(void)
{
	char line[16];
	int fd;

	if (irq_enable(&s.m.device, VFIO_PCI_MSI_IRQ_INDEX, 0, 1, &fd))
		die("no MSI");
	raise();
	comment("holding");
	while (fgets(line, sizeof(line), stdin)) {
		ack();
		raise();
	}
	for (;;)
		pause();
}

static void open_all(const char *sbdf)
{
	session_must_open(&s, sbdf);
	ok0(container_map(&s.container, va, IOVA, 2 * PAGE, RW), "map");
}

int main(int argc, char **argv)
{
	unsigned int n = argc > 2 ? (unsigned int)atoi(argv[2]) : 10000;

	if (argc < 2)
		die("usage: edu-irq SBDF [RAISES | hold]");
	va = pages_alloc(2 * PAGE);
	open_all(argv[1]);
	if (argc > 2 && !strcmp(argv[2], "hold"))
		hold();
	ok(irq_count(&s.m.device, VFIO_PCI_MSI_IRQ_INDEX, NULL) == 1, "there is one MSI");
	ok(irq_count(&s.m.device, VFIO_PCI_INTX_IRQ_INDEX, NULL) == 1, "and INTx");
	one_for_one(VFIO_PCI_MSI_IRQ_INDEX, "MSI", n);
	one_for_one(VFIO_PCI_INTX_IRQ_INDEX, "INTx", n);
	one_for_one(VFIO_PCI_MSI_IRQ_INDEX, "MSI again", 10);
	change_during_dma();
	session_close(&s);
	return tap_status();
}
