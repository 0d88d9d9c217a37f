// SPDX-License-Identifier: GPL-2.0
/*
 * A guest's driver of QEMU's edu device, which has none in Linux.  It tries
 * MMIO, DMA and interrupts on each device that it finds; how many devices have
 * passed or failed is in its parameters, and why in the kernel's log.
 */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/iopoll.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/random.h>
#include <linux/slab.h>

#define EDU_ID			0x00
#define EDU_ID_VALUE		0x010000ed
#define EDU_INVERT		0x04
#define EDU_IRQ_STATUS		0x24
#define EDU_IRQ_RAISE		0x60
#define EDU_IRQ_ACK		0x64
#define EDU_DMA_SOURCE		0x80
#define EDU_DMA_TARGET		0x88
#define EDU_DMA_SIZE		0x90
#define EDU_DMA_COMMAND		0x98
#define EDU_DMA_START		1
#define EDU_DMA_TO_MEMORY	2
#define EDU_BUFFER		0x40000
#define EDU_BUFFER_SIZE		4096

static bool msi = true;
module_param(msi, bool, 0644);
MODULE_PARM_DESC(msi, "by MSI, not INTx");
static uint interrupts = 10;
module_param(interrupts, uint, 0644);
MODULE_PARM_DESC(interrupts, "how many of each device");
static bool unserved;
module_param(unserved, bool, 0644);
MODULE_PARM_DESC(unserved, "assert INTx and do nothing about it");
static uint passed;
module_param(passed, uint, 0444);
static uint failed;
module_param(failed, uint, 0444);

struct edu {
	struct pci_dev *pdev;
	void __iomem *regs;
	struct completion raised;
	unsigned int nr_irqs;
	s64 slowest_us;
};

static irqreturn_t edu_irq(int irq, void *data)
{
	struct edu *edu = data;
	u32 status = readl(edu->regs + EDU_IRQ_STATUS);

	if (!status)
		return IRQ_NONE;
	writel(status, edu->regs + EDU_IRQ_ACK);
	edu->nr_irqs++;
	complete(&edu->raised);
	return IRQ_HANDLED;
}

static int try_mmio(struct edu *edu)
{
	u32 value;

	if (readl(edu->regs + EDU_ID) != EDU_ID_VALUE)
		return -ENODEV;
	writel(0x12345678, edu->regs + EDU_INVERT);
	value = readl(edu->regs + EDU_INVERT);
	return value == ~0x12345678U ? 0 : -EIO;
}

static int copy(struct edu *edu, u64 source, u64 target, u64 command)
{
	u64 state;

	writeq(source, edu->regs + EDU_DMA_SOURCE);
	writeq(target, edu->regs + EDU_DMA_TARGET);
	writeq(EDU_BUFFER_SIZE - 4, edu->regs + EDU_DMA_SIZE);
	writeq(command | EDU_DMA_START, edu->regs + EDU_DMA_COMMAND);
	return readq_poll_timeout(edu->regs + EDU_DMA_COMMAND, state,
				  !(state & EDU_DMA_START), 1000, 10000000);
}

/* There and back again, from one half of the memory to the other. */
static int try_dma(struct edu *edu)
{
	struct device *dev = &edu->pdev->dev;
	dma_addr_t address;
	u8 *memory;
	int err;

	memory = dma_alloc_coherent(dev, 2 * EDU_BUFFER_SIZE, &address, GFP_KERNEL);
	if (!memory)
		return -ENOMEM;
	get_random_bytes(memory, EDU_BUFFER_SIZE);
	err = copy(edu, address, EDU_BUFFER, 0);
	if (!err)
		err = copy(edu, EDU_BUFFER, address + EDU_BUFFER_SIZE, EDU_DMA_TO_MEMORY);
	if (!err && memcmp(memory, memory + EDU_BUFFER_SIZE, EDU_BUFFER_SIZE - 4))
		err = -EIO;
	dma_free_coherent(dev, 2 * EDU_BUFFER_SIZE, memory, address);
	return err;
}

static int raise_all(struct edu *edu)
{
	unsigned int i;

	edu->slowest_us = 0;
	for (i = 0; i < interrupts; i++) {
		ktime_t began = ktime_get();

		reinit_completion(&edu->raised);
		writel(1, edu->regs + EDU_IRQ_RAISE);
		if (!wait_for_completion_timeout(&edu->raised, 5 * HZ))
			return -ETIMEDOUT;
		edu->slowest_us = max(edu->slowest_us,
				      ktime_us_delta(ktime_get(), began));
	}
	return edu->nr_irqs == interrupts ? 0 : -EIO;
}

static int try_irqs(struct edu *edu)
{
	struct pci_dev *pdev = edu->pdev;
	int err;

	err = pci_alloc_irq_vectors(pdev, 1, 1, msi ? PCI_IRQ_MSI : PCI_IRQ_INTX);
	if (err < 0)
		return err;
	err = request_irq(pci_irq_vector(pdev, 0), edu_irq, msi ? 0 : IRQF_SHARED,
			  "guest-edu", edu);
	if (!err) {
		err = raise_all(edu);
		free_irq(pci_irq_vector(pdev, 0), edu);
	}
	pci_free_irq_vectors(pdev);
	return err;
}

static int try_all(struct edu *edu)
{
	struct device *dev = &edu->pdev->dev;
	int err = try_mmio(edu);

	dev_info(dev, "MMIO: %d\n", err);
	if (err)
		return err;
	err = try_dma(edu);
	dev_info(dev, "DMA: %d\n", err);
	if (err)
		return err;
	err = try_irqs(edu);
	dev_info(dev, "%s: %u of %u interrupts, the slowest after %lld us: %d\n",
		 msi ? "MSI" : "INTx", edu->nr_irqs, interrupts,
		 edu->slowest_us, err);
	return err;
}

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct edu *edu = devm_kzalloc(&pdev->dev, sizeof(*edu), GFP_KERNEL);
	int err;

	if (!edu)
		return -ENOMEM;
	edu->pdev = pdev;
	init_completion(&edu->raised);
	err = pcim_enable_device(pdev);
	if (!err)
		err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (err)
		return err;
	edu->regs = pcim_iomap(pdev, 0, 0);
	if (!edu->regs)
		return -ENOMEM;
	pci_set_master(pdev);
	pci_set_drvdata(pdev, edu);
	if (unserved) {
		writel(1, edu->regs + EDU_IRQ_RAISE);
		return 0;
	}
	if (try_all(edu))
		failed++;
	else
		passed++;
	return 0;
}

/* As any driver does that leaves a device in peace. */
static void edu_remove(struct pci_dev *pdev)
{
	struct edu *edu = pci_get_drvdata(pdev);

	writel(~0U, edu->regs + EDU_IRQ_ACK);
	pci_clear_master(pdev);
}

static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ }
};
MODULE_DEVICE_TABLE(pci, edu_ids);

static struct pci_driver edu_driver = {
	.name = "guest-edu",
	.id_table = edu_ids,
	.probe = edu_probe,
	.remove = edu_remove,
};
module_pci_driver(edu_driver);

MODULE_DESCRIPTION("Tries QEMU's edu device in a guest");
MODULE_LICENSE("GPL");
