// SPDX-License-Identifier: GPL-2.0
/*
 * Names of shell domains: /local/domain/<domid>/name in xenstore.
 */
#include <linux/err.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include <xen/xenbus.h>

#include "name.h"

struct name_work {
	struct work_struct work;
	domid_t domid;
	bool remove;
	char name[SHELL_NAME_LEN];
};

static struct workqueue_struct *name_wq;
static bool xenstore_ready;

/*
 * By the time this runs another domain may have the domid. So only a name that
 * this module wrote is removed, and the same transaction checks that.
 */
static int remove_if_ours(struct xenbus_transaction xbt, const char *dir,
			  const char *name)
{
	char *found = xenbus_read(xbt, dir, "name", NULL);
	bool ours;

	if (IS_ERR(found))
		return PTR_ERR(found);
	ours = !strcmp(found, name);
	kfree(found);
	return ours ? xenbus_rm(xbt, dir, "") : -ENOENT;
}

static void name_work_fn(struct work_struct *work)
{
	struct name_work *job = container_of(work, struct name_work, work);
	struct xenbus_transaction xbt;
	char dir[32];
	int ret;

	snprintf(dir, sizeof(dir), "/local/domain/%u", job->domid);
	do {
		ret = xenbus_transaction_start(&xbt);
		if (ret)
			break;
		if (job->remove)
			ret = remove_if_ours(xbt, dir, job->name);
		else
			ret = xenbus_printf(xbt, dir, "name", "%s", job->name);
		ret = xenbus_transaction_end(xbt, ret != 0);
	} while (ret == -EAGAIN);
	kfree(job);
}

static void name_queue(domid_t domid, const char *name, bool remove)
{
	struct name_work *job;

	if (!READ_ONCE(xenstore_ready))
		return;
	job = kzalloc(sizeof(*job), GFP_KERNEL);
	if (!job)
		return;
	INIT_WORK(&job->work, name_work_fn);
	job->domid = domid;
	job->remove = remove;
	strscpy(job->name, name);
	queue_work(name_wq, &job->work);
}

void vxi_name_set(domid_t domid, const char *name)
{
	name_queue(domid, name, false);
}

void vxi_name_remove(domid_t domid, const char *name)
{
	name_queue(domid, name, true);
}

static int on_xenstore_ready(struct notifier_block *nb, unsigned long event,
			     void *data)
{
	WRITE_ONCE(xenstore_ready, true);
	return NOTIFY_DONE;
}

static struct notifier_block xenstore_nb = { .notifier_call = on_xenstore_ready };

int vxi_name_init(void)
{
	name_wq = alloc_ordered_workqueue("vfio-xen-iommu", 0);
	if (!name_wq)
		return -ENOMEM;
	/* Calls back at once if xenstored is running already. */
	return register_xenstore_notifier(&xenstore_nb);
}

void vxi_name_exit(void)
{
	unregister_xenstore_notifier(&xenstore_nb);
	destroy_workqueue(name_wq);
}
