// SPDX-License-Identifier: GPL-2.0
/*
 * The machine's interrupt lines that guests' devices are connected to.
 */
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vfio_pci_core.h>
#include <linux/workqueue.h>

#include "intx.h"
#include "lines.h"

#define LINE_MAX_PER_SECOND	10000U
#define THROTTLE_MS		50

/**
 * struct line - a line that a guest's device is connected to
 * @node:	on lines
 * @irq:	Linux's number for it
 * @guarded:	dom0 has a handler for guests' devices
 * @since:	when a second began, in jiffies
 * @nr:		how many interrupts have come in it
 * @lock:	for the handler to look at users
 * @users:	the devices; changed under lines_lock and @lock
 */
struct line {
	struct list_head node;
	unsigned int irq;
	bool guarded;
	unsigned long since;
	unsigned int nr;
	spinlock_t lock; /* see above */
	struct list_head users;
};

static LIST_HEAD(lines);
static DEFINE_MUTEX(lines_lock);

/* ---- dom0's handler ---- */

/*
 * Come back later to a device whose lock is taken, because its holder may wait
 * for this work.
 */
static bool try_release(struct line *line)
{
	struct line_user *user;
	bool all = true;

	list_for_each_entry(user, &line->users, node) {
		if (!READ_ONCE(user->throttled))
			continue;
		WRITE_ONCE(user->throttled, false);
		if (vxp_intx_try_release(user->core))
			continue;
		WRITE_ONCE(user->throttled, true);
		all = false;
	}
	return all;
}

static void release_throttled(struct work_struct *work)
{
	struct line *line;
	bool all = true;

	guard(mutex)(&lines_lock);
	list_for_each_entry(line, &lines, node)
		all &= try_release(line);
	if (!all)
		schedule_delayed_work(to_delayed_work(work),
				      msecs_to_jiffies(THROTTLE_MS));
}

static DECLARE_DELAYED_WORK(release_work, release_throttled);

static void throttle(struct line *line)
{
	struct line_user *user;

	spin_lock(&line->lock);
	list_for_each_entry(user, &line->users, node)
		if (user->core->pci_2_3 &&
		    pci_check_and_mask_intx(user->core->pdev))
			WRITE_ONCE(user->throttled, true);
	spin_unlock(&line->lock);
	schedule_delayed_work(&release_work, msecs_to_jiffies(THROTTLE_MS));
}

/*
 * Only the device could tell that it raised the interrupt, and its register is
 * slow to read. So an interrupt that no other handler claims counts as a
 * guest's.
 */
static irqreturn_t handle_shared(int irq, void *data)
{
	struct line *line = data;

	if (time_after(jiffies, line->since + HZ)) {
		line->since = jiffies;
		line->nr = 0;
	}
	if (++line->nr > LINE_MAX_PER_SECOND)
		throttle(line);
	return IRQ_HANDLED;
}

/* ---- who uses a line ---- */

static struct line *find_line(unsigned int irq)
{
	struct line *line;

	list_for_each_entry(line, &lines, node)
		if (line->irq == irq)
			return line;
	return NULL;
}

/*
 * Many drivers request their interrupt when the device is first used. This
 * driver calls vxp_line_used() for itself.
 */
static bool may_use(struct pci_dev *pdev, unsigned int irq)
{
	struct device_driver *driver = READ_ONCE(pdev->dev.driver);

	return driver && driver->owner != THIS_MODULE && pdev->pin &&
	       pdev->irq == irq && !pdev->msi_enabled && !pdev->msix_enabled;
}

static bool dom0_may_use(unsigned int irq)
{
	struct pci_dev *pdev = NULL;

	if (irq_has_action(irq))
		return true;
	for_each_pci_dev(pdev) {
		if (may_use(pdev, irq)) {
			pci_dev_put(pdev);
			return true;
		}
	}
	return false;
}

static int guard_line(struct line *line)
{
	int ret = 0;

	if (!line->guarded)
		ret = request_irq(line->irq, handle_shared, IRQF_SHARED,
				  "vfio-xen-shared", line);
	line->guarded = !ret;
	return ret;
}

void vxp_line_used(unsigned int irq)
{
	struct line *line;
	int ret;

	guard(mutex)(&lines_lock);
	line = find_line(irq);
	if (!line)
		return;
	ret = guard_line(line);
	if (ret)
		pr_warn_ratelimited("vfio-xen-pci: irq %u: cannot share the line with a guest: %d; the host may turn it off\n",
				    irq, ret);
}

static int on_pci_event(struct notifier_block *nb, unsigned long event,
			void *data)
{
	struct pci_dev *pdev = to_pci_dev(data);

	if (event == BUS_NOTIFY_BOUND_DRIVER && may_use(pdev, pdev->irq))
		vxp_line_used(pdev->irq);
	return NOTIFY_DONE;
}

static struct notifier_block pci_events = { .notifier_call = on_pci_event };

/* ---- guests' devices ---- */

static struct line *get_line(unsigned int irq)
{
	struct line *line = find_line(irq);

	if (line)
		return line;
	line = kzalloc(sizeof(*line), GFP_KERNEL_ACCOUNT);
	if (!line)
		return NULL;
	line->irq = irq;
	line->since = jiffies;
	spin_lock_init(&line->lock);
	INIT_LIST_HEAD(&line->users);
	list_add(&line->node, &lines);
	return line;
}

static void put_line(struct line *line)
{
	if (!list_empty(&line->users))
		return;
	if (line->guarded)
		free_irq(line->irq, line);
	list_del(&line->node);
	kfree(line);
}

static int share_line(struct line *line, bool share)
{
	if (!share &&
	    (!list_empty(&line->users) || irq_has_action(line->irq)))
		return -EBUSY;
	return dom0_may_use(line->irq) ? guard_line(line) : 0;
}

int vxp_line_take(struct vfio_pci_core_device *core, struct line_user *user,
		  bool share)
{
	struct line *line;
	int ret;

	lockdep_assert_held(&core->igate);

	guard(mutex)(&lines_lock);
	line = get_line(core->pdev->irq);
	if (!line)
		return -ENOMEM;
	ret = share_line(line, share);
	if (ret) {
		put_line(line);
		return ret;
	}
	user->core = core;
	user->line = line;
	user->throttled = false;
	spin_lock_irq(&line->lock);
	list_add(&user->node, &line->users);
	spin_unlock_irq(&line->lock);
	return 0;
}

void vxp_line_release(struct line_user *user)
{
	struct line *line = user->line;

	guard(mutex)(&lines_lock);
	spin_lock_irq(&line->lock);
	list_del(&user->node);
	spin_unlock_irq(&line->lock);
	user->line = NULL;
	put_line(line);
}

int vxp_lines_init(void)
{
	return bus_register_notifier(&pci_bus_type, &pci_events);
}

void vxp_lines_exit(void)
{
	bus_unregister_notifier(&pci_bus_type, &pci_events);
	cancel_delayed_work_sync(&release_work);
}
