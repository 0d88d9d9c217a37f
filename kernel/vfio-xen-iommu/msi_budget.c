// SPDX-License-Identifier: GPL-2.0
/*
 * The number of MSIs that dom0 can still get.
 *
 * Xen does not tell it. But Xen gives an MSI the highest free number: all
 * numbers above are in use, and those below are free, unless Linux or a device
 * here has them.
 */
#include <linux/bitmap.h>
#include <linux/irq.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/string.h>

#include <xen/events.h>

#include "msi_budget.h"

/* Xen has no more, whatever its command line says. */
#define MAX_PIRQS	32768
#define MAX_LEGACY_IRQS	16

static unsigned int msi_reserve = 16;
module_param(msi_reserve, uint, 0644);
MODULE_PARM_DESC(msi_reserve,
		 "How many MSIs are kept for the host's own drivers (default 16)");

static DECLARE_BITMAP(ours, MAX_PIRQS);

static bool is_xen(const struct irq_chip *chip)
{
	return chip && chip->name && strstarts(chip->name, "xen-");
}

static bool is_pirq(const struct irq_chip *chip)
{
	return is_xen(chip) && !strcmp(chip->name, "xen-pirq");
}

/*
 * MSIs begin after the interrupt lines, as do Linux's numbers for event
 * channels.
 */
static unsigned int first_msi(void)
{
	const struct irq_chip *chip;
	unsigned int irq;

	for_each_irq_nr(irq) {
		chip = irq_get_chip(irq);
		if (irq >= MAX_LEGACY_IRQS && is_xen(chip) && !is_pirq(chip))
			return irq;
	}
	return MAX_LEGACY_IRQS;
}

static unsigned int nr_of_linux(unsigned int first, unsigned int end)
{
	const struct irq_chip *chip;
	unsigned int irq, pirq, nr = 0;

	for_each_irq_nr(irq) {
		chip = irq_get_chip(irq);
		if (!is_pirq(chip))
			continue;
		pirq = xen_pirq_from_irq(irq);
		nr += pirq >= first && pirq < end;
	}
	return nr;
}

static unsigned int nr_of_ours(unsigned int first, unsigned int end)
{
	unsigned int pirq = first, nr = 0;

	for_each_set_bit_from(pirq, ours, end)
		nr++;
	return nr;
}

void vxi_msi_budget_take(int pirq)
{
	if (pirq >= 0 && pirq < MAX_PIRQS)
		__set_bit(pirq, ours);
}

int vxi_msi_budget_left(int pirq)
{
	unsigned int first = first_msi();
	int nr_free;

	if (pirq < 0 || pirq >= MAX_PIRQS || pirq < first)
		return 0;
	nr_free = pirq - first - nr_of_linux(first, pirq) -
		  nr_of_ours(first, pirq);
	return nr_free - (int)min_t(unsigned int, msi_reserve, MAX_PIRQS);
}

void vxi_msi_budget_put(int pirq)
{
	if (pirq >= 0 && pirq < MAX_PIRQS)
		__clear_bit(pirq, ours);
}
